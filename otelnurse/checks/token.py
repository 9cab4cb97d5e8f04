"""The service account's bearer token, which the kubelet rotates while the nurse runs."""

import errno
import re
from collections.abc import Mapping
from pathlib import Path

from otelnurse.stamp import Stamp, stamp

_BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""RFC 6750, section 2.1; a header made of anything else would be refused, and the refusal would show it."""


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
            now = stamp(self._path.stat())
            if now != self._stamp:
                token = self._path.read_text("ascii", errors="replace").strip()
                if not _BEARER.fullmatch(token):
                    raise OSError(errno.EINVAL, "what it holds is no bearer token")
                self._headers = {"Authorization": f"Bearer {token}"}
                self._stamp = now
        except OSError as error:
            raise OSError(f"token file {self._path} cannot be read: {error.strerror}") from error
        return self._headers
