"""Waiting for something outside to become true: polls, and gives up at a generous outer deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_PAUSE = 0.02
"""Seconds: short enough not to be noticed, long enough to leave the cores to what is waited for."""


def eventually(look: Callable[[], T | None], *, what: str, within: float = 30.0, pause: float = _PAUSE) -> T:
    """Return the first truthy answer of `look`.

    Args:
        look: asked again and again; must not raise.
        what: the end of the sentence "gave up waiting for ...".
        within: seconds; an outer deadline for a loaded machine, not an expectation.
        pause: seconds between two looks.

    Raises:
        TimeoutError: it never was; names `what` and the last answer.
    """
    deadline = time.monotonic() + within
    while True:
        answer = look()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"gave up waiting for {what} after {within} s; the last answer was {answer!r}")
        time.sleep(pause)
