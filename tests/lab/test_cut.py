"""Paths that are cut: in the middle of a response, and for a while."""

import fcntl
import socket
import struct
import termios
from contextlib import ExitStack

import pytest

from tests.parts.lab_nurse import PORT, lab_nurse
from tests.parts.peers import Happy, peer
from tests.parts.waiting import eventually

HEAD, BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", b"0123456789"


@pytest.mark.parametrize(
    ("before", "phase", "seen"),
    [
        pytest.param(b"", "wait", "before the response", id="before the first byte"),
        pytest.param(HEAD + BODY[:5], "receive", "in the body", id="in the middle of the body"),
    ],
)
def test_a_path_cut_under_a_response_is_a_response_that_does_not_end(lab, tmp_path, before, phase, seen):
    """The failure is a response_timeout of the phase that was cut off, not one of connecting, which went well."""
    nurse_machine, service = lab.machine("nurse"), lab.machine("service")

    class Cut(Happy):
        """Sends ``before``, then cuts the way back of this connection, and sends the rest."""

        def do_GET(self):  # noqa: N802  # the base class's name for it
            """Answer."""
            self.wfile.write(before)
            eventually(lambda: _unacknowledged(self.connection) == 0, what=f"the nurse to have what comes {seen}")
            nurse_machine.lose(source=service.ipv4, protocol="tcp", port=self.client_address[1])
            self.wfile.write((HEAD + BODY).removeprefix(before))
            # So that nothing is left that the kernel would go on sending after the test.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with ExitStack() as stack:
        stack.enter_context(peer(service, Cut))
        environ = {"OTELNURSE_CHECK_INTERVAL": "500ms", "OTELNURSE_CHECK_TIMEOUT": "1s"}
        neighbours = {"cut": f"{service.ipv4}:{PORT}"}
        nurse = stack.enter_context(lab_nurse(nurse_machine, tmp_path, environ, neighbours))
        readings = nurse.until(lambda it: it.path("failures", "cut") >= 2, what="two failures")

        assert readings.errors(otelnurse_check_type="path").keys() == {"response_timeout"}
        assert readings.path("checks", "cut") == readings.path("failures", "cut")
        assert readings.path("syn_retransmitted", "cut") == 0
        assert nurse.verdicts()["path_cut"] == f"response_timeout: {phase}: no end within 1 s"


def test_a_node_that_was_cut_off_is_missed_for_as_many_rounds_and_no_more(lab, tmp_path):
    """Each round has one check of the node; those that it did not get to answer failed, and no others did."""
    with ExitStack() as stack:
        nurse_machine, cut, other = (lab.machine(label) for label in ("nurse", "cut", "other"))
        answers = {"cut": stack.enter_context(peer(cut)), "other": stack.enter_context(peer(other))}
        # Shorter than the interval, so that every round makes a check of its own.
        environ = {"OTELNURSE_CHECK_INTERVAL": "500ms", "OTELNURSE_CHECK_TIMEOUT": "400ms"}
        neighbours = {"cut": f"{cut.ipv4}:{PORT}", "other": f"{other.ipv4}:{PORT}"}
        nurse = stack.enter_context(lab_nurse(nurse_machine, tmp_path, environ, neighbours))
        nurse.until(lambda it: it.path("checks", "cut") >= 2, what="two checks")

        # Nothing gets in any more, but an answer to what did gets out: so who answered knows who was answered.
        cut.cut()
        nurse.until(lambda it: it.path("failures", "cut") >= 4, what="four failures")
        assert nurse.verdicts()["path_cut"].startswith("connection_timeout: ")
        cut.heal()
        answered = len(answers["cut"].answered)
        readings = nurse.until(
            lambda it: (
                len(answers["cut"].answered) >= answered + 3
                and it.path("checks", "cut") == it.path("checks", "other") == len(answers["other"].answered)
                and it.path("failures", "cut") == it.path("checks", "cut") - len(answers["cut"].answered)
            ),
            what="three answers more, and as many failures as answers are missing",
        )

        assert readings.path("failures", "other") == 0
        assert readings.total("round_skipped_total") == 0
        assert nurse.verdicts()["path_cut"] == nurse.verdicts()["path_other"] == "ok"


def _unacknowledged(sock):
    """Bytes that were sent and not acknowledged yet."""
    return struct.unpack("i", fcntl.ioctl(sock, termios.TIOCOUTQ, b"\0" * 4))[0]
