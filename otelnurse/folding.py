"""Log lines that come again and again: a library's while its collector is away, or the traceback of a fault of ours."""

import logging
import time
from collections.abc import Callable, Hashable

FOLD_SECONDS = 60.0


class FoldRepeats(logging.Filter):
    """Lets the same line through once a minute; the next one says how many it stands for.

    The same is, of a library, what was written with the same format string, whatever stood in it; and of our own
    lines, which fold themselves by what they are about, only one with a traceback, word for word.
    """

    def __init__(self, own: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Lines of loggers below ``own`` are our own."""
        super().__init__()
        self._own = f"{own}."
        self._clock = clock
        self._told: dict[Hashable, tuple[float, int]] = {}
        """When each line was last written, and how many have not been since."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it is to be written."""
        ours = record.name.startswith(self._own)
        if ours and not record.exc_info:
            return True
        now, line = self._clock(), (record.name, record.getMessage() if ours else record.msg)
        since, kept_back = self._told.get(line, (now - FOLD_SECONDS, 0))
        if now - since < FOLD_SECONDS:
            self._told[line] = since, kept_back + 1
            return False
        # What is not written again soon is forgotten, with those of it that were kept back.
        self._told = {it: told for it, told in self._told.items() if now - told[0] < FOLD_SECONDS * 2}
        self._told[line] = now, 0
        if kept_back:
            record.msg, record.args = f"{record.getMessage()} ({kept_back} more since the last such line)", None
        return True
