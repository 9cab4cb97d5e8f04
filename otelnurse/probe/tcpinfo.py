"""What the kernel knows of a connection that this process cannot see.

Offsets are those of ``struct tcp_info`` and the socket options those of Linux (include/uapi/linux/tcp.h and
include/uapi/asm-generic/socket.h). An older kernel returns a shorter struct; what it lacks is ``None``. Other systems
have neither, and everything here answers None.
"""

import socket
import struct
import sys
import time
from contextlib import suppress

from otelnurse.probe.timeline import TcpInfo

_LINUX = sys.platform == "linux"
_SIZE = 280
_RTT = 68  # u32, us
_TOTAL_RETRANS = 100  # u32, segments, SYNs included
_SEGS_OUT = 136  # u32, segments
_MIN_RTT = 148  # u32, us; all ones before the first sample
_NO_SAMPLE = 0xFFFFFFFF
_US = 1e-6

_SO_TIMESTAMPNS = 35
_TIMESPEC = struct.Struct("@ll")
_ANCILLARY = 64  # room for one control message with a timespec
_TLS_RECORD = 16_384 + 256  # RFC 8446, section 5.2


def read_tcp_info(sock: socket.socket) -> TcpInfo | None:
    """Read the kernel's counters of ``sock``; call it before closing, also after a connect that timed out."""
    if not _LINUX:
        return None
    try:
        raw = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _SIZE)
    except OSError:
        return None
    rtt, retransmits = _u32(raw, _RTT), _u32(raw, _TOTAL_RETRANS)
    if rtt is None or retransmits is None:
        return None
    min_rtt = _u32(raw, _MIN_RTT)
    return TcpInfo(
        rtt=rtt * _US,
        min_rtt=None if min_rtt in (None, _NO_SAMPLE) else min_rtt * _US,
        retransmits=retransmits,
        segments_sent=_u32(raw, _SEGS_OUT),
    )


def _u32(raw: bytes, offset: int) -> int | None:
    return int.from_bytes(raw[offset : offset + 4], sys.byteorder) if len(raw) >= offset + 4 else None


def ask_for_timestamps(sock: socket.socket) -> None:
    """Have the kernel note when data arrives on ``sock``, for :func:`arrival_lag`; one that cannot is no failure."""
    if _LINUX:
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)


class Timestamping:
    """Keeps the kernel stamping what arrives for as long as this is open, whoever else asks for it.

    Linux patches its own code, a little later, when the first socket asks for stamps, and again when none is left
    (net_enable_timestamp in net/core/dev.c). Until then a stamp is made when it is asked for: without this, of 40
    answers looked at 20 ms late 14 seemed to have just come. And the patching is measured with whatever runs meanwhile:
    in short runs it was about a tenth of the median of a loopback request.
    """

    def __init__(self) -> None:
        self._sock: socket.socket | None = None
        with suppress(OSError):  # a kernel without IPv4 stamps all the same, connection by connection
            self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            ask_for_timestamps(self._sock)

    def close(self) -> None:
        """Let the kernel stop, unless somebody else asks for stamps."""
        if self._sock is not None:
            self._sock.close()
            self._sock = None


def arrival_lag(sock: socket.socket, *, last: bool = False) -> int | None:
    """How many nanoseconds ago the data that waits on ``sock`` reached the kernel; reads none of it.

    The stamp is the first segment's, or with ``last`` the last one's within a TLS record: under TLS the first may be
    a session ticket that came before the response. None when the kernel does not say, nothing waits, or the wall
    clock was set back meanwhile. Raises ``OSError`` as reading would: an error that waits on a socket is told once, so
    that whoever swallowed it here would make an orderly end of a reset.
    """
    if not _LINUX:
        return None
    try:
        # The base class's method: an SSLSocket forbids its own, since it would read encrypted bytes, as we want to.
        _, control, _, _ = socket.socket.recvmsg(sock, _TLS_RECORD if last else 1, _ANCILLARY, socket.MSG_PEEK)
        now = time.time_ns()
    except BlockingIOError:
        return None
    for _, kind, value in control:
        if kind == _SO_TIMESTAMPNS and len(value) == _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack(value)
            lag: int = now - (seconds * 1_000_000_000 + nanoseconds)
            return lag if lag >= 0 else None
    return None
