"""Many runs: a line each, and what they have in common; ended early by Ctrl-C or by who reads."""

import re
import signal
import subprocess
import sys

from tests.parts import behaviours as b
from tests.parts.faulty import Faulty, closed_port
from tests.parts.waiting import eventually

COMMAND = [sys.executable, "-W", "error::ResourceWarning", "-m", "otelnurse", "check"]


def test_the_summary(check, server, url):
    """Each run has its line, the table has every phase in order of size, and the bars count all runs."""
    said = check(url, "--count", "7", "--interval", "1ms")
    assert said.code == 0
    assert len(server.requests) == 7
    assert len(re.findall(r"^ +\d+ +[\d.]+ ms   connect ", said.out, re.MULTILINE)) == 7
    assert "7 runs, all well" in said.out
    table = {}
    for label in ("connect", "send", "wait", "receive", "total"):
        (numbers,) = re.findall(rf"^{label}((?: +[\d.]+){{4}})$", said.out, re.MULTILINE)
        values = [float(number) for number in numbers.split()]
        assert values == sorted(values)
        table[label] = values
    for label in ("connect", "send", "wait", "receive"):
        assert all(part <= total for part, total in zip(table[label], table["total"], strict=True))
    bars = re.findall(r" ms +(\d+)(?:  ━+)?$", said.out, re.MULTILINE)
    assert sum(map(int, bars)) == 7


def test_some_fail(check):
    """Exit 1 when any failed; failures have their lines and are counted apart."""
    answers = [b.OK, b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", b.OK, b"nonsense\r\n\r\n"]
    with Faulty(lambda connection: connection.request() and connection.send(answers.pop(0))) as server:
        said = check(f"http://127.0.0.1:{server.port}/", "-n", "4", "--interval", "0")
    assert said.code == 1
    assert "500 in receive" in said.out
    assert "4 runs, 2 failed: 1 500, 1 protocol_error" in said.out
    assert said.err.startswith("otelnurse check: 2 of 4 runs failed: 1 500 in receive, 1 protocol_error in ")
    assert said.err.count("\n") == 1


def test_all_fail(check):
    """Without a run that went well there are no statistics."""
    said = check(f"http://127.0.0.1:{closed_port()}/", "-n", "2", "--interval", "0")
    assert said.code == 1
    assert "2 runs, 2 failed: 2 connection_refused" in said.out
    assert "median" not in said.out


def test_the_interval_is_between_starts(check):
    """A run that takes longer than the interval is followed at once."""
    with Faulty(b.silent) as server:
        said = check(f"http://127.0.0.1:{server.port}/", "-n", "3", "--interval", "50ms", "--timeout", "100ms")
    assert "3 runs, 3 failed" in said.out
    assert server.connections == 3


def test_ctrl_c_sums_up(url, server):
    """After Ctrl-C the runs so far are summed up, and the exit code is a shell's for it."""
    process = subprocess.Popen(
        [*COMMAND, url, "-n", "1000", "--interval", "10ms"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        eventually(lambda: len(server.requests) > 3, what="some runs")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err == ""
    assert re.search(r"^\d+ runs, all well$", out, re.MULTILINE)
    assert "median" in out


def test_ctrl_c_in_the_middle_of_a_run():
    """A run that is cut off counts nowhere."""
    with Faulty(b.silent) as server:
        process = subprocess.Popen(
            [*COMMAND, f"http://127.0.0.1:{server.port}/", "--timeout", "1m"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            eventually(lambda: server.connections, what="a connection")
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=30) == ("", "")
    assert process.returncode == 130


def test_who_reads_may_leave(url):
    """``| head -1`` ends it without complaint."""
    process = subprocess.Popen(
        [*COMMAND, url, "-n", "1000", "--interval", "1ms"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout.readline().startswith("GET ")
        process.stdout.close()
        assert process.stderr.read() == ""
        process.wait(30)
    assert process.returncode == 0
