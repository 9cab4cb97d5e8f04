"""What tells one state of a file from another, for all that read a file again when it has changed."""

import os

Stamp = tuple[int, int, int, int]
"""Device, inode, bytes, nanosecond of the last modification."""


def stamp(status: os.stat_result) -> Stamp:
    """Make the stamp of a file's present state from its ``stat``."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
