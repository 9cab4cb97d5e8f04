"""A path that loses packets, beside others that do not."""

import time
from contextlib import ExitStack

from tests.parts.lab_nurse import PORT, lab_nurse
from tests.parts.peers import peer

ROUNDS = 50
INTERVAL = 0.2
GOOD = ("good-1", "good-2", "good-3")


def test_a_lossy_path_slows_down_no_other(lab, tmp_path):
    """With 10 % loss on one path every other one is checked in every round, and retransmits are that path's alone.

    kubenurse's round lasts as long as its slowest check: in its place it made 12 rounds of 120.
    """
    with ExitStack() as stack:
        nurse_machine = lab.machine("nurse")
        machines = {node: lab.machine(node) for node in (*GOOD, "lossy")}
        for machine in machines.values():
            stack.enter_context(peer(machine))
        machines["lossy"].lose(0.1, source=nurse_machine.ipv4)
        neighbours = {node: f"{machine.ipv4}:{PORT}" for node, machine in machines.items()}
        # Linux sends a SYN again after 1 s, so that is what a check must be able to outlast.
        environ = {"OTELNURSE_CHECK_INTERVAL": f"{INTERVAL}s", "OTELNURSE_CHECK_TIMEOUT": "1500ms"}
        nurse = stack.enter_context(lab_nurse(nurse_machine, tmp_path, environ, neighbours))

        first = nurse.until(
            lambda it: it.path("checks", "good-1") == it.path("checks", "good-2") == it.path("checks", "good-3") > 0,
            what="the first check of each neighbour",
        )
        # The neighbours are read from their file while the first rounds are made.
        missed = first.rounds - first.path("checks", "good-1")
        begun = time.monotonic()
        # A check loses its SYN with a chance of 0.1. In the 60 s that are waited at most there are 150 or more of them,
        # since each takes 0.3 s on the average: no SYN sent again in all of them has a chance of 0.9 ** 150 = 1e-7.
        last = nurse.until(
            lambda it: (
                it.rounds >= first.rounds + ROUNDS
                and it.path("syn_retransmitted", "lossy") > 0
                and it.path("segments_retransmitted", "lossy") > it.path("syn_retransmitted", "lossy")
                and all(it.path("checks", node) == it.rounds - missed for node in GOOD)
            ),
            what=f"{ROUNDS} rounds that missed none of the good, and a SYN and a request sent again",
        )
        took = time.monotonic() - begun

        for node in GOOD:
            assert last.path("failures", node) == 0
            assert last.path("syn_retransmitted", node) == last.path("segments_retransmitted", node) == 0
        rounds = last.rounds - first.rounds
        assert rounds > took / INTERVAL / 2, f"{rounds} rounds in {took:.1f} s"
        assert last.errors().keys() <= {"connection_timeout", "response_timeout"}
        assert not last.of("dns_queries_total")
        skipped = last.total("round_skipped_total", otelnurse_check_type="path")
        made = last.path("checks", "lossy")
        assert made + skipped in {last.rounds - missed, last.rounds - missed - 1}, "one may be under way"
