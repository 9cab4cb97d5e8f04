"""The commands, as people type them."""

import json
import socket
import subprocess
import sys

import pytest

from otelnurse import __version__
from tests.parts.nurses import nurse_process, process_environment
from tests.parts.process import free_port
from tests.parts.waiting import eventually


def otelnurse(*arguments, **environ):
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "otelnurse", *arguments],
        env=process_environment(environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_version():
    """The version is that of the package."""
    done = otelnurse("--version")
    assert (done.returncode, done.stdout) == (0, f"otelnurse {__version__}\n")


def test_no_command_is_an_error():
    """Without a command the usage is told."""
    done = otelnurse()
    assert done.returncode == 2
    assert "usage: otelnurse" in done.stderr


@pytest.mark.parametrize("command", [("run",), ("settings",), ("demo",), ("check", "http://127.0.0.1:9/")])
def test_an_unknown_argument_is_told_with_the_usage_of_its_command(command):
    """Exit 2 before anything is done; the usage of all commands would not help."""
    done = otelnurse(*command, "--nonsense")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"usage: otelnurse {command[0]} ")
    assert f"otelnurse {command[0]}: error: unrecognized arguments: --nonsense" in done.stderr


@pytest.mark.parametrize("command", ["run", "settings"])
def test_bad_settings_are_all_told_at_once(command):
    """Exit 2, and a line for each error that names the setting and the value."""
    done = otelnurse(command, OTELNURSE_CHECK_INTERVAL="soon", OTELNURSE_METRICS="paper", OTELNURSE_CHEK_TIMEOUT="1s")
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("otelnurse: error: OTELNURSE_") for line in lines)
    for words in (
        "OTELNURSE_CHECK_INTERVAL=soon: ",
        "OTELNURSE_METRICS=paper: ",
        "did you mean OTELNURSE_CHECK_TIMEOUT?",
    ):
        assert words in done.stderr
    assert done.stdout == ""


def test_settings_tells_each_value_and_its_source():
    """Every setting stands there with where it came from; what is secret does not, and warnings are apart."""
    done = otelnurse(
        "settings", KUBENURSE_CHECK_INTERVAL="7s", OTELNURSE_EXTRA_CHECKS="site:https://user:secret@site.example/"
    )
    assert done.returncode == 0
    assert "OTELNURSE_CHECK_INTERVAL = 0.1s  (from OTELNURSE_CHECK_INTERVAL)" in done.stdout.replace("100ms", "0.1s")
    assert "OTELNURSE_CHECK_TIMEOUT = 5s  (from default)" in done.stdout
    assert "site.example" in done.stdout
    assert "secret" not in done.stdout + done.stderr
    assert "KUBENURSE_CHECK_INTERVAL=7s is not" in done.stderr


def test_a_port_in_use_is_named():
    """Exit 2, with the setting, the port and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = otelnurse("run", OTELNURSE_HTTP_ADDRESS=f"127.0.0.1:{port}")
    assert done.returncode == 2
    assert f"OTELNURSE_HTTP_ADDRESS=127.0.0.1:{port}: the port is in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_only_a_part_finds_out_is_told_too():
    """A setting that reads well and that its part cannot work with: exit 2 and one line, no traceback."""
    done = otelnurse("run", OTELNURSE_DISCOVERY="file_sd:/etc/nurses.yaml")
    assert done.returncode == 2
    assert "cannot start: " in done.stderr
    assert "Traceback" not in done.stderr


def test_log_lines_as_json_one_for_each_kind_of_failure():
    """Every line is an object; a check that goes on failing is told once, and the rest as a count at the end."""
    refused, missing = free_port(), free_port()
    environ = {
        "OTELNURSE_LOG_FORMAT": "json",
        "OTELNURSE_EXTRA_CHECKS": f"one:http://127.0.0.1:{refused}/|two:http://127.0.0.1:{missing}/",
    }
    with nurse_process(environ) as nurse:
        failures = 'otelnurse_check_duration_seconds_count{error_type="connection_refused"'

        def repeated():
            counts = [line for line in nurse.get("/metrics").text.splitlines() if line.startswith(failures)]
            return len(counts) == 2 and all(float(line.split()[-1]) > 2 for line in counts)

        eventually(repeated, what="both to fail a third time")
        assert nurse.process.stop() == 0
        lines = [json.loads(line) for line in nurse.process.output().splitlines()]
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    failed = [line for line in lines if line.get("otelnurse.check.name") == "one"]
    first, rest = failed
    assert first["message"].startswith("one failed: connect to 127.0.0.1:")
    assert (first["error.type"], first["otelnurse.phase"]) == ("connection_refused", "connect")
    assert first["network.peer.address"] == "127.0.0.1"
    assert "trace_id" not in first, "nothing is traced here"
    assert rest["count"] >= 2
