"""A bare blocking socket that asks one URL again and again, and says how long that took.

python -m tests.bench.bare http://127.0.0.1:8080/alwayshappy 20 0.5
"""

import json
import sys
import time

from tests.bench.floor import Asked, ask


def main(url: str, seconds: float, interval: float) -> None:
    """Ask ``url`` every ``interval`` seconds for so many; print durations in seconds."""
    asked = Asked.of(url, None)
    until = time.monotonic() + seconds
    durations = []
    while time.monotonic() < until:
        began = time.perf_counter()
        ask(asked)
        durations.append(time.perf_counter() - began)
        time.sleep(interval)
    print(json.dumps(durations), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))
