"""The live table in a real terminal: tmux draws it, and says what stands on its screen and above."""

import os
import shlex
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator

import pytest

from tests.parts.waiting import eventually

OVER = "it is over"
PROGRAM = f"""
from rich.console import Console
from otelnurse.demo.findings import find, usual_latency
from otelnurse.demo.live import Terminal
from otelnurse.demo.reports import FIXED_CHECKS, Seen, View
from otelnurse.demo.screen import Frame

def checks(me, service):
    nodes = (f"path_node-{{number}}" for number in range(1, 6) if number != me)
    return {{check: Seen(service if check == "me_service" else None, 0.001) for check in (*FIXED_CHECKS, *nodes)}}

views = [View(f"node-{{me}}", checks(me, "connection_closed" if me == 1 else None)) for me in range(1, 6)]
screen = Terminal(Console())
for elapsed in (1.0, 2.0):
    screen.say(f"{{elapsed}} s have passed")
    screen.show(Frame("all well", views, find(views), usual_latency(views), elapsed))
screen.close()
print("{OVER}")
"""


@pytest.fixture
def shown() -> Iterator[Callable[[int, int], list[str]]]:
    """Show two frames in a terminal with so many columns and lines; all lines that stand there afterwards."""
    socket = f"otelnurse-{uuid.uuid4()}"
    environment = {name: value for name, value in os.environ.items() if name not in {"TMUX", "COLUMNS", "LINES"}}

    def tmux(*arguments: str) -> str:
        command = ["tmux", "-u", "-L", socket, "-f", "/dev/null", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=True).stdout

    def show(columns: int, lines: int) -> list[str]:
        program = f"{shlex.join([sys.executable, '-c', PROGRAM])}; read key"  # so that the screen stays to be read
        tmux("new-session", "-d", "-x", str(columns), "-y", str(lines), program)
        eventually(lambda: OVER in tmux("capture-pane", "-p"), what="the program to end")
        return tmux("capture-pane", "-p", "-S", "-").splitlines()

    yield show
    tmux("kill-server")


@pytest.mark.parametrize(("columns", "lines"), [(120, 40), (80, 24), (60, 20), (60, 10)])
def test_the_last_table_stands_there_once_and_whole(
    shown: Callable[[int, int], list[str]], columns: int, lines: int
) -> None:
    """Also where the terminal is too low for it; nothing of it wraps, and every fault has its label."""
    screen = shown(columns, lines)
    for node in range(1, 6):
        assert sum(line.startswith(f"node-{node} ") for line in screen) == 1
    assert sum(line.startswith("script: ") for line in screen) == 1
    assert screen.count("symptom: me_service: 1 of 5 nurses report connection_closed") == 1
    assert screen.count(". well   ~ late   x failed   ? no report") == (columns < 80)
