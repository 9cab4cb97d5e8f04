"""What a person sees: it fits, it is safe, and it says what matters."""

import io
import re

import pytest

from otelnurse.check.command import run
from otelnurse.cli import main
from tests.parts import behaviours as b
from tests.parts import certificates
from tests.parts.faulty import Faulty


@pytest.mark.parametrize("columns", [20, 40, 60, 80, 140])
@pytest.mark.parametrize("count", ["1", "3"])
def test_nothing_is_wider_than_the_terminal(check, server, by_name, columns, count):
    """No line would wrap, in a terminal of 40 columns or more."""
    said = check(f"http://nurse.test:{server.port}/", *by_name, "-n", count, "--interval", "0", columns=columns)
    assert said.code == 0
    assert [line for line in said.out.splitlines() if len(line) > max(columns, 40)] == []


@pytest.mark.parametrize("count", ["1", "2"])
def test_failures_fit_too(check, count):
    """Long words and long URLs are broken up where there is no room for them."""
    with Faulty(b.says(b.OK), context=certificates.showing("expired", "unknown")) as server:
        url = f"https://127.0.0.1:{server.port}/{'long/' * 20}"
        said = check(url, "-n", count, "--interval", "0", columns=40)
    assert said.code == 1
    assert "tls_certificate_untrusted" in said.out
    assert [line for line in said.out.splitlines() if len(line) > 40] == []


def test_bars_stand_where_time_was_spent(check):
    """The bar of what took long is long, and begins where what came before ends; every bar ends within the line."""
    with Faulty(b.silent) as server:
        said = check(f"http://127.0.0.1:{server.port}/", "--timeout", "500ms")
    lines = {line.split("  ")[1]: line for line in said.out.splitlines() if "━" in line}
    wait, connect = lines["wait"], lines["socket connect"]
    assert wait.count("━") > connect.count("━")
    assert connect.index("━") <= wait.index("━")


def test_a_narrow_terminal_does_without_bars(check, url):
    """At 40 columns names and durations are left."""
    said = check(url, columns=40)
    assert "━" not in said.out
    assert re.search(r"^  wait +\d+\.\d+ ms$", said.out, re.MULTILINE)


def test_a_pipe_gets_no_escape_codes(check, url):
    """Colour is for terminals."""
    assert "\033" not in check(url).out
    assert "\033" not in check(url, "-n", "2", "--interval", "0").out


class Terminal(io.StringIO):
    """Calls itself one, but has no size."""

    encoding = "utf-8"

    def isatty(self):
        """It is."""
        return True

    def fileno(self):
        """It has none."""
        raise OSError


@pytest.mark.parametrize(
    ("environment", "arguments", "coloured"),
    [
        ({"TERM": "xterm"}, [], True),
        ({"TERM": "xterm", "NO_COLOR": ""}, [], True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, [], False),
        ({"TERM": "dumb"}, [], False),
        ({"TERM": "xterm"}, ["--no-color"], False),
    ],
)
def test_when_there_is_colour(monkeypatch, url, environment, arguments, coloured):
    """On a terminal that can, unless told otherwise."""
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert main(["check", url, *arguments]) == 0
    assert ("\033[" in terminal.getvalue()) is coloured


def test_an_encoding_without_lines(monkeypatch):
    """Where the output's encoding has no line drawing, bars are made of what it has; what it lacks does no harm."""
    terminal = Terminal()
    terminal.encoding = "ascii"
    monkeypatch.setattr("sys.stdout", terminal)
    with Faulty(b.status(200, "Server-Timing: caf\xe9")) as server:
        assert main(["check", f"http://127.0.0.1:{server.port}/"]) == 0
    assert "the server says: caf?" in terminal.getvalue()
    assert "==" in terminal.getvalue()
    assert terminal.getvalue().isascii()


def test_a_server_cannot_steer_the_terminal(check):
    """Control characters of an answer do not reach the screen."""
    evil = "x;desc=\x1b[2J\x1b]0;owned\x07\x9b31m"
    with Faulty(b.status(200, f"Server-Timing: {evil}")) as server:
        said = check(f"http://127.0.0.1:{server.port}/")
    with Faulty(b.says(b"HTTP/1.1 \x1b[2J OK\r\n\r\n")) as server:
        broken = check(f"http://127.0.0.1:{server.port}/")
    assert broken.code == 1
    for text in (said.out, said.err, broken.out, broken.err):
        assert [character for character in text if not (character.isprintable() or character == "\n")] == []


def test_the_command_takes_its_environment_as_an_argument():
    """Nothing but the command line reads the process's environment."""
    assert "environ" in run.__annotations__
