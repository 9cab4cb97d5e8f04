"""A nurse whose part dies of a fault of its own goes on, and says so."""

import json
import logging

import pytest

from otelnurse.discovery.neighbourhood import Neighbourhood
from otelnurse.rounds import rounds
from tests.parts import nurses
from tests.parts.process import free_port

pytestmark = pytest.mark.anyio


async def test_rounds_start_again_after_a_fault(monkeypatch, caplog):
    """While rounds are dead the pages are answered, and then rounds are made again.

    What a prober or an observer raises does not end them; so one of their own functions is made to fail, once.
    """
    caplog.set_level(logging.INFO, "otelnurse")
    real, faults = rounds.signs, [RuntimeError("a fault of rounds")]

    def fail_once(*args, **more):
        if faults:
            raise faults.pop()
        return real(*args, **more)

    monkeypatch.setattr(rounds, "signs", fail_once)
    async with nurses.running() as nurse, nurses.asking(nurse) as client:
        await nurses.eventually(lambda: "rounds died of a fault of its own" in caplog.text, what="the fault in the log")
        assert (await client.get("/alwayshappy")).status_code == 200
        await nurses.eventually(lambda: nurse.history.runs("loopback"), what="a round after it")
    assert "a fault of rounds" in caplog.text


async def test_discovery_starts_again_after_a_fault(monkeypatch, caplog, tmp_path):
    """Checks go on while discovery is dead, and neighbours are found when it lives again."""
    caplog.set_level(logging.INFO, "otelnurse")
    real, faults = Neighbourhood.run, [RuntimeError("a fault of discovery")]

    async def fail_once(self):
        if faults:
            raise faults.pop()
        await real(self)

    monkeypatch.setattr(Neighbourhood, "run", fail_once)
    file = tmp_path / "nurses.json"
    file.write_text(json.dumps([{"targets": [f"127.0.0.1:{free_port()}"], "labels": {"node": "node-b"}}]))
    async with nurses.running({"OTELNURSE_DISCOVERY": f"file_sd:{file}"}) as nurse:
        await nurses.eventually(lambda: "discovery died of a fault" in caplog.text, what="the fault in the log")
        await nurses.eventually(lambda: nurse.history.runs("path_node-b"), what="a check of the neighbour")


async def test_a_fault_of_the_resolver_is_a_failed_check():
    """Whatever goes wrong inside a check is that check's failure, told as the nurse's own fault."""

    class Broken:
        async def resolve(self, host, lookup, timeout):  # noqa: ARG002 - the resolver's own signature
            raise RuntimeError("a fault of the resolver")

    environ = {"OTELNURSE_EXTRA_CHECKS": "site:http://site.invalid/"}
    async with nurses.running(environ, resolver=Broken()) as nurse:
        await nurses.eventually(lambda: nurse.history.runs("site"), what="a result")
    outcome = nurse.history.latest()["site"].outcome
    assert outcome.error_type == "_OTHER"
    assert "a fault of the resolver" in outcome.message
