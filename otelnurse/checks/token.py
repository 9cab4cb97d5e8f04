"""The service account's bearer token, which the kubelet rotates while the nurse runs."""

import errno
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from otelnurse.stamp import Stamp, stamp

_BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""RFC 6750, section 2.1; a header made of anything else would be refused, and the refusal would show it."""

MAX_SIZE = 65_536
"""Bytes of a token file; what is larger is none."""


class Token:
    """Reads the token file again whenever it has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: Stamp | None = None
        self._headers: Mapping[str, str] = {}

    def headers(self) -> Mapping[str, str]:
        """The Authorization header to send (RFC 6750); an ``OSError`` names the file that cannot be read."""
        # A stat of a file in memory, as the kubelet mounts it: microseconds, so the loop may wait for it.
        try:
            status = self._path.stat()
            now = stamp(status)
            if now != self._stamp:
                if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_SIZE:
                    raise OSError(errno.EINVAL, f"it is no regular file of at most {MAX_SIZE} bytes")
                with self._path.open("rb") as file:
                    token = file.read(MAX_SIZE).decode("ascii", errors="replace").strip()
                if not _BEARER.fullmatch(token):
                    raise OSError(errno.EINVAL, "what it holds is no bearer token")
                self._headers = {"Authorization": f"Bearer {token}"}
                self._stamp = now
        except OSError as error:
            raise OSError(f"token file {self._path} cannot be read: {error.strerror}") from error
        return self._headers
