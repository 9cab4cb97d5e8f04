"""The whole demo, as `make demo` runs it: real nurses, real sicknesses, no terminal."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

OUTER_LIMIT = 150
"""Seconds after which a demo that hangs is a failed one."""

COMMAND = (sys.executable, "-W", "error::ResourceWarning", "-m", "otelnurse", "demo")

NOWHERE = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
"""So that no collector is started, whether or not one has been built; nothing listens there."""


@pytest.fixture
def temporary(tmp_path: Path) -> Mapping[str, str]:
    """An environment in which the demo's files are this test's own, and its processes can be told by them."""
    return {**os.environ, **NOWHERE, "TMPDIR": str(tmp_path)}


def left_behind(folder: Path) -> list[str]:
    """Command lines of processes whose environment names the folder."""
    mark = f"file_sd:{folder}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (entry / "environ").read_bytes():
                found.append((entry / "cmdline").read_text())
        except OSError:
            continue  # it has just ended, or is somebody else's
    return found


def test_every_sickness_shown_is_found_and_named(temporary: Mapping[str, str], tmp_path: Path) -> None:
    """Exit 0 by itself, one line per event, a summary with all four found, and neither process nor file left."""
    done = subprocess.run(
        (*COMMAND, "--duration", "30s"), env=temporary, capture_output=True, text=True, timeout=OUTER_LIMIT, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert len(re.findall(r"node-\d  http://127\.0\.0\.1:\d+/ui/", done.stdout)) == 5
    for sickness, finding in (
        ("refuses connections", "report connection_refused"),
        ("answers 400 ms late", r"wait \d+ ms for it, usually"),
        ("answers 500", "report 500"),
        ("resets connections", "report connection_reset"),
    ):
        assert f"script: node-3 {sickness} from now on" in done.stdout
        assert re.search(rf"found:  node-3: \d of 4 neighbours {finding}", done.stdout)
        assert re.search(rf"node-3  {sickness} +found +\d of 4 after \d+\.\d s", done.stdout)
    assert "\x1b" not in done.stdout
    assert left_behind(tmp_path) == []
    assert not list(tmp_path.iterdir())


@pytest.fixture
def started(temporary: Mapping[str, str]) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Start a demo with these arguments; it is gone after the test, however that ends."""
    demos: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> "subprocess.Popen[str]":
        demo = subprocess.Popen((*COMMAND, *arguments), env=temporary, stdout=subprocess.PIPE, text=True)
        demos.append(demo)
        return demo

    yield start
    for demo in demos:
        demo.terminate()
        demo.communicate(timeout=OUTER_LIMIT)


def read_until(demo: "subprocess.Popen[str]", text: str) -> str:
    """What it says up to the line with this text."""
    assert demo.stdout is not None
    said = ""
    for line in demo.stdout:
        said += line
        if text in line:
            return said
    raise AssertionError(f"it ended without {text!r}: {said}")


def test_ctrl_c_ends_it_with_a_summary_and_leaves_no_process(
    started: Callable[..., "subprocess.Popen[str]"], tmp_path: Path
) -> None:
    """In the middle of a sickness, at once, and it is no failure."""
    demo = started("--nurses", "3", "--interval", "200ms")
    read_until(demo, "from now on")
    demo.send_signal(signal.SIGINT)
    said, _ = demo.communicate(timeout=OUTER_LIMIT)
    assert demo.returncode == 0, said
    assert "summary" in said
    assert left_behind(tmp_path) == []
    assert not list(tmp_path.iterdir())


def test_a_nurse_that_dies_is_said_so_with_its_last_words(
    started: Callable[..., "subprocess.Popen[str]"], tmp_path: Path
) -> None:
    """It is named with the signal and the end of its log, the others name it too, and the exit code is 1."""
    demo = started("--nurses", "3", "--interval", "200ms")
    read_until(demo, "all nurses are up")
    os.kill(nurse_on(tmp_path, "node-1"), signal.SIGKILL)
    said = read_until(demo, "found:  node-1: 2 of 2 neighbours report")
    assert "node-1 died (signal SIGKILL); the end of its log:" in said
    demo.send_signal(signal.SIGTERM)
    said, _ = demo.communicate(timeout=OUTER_LIMIT)
    assert demo.returncode == 1, said


def nurse_on(folder: Path, node: str) -> int:
    """The process id of this demo's nurse on this node."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environment = (entry / "environ").read_bytes()
        except OSError:
            continue  # it has just ended, or is somebody else's
        if f"file_sd:{folder}".encode() in environment and f"OTELNURSE_NODE_NAME={node}\0".encode() in environment:
            return int(entry.name)
    raise AssertionError(f"no nurse on {node}")
