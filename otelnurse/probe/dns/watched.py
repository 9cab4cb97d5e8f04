"""A small configuration file that is read again when it changes, and whose last good state outlives it."""

import logging
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from otelnurse.stamp import Stamp, stamp

T = TypeVar("T")
_logger = logging.getLogger(__name__)

MAX_SIZE = 1 << 20
"""Octets; a larger file is refused, so that memory and the time to parse it stay bounded."""


class WatchedFile(Generic[T]):
    """What a file says, by ``parse``, as of now.

    One ``stat`` for each look, and a read only when inode, size or time of change differ. Both are calls of
    microseconds on local files, too short to be worth a thread. A file that is gone, unreadable, too large or blank
    (as one is while it is being rewritten) changes nothing, and is told of once in the log.
    """

    def __init__(self, path: Path, parse: Callable[[str], T], default: T) -> None:
        """``default`` stands for the file until it was read once; ``parse`` must not raise."""
        self._path = path
        self._parse = parse
        self._current = default
        self._seen: Stamp | None = None
        self._complaint = ""

    def current(self) -> T:
        """The content, or what it last was."""
        try:
            status = self._path.stat()
            if stamp(status) != self._seen:
                self._read(status)
        except OSError as error:
            self._seen = None
            self._complain(error.strerror or str(error))
        return self._current

    def _read(self, status: os.stat_result) -> None:
        self._seen = stamp(status)
        if not stat.S_ISREG(status.st_mode):
            # Opening a FIFO would wait for its writer.
            self._complain("not a regular file")
            return
        with self._path.open("rb") as file:
            self._seen = stamp(os.fstat(file.fileno()))
            content = file.read(MAX_SIZE + 1)
        if len(content) > MAX_SIZE:
            self._complain(f"larger than {MAX_SIZE} octets")
        elif not content.strip():
            self._complain("empty")
        else:
            self._current = self._parse(content.decode("utf-8", "replace"))
            if self._complaint:
                _logger.info("%s is read again", self._path)
            self._complaint = ""

    def _complain(self, reason: str) -> None:
        if reason != self._complaint:
            _logger.warning("%s is of no use now (%s): going on with what was known before", self._path, reason)
        self._complaint = reason
