"""A nurse that says how late it was when it is told to stop (TERM); settings come from the environment.

OTELNURSE_...=... python -m tests.bench.feverish
"""

import json
import os
import signal

import anyio

from otelnurse.checks.loopback import LOOPBACK
from otelnurse.nurse.lifetime import share_interpreter
from otelnurse.nurse.nurse import Nurse
from otelnurse.settings import load


async def main() -> None:
    """Print the lag of each check and the duration of each loopback probe, seconds, as far back as the history goes."""
    share_interpreter()
    nurse = Nurse(load(os.environ).settings)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(nurse.run)
        with anyio.open_signal_receiver(signal.SIGTERM) as signals:
            await anext(signals)
        runs = {name: nurse.history.runs(name) for name in nurse.history.latest()}
        tasks.cancel_scope.cancel()
    told = {
        "lags": [run.lag for of_one in runs.values() for run in of_one if run.lag is not None],
        "loopback": [run.duration for run in runs[LOOPBACK] if run.ok],
    }
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    anyio.run(main, backend_options={"use_uvloop": True})
