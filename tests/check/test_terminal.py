"""In a real terminal: tmux draws it, and says what stands on its screen."""

import os
import re
import shlex
import subprocess
import sys
import uuid
from itertools import takewhile

import pytest

from tests.parts.waiting import eventually

OVER = "it is over"
BUSY = "This machine was busy"
"""What a picture ends with where tests and builds compete for the processors."""


@pytest.fixture
def terminal():
    """Run ``otelnurse check`` in a terminal so wide, and return the lines of its screen, colours and all."""
    socket = f"otelnurse-{uuid.uuid4()}"
    environment = {name: value for name, value in os.environ.items() if name not in {"TMUX", "COLUMNS", "NO_COLOR"}}

    def tmux(*arguments):
        command = ["tmux", "-u", "-L", socket, "-f", "/dev/null", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=True).stdout

    def show(columns, *arguments, before=""):
        command = shlex.join([sys.executable, "-m", "otelnurse", "check", *arguments])
        # It waits for a key, so that the screen stays to be read.
        tmux("new-session", "-d", "-x", str(columns), "-y", "60", f"{before} {command}; echo {OVER}; read key")
        eventually(lambda: OVER in tmux("capture-pane", "-p"), what="the command to end")
        return tmux("capture-pane", "-p", "-e").partition(OVER)[0].splitlines()

    yield show
    tmux("kill-server")


@pytest.mark.parametrize("columns", [40, 80, 140])
def test_it_fits_the_terminal(terminal, url, columns):
    """Nothing wraps: every line on the screen begins as a line of the picture does, and there is colour."""
    lines = terminal(columns, url)
    assert any("\033[" in line for line in lines)
    plain = [re.sub(r"\033\[[0-9;]*m", "", line).rstrip() for line in lines]
    assert plain[0] == f"GET {url}"
    rows = takewhile(lambda line: line != "" and BUSY not in line, plain[1:])
    assert [line for line in rows if not line.startswith("  ")] == []
    durations = [line for line in plain if re.match(r"  (socket connect|send|wait|receive)\b", line)]
    assert {len(line) for line in durations if line.endswith(" ms")} == {min(columns, 120)}
    assert len(durations) == 4


def test_no_color(terminal, url):
    """With NO_COLOR the same picture comes without."""
    lines = terminal(80, url, before="NO_COLOR=1")
    assert lines[0].startswith(f"GET {url}")
    assert not any("\033[" in line for line in lines)
