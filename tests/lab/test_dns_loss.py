"""A nameserver that not every question reaches."""

from contextlib import ExitStack

import pytest

from tests.parts.coredns import coredns
from tests.parts.lab_nurse import PORT, lab_nurse
from tests.parts.peers import peer

LOSS = 0.3
NAMES = 25
CHECKS = 500


def test_lost_questions_are_asked_again(lab, tmp_path):
    """With 30 % loss on the way to CoreDNS far fewer checks fail than lose a question, and each loss is counted.

    A name's address is asked for twice (resolv.conf's default), so a check fails with a chance of 0.3 ** 2 = 0.09. Of
    500 checks or more 45 fail on the average, and 20 % of them (100) or more with a chance below
    exp(-500 * KL(0.20 || 0.09)) = exp(-28) = 1e-12. Were each question sent only once, 30 % (150) would, and 20 % or
    fewer with a chance below exp(-500 * KL(0.20 || 0.30)) = exp(-13) = 3e-6 only.
    """
    with ExitStack() as stack:
        nurse_machine, nameserver, service = (lab.machine(label) for label in ("nurse", "dns", "service"))
        stack.enter_context(peer(service))
        names = [f"n{number}" for number in range(NAMES)]
        records = "\n".join(f"{name} 5 IN A {service.ipv4}" for name in names)
        with nameserver.entered():
            stack.enter_context(
                coredns(tmp_path, zone="lab.example", records=records, address=nameserver.ipv4, port=53)
            )
        nurse_machine.etc("resolv.conf", f"nameserver {nameserver.ipv4}\n")
        loss = nameserver.lose(LOSS, protocol="udp", port=53)
        environ = {
            "OTELNURSE_CHECK_INTERVAL": "250ms",
            # A question is waited for a third of it: long enough that a loaded machine makes no loss of its own.
            "OTELNURSE_CHECK_TIMEOUT": "1500ms",
            "OTELNURSE_EXTRA_CHECKS": "|".join(f"{name}:http://{name}.lab.example:{PORT}/" for name in names),
        }
        nurse = stack.enter_context(lab_nurse(nurse_machine, tmp_path, environ))

        lossy = nurse.until(lambda it: it.checks("extra") >= CHECKS, what=f"{CHECKS} checks")
        dropped = loss.end()
        rounds = nurse.readings().rounds
        readings = nurse.until(lambda it: it.rounds >= rounds + 8, what="what was under way then to end, in 1.5 s")
        verdicts = nurse.verdicts()
        assert {verdicts[name] for name in names} == {"ok"}

        failed = readings.errors(otelnurse_check_type="extra")
        assert failed.keys() == {"dns_timeout"}
        assert lossy.errors()["dns_timeout"] < 0.2 * lossy.checks("extra")
        counted = readings.total("dns_queries_total", error_type="dns_timeout", server_address=nameserver.ipv4)
        assert counted == pytest.approx(dropped, rel=0.05), "an answer that comes late is none either"
        assert counted > 2 * failed["dns_timeout"], "a check fails by two lost questions, and some were made good"
