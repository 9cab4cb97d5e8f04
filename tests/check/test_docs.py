"""docs/check.md says what the command does: its examples run, and the fields of --json are those of its table."""

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.parts import behaviours as b
from tests.parts import certificates
from tests.parts.faulty import Faulty, closed_port
from tests.probe.dns.nameserver import Nameserver, in_turn, says, silence

PAGE = (Path(__file__).parents[2] / "docs" / "check.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^otelnurse check (.*)$", PAGE.partition("```sh\n")[2].partition("```")[0], re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples(check, server, secure, nameserver, authority, example):
    """Each example works, where the names and addresses in it are those of this machine."""
    here = {
        "https://web.example/": f"https://nurse.test:{secure.port}/",
        "http://web.example/": f"http://nurse.test:{server.port}/",
        "web.example:443:192.0.2.7": f"nurse.test:{secure.port}:127.0.0.1",
        "192.0.2.53": f"127.0.0.1:{nameserver.address[1]}",
        "200ms": "1ms",
        "ca.pem": authority,
    }
    words = [here.get(word, word) for word in shlex.split(example)]
    said = check(*words, "--cacert", authority, "--nameserver", here["192.0.2.53"])
    assert (said.code, said.err) == (0, "")
    assert len(server.requests) + len(secure.requests) == max(1, int(re.findall(r"-n (\d+)|$", example)[0] or 1))


def test_there_are_examples():
    """The page's block was found."""
    assert len(EXAMPLES) > 8


def fields(value, path=""):
    """The dotted names of what is not itself an object or a list of them."""
    if isinstance(value, dict):
        return {name for key, inner in value.items() for name in fields(inner, f"{path}.{key}" if path else key)}
    if isinstance(value, list):
        return {name for inner in value for name in fields(inner, f"{path}[]")}
    return {path}


def test_the_fields(check, secure, by_name, authority):
    """A run with everything in it has the fields of the table, and no other run has any besides."""
    documented = set(re.findall(r"`([a-z_\[\].]+)`", "".join(re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE))))
    full = check(f"https://nurse.test:{secure.port}/", *by_name, "--cacert", authority, "--json")
    failed = check(f"http://127.0.0.1:{closed_port()}/", "--json")
    found = fields(json.loads(full.out)) | fields(json.loads(failed.out))
    empty = {
        "error",
        "requests[].dns",
        "requests[].tls",
        "requests[].http",
        "requests[].tcp",
        "requests[].connects[].tcp",
    }
    assert found - empty == documented
    assert (full.code, failed.code) == (0, 1)


def test_json_is_one_object_per_line(check, url):
    """As many lines as runs, all of them ASCII, and nothing else on standard output."""
    said = check(url, "-n", "3", "--interval", "0", "--json")
    runs = [json.loads(line) for line in said.out.splitlines()]
    assert said.out.isascii()
    assert [(run["ok"], run["status"], run["body_size"], run["error"]) for run in runs] == [(True, 200, 2, None)] * 3
    for run in runs:
        assert sum(seconds for seconds in run["phases"].values() if seconds) <= run["duration"] + 1e-6
        assert run["requests"][0]["http"]["start"] <= run["requests"][0]["http"]["end"] <= run["duration"]
        assert run["requests"][0]["tcp"]["rtt"] > 0


def test_json_of_failures(check, authority):
    """A failure has the three things that its line has; a tolerated certificate's fault is there too."""
    said = check(f"http://127.0.0.1:{closed_port()}/", "--json")
    error = json.loads(said.out)["error"]
    assert said.err == f"otelnurse check: {error['type']} in {error['phase']}: {error['message']}\n"
    with Faulty(b.says(b.OK), context=certificates.showing("expired")) as server:
        run = json.loads(check(f"https://127.0.0.1:{server.port}/", "-k", "--cacert", authority, "--json").out)
    assert run["ok"]
    assert run["requests"][0]["tls"]["certificate_fault"] == "tls_certificate_expired"
    assert -2 < run["requests"][0]["tls"]["certificate"]["days_left"] < -0.9


def test_queries_that_were_asked_twice_are_two(check, server):
    """Each question put to the nameserver has its entry, the one without an answer as well."""
    nameserver = Nameserver()
    try:
        nameserver.script("lossy.test", in_turn(silence, says("127.0.0.1")))
        option = ("--nameserver", f"127.0.0.1:{nameserver.address[1]}")
        said = check(f"http://lossy.test:{server.port}/", *option, "-4", "--timeout", "3s", "--json")
    finally:
        nameserver.close()
    queries = json.loads(said.out)["requests"][0]["dns"]["queries"]
    assert [query["error"] for query in queries] == ["dns_timeout", None]
