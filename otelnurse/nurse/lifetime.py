"""A nurse as a process: its log, its signals and its exit code."""

import logging
import os
import sys
from typing import NoReturn

import anyio

from otelnurse import __version__
from otelnurse.logs import configure
from otelnurse.nurse.nurse import Nurse
from otelnurse.settings import Loaded
from otelnurse.signals import STOP, let_through
from otelnurse.web.listen import ListenError

_log = logging.getLogger(__name__)
_CANNOT_START = 2
_SWITCH_INTERVAL = 0.0002
"""Seconds after which Python takes the interpreter from a thread that encodes spans and gives it to the loop;
at Python's own 5 ms a check that is answered meanwhile could be seen as late as that."""
_AT_ONCE = 1
"""Exit code after a second signal: something may have been lost."""


def run(loaded: Loaded) -> int:
    """Make rounds until a signal says stop; 0 after a clean stop, 2 when the start failed.

    Signals that are held back (:mod:`otelnurse.signals`) are obeyed as soon as there is something to stop.
    """
    share_interpreter()
    settings = loaded.settings
    configure(settings.log_format, settings.log_level)
    for warning in loaded.warnings:
        _log.warning(warning)
    try:
        nurse = Nurse(settings)
    except (ListenError, ValueError, OSError) as error:
        _log.error("cannot start: %s", error)
        return _CANNOT_START
    _log.info(
        "otelnurse %s on node %s listens on %s port %s", __version__, settings.node_name, nurse.address, nurse.port
    )
    return anyio.run(_live, nurse, backend_options={"use_uvloop": sys.platform != "win32"})


def share_interpreter() -> None:
    """Let no thread of this process keep the loop waiting for long."""
    sys.setswitchinterval(_SWITCH_INTERVAL)


async def _live(nurse: Nurse) -> int:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_obey, nurse)
        await nurse.run()
        tasks.cancel_scope.cancel()
    return _leave(0)


async def _obey(nurse: Nurse) -> None:
    """Stop at the first signal, and drop everything at the second."""
    with anyio.open_signal_receiver(*STOP) as signals:
        let_through()
        told = False
        async for number in signals:
            if told:
                _log.warning("%s again: stopping at once", number.name)
                _leave(_AT_ONCE)
            told = True
            _log.info("%s: stopping", number.name)
            nurse.stop()


def _leave(code: int) -> NoReturn:
    """End now: a thread that hangs, in a dead file system or nameserver, would hold up the end for as long."""
    logging.shutdown()
    os._exit(code)
