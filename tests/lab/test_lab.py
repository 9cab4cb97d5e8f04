"""The lab itself: it is no good if it leaves traces, or shows through."""

import socket
from pathlib import Path

import pytest

from tests.parts.binaries import binary
from tests.parts.lab import Lab
from tests.parts.namespace import run

HERE = Path("/proc/thread-self/ns/net")


def namespaces():
    """The names of all."""
    return {line.split()[0] for line in run(binary("ip"), "netns", "list").splitlines()}


@pytest.mark.usefixtures("lab")
def test_nothing_is_left_of_a_lab_whose_test_failed():
    """Namespaces and files of /etc go away however the test ended."""

    def fail():
        with Lab() as failing:
            machines.append(failing.machine("machine"))
            machines[0].etc("hosts", "")
            assert machines[0].name in namespaces()
            raise ZeroDivisionError

    machines = []
    before = namespaces()
    with pytest.raises(ZeroDivisionError):
        fail()
    assert namespaces() == before
    assert not Path("/etc/netns", machines[0].name).exists()


@pytest.mark.parametrize("family", ["ipv4", "ipv6"])
def test_a_cut_machine_is_not_reached_until_it_is_healed(lab, family):
    """One machine reaches another by both families, not through a cut, and again afterwards."""
    here, there = lab.machine("here"), lab.machine("there")
    kind = socket.AF_INET6 if family == "ipv6" else socket.AF_INET
    with there.entered():
        listener = socket.create_server((getattr(there, family), 0), family=kind)
    with listener:
        address = listener.getsockname()[:2]

        def reached():
            with here.entered(), socket.socket(kind) as sock:
                sock.settimeout(0.2)
                return sock.connect_ex(address) == 0

        assert reached()
        there.cut()
        assert not reached()
        there.heal()
        assert reached()


def test_who_enters_a_machine_comes_home_again(lab):
    """Sockets that a test makes after it was inside are in its own namespace, also when it left by an error."""

    def fail():
        with machine.entered():
            assert HERE.readlink() != home
            raise ZeroDivisionError

    machine, home = lab.machine("machine"), HERE.readlink()
    with pytest.raises(ZeroDivisionError):
        fail()
    assert HERE.readlink() == home


def test_loss_is_of_what_it_says_and_counted(lab):
    """Of a hundred datagrams to a port with total loss none arrives and all are counted; the next port loses none."""
    here, there = lab.machine("here"), lab.machine("there")
    with there.entered():
        lost, kept = socket.socket(type=socket.SOCK_DGRAM), socket.socket(type=socket.SOCK_DGRAM)
    with here.entered():
        sender = socket.socket(type=socket.SOCK_DGRAM)
    with lost, kept, sender:
        for sock in (lost, kept):
            sock.bind((there.ipv4, 0))
            sock.settimeout(10)
        loss = there.lose(protocol="udp", port=lost.getsockname()[1])
        for _ in range(100):
            sender.sendto(b"x", lost.getsockname())
        sender.sendto(b"kept", kept.getsockname())
        assert kept.recv(10) == b"kept"
        assert loss.end() == 100
        sender.sendto(b"again", lost.getsockname())
        assert lost.recv(10) == b"again"
