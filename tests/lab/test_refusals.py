"""All the ways in which a network says no, and silence."""

from contextlib import ExitStack

from tests.parts.lab_nurse import PORT, lab_nurse

NOBODY, UNROUTED, WITHDRAWN = "198.51.100.200", "192.0.2.1", "203.0.113.1"
"""On the switch, but nobody's; out of all routes; and on a route that is marked unreachable."""

SAID = {
    "nobody": "host_unreachable",
    "unrouted": "network_unreachable",
    "withdrawn": "host_unreachable",
    "silent": "connection_timeout",
    "closed": "connection_refused",
    "reset": "connection_refused",
    "prohibited": "host_unreachable",
    "no-net": "network_unreachable",
    "unrouted6": "network_unreachable",
    "withdrawn6": "host_unreachable",
    "silent6": "connection_timeout",
    "reset6": "connection_refused",
    "prohibited6": "host_unreachable",
}


def test_each_refusal_has_its_own_name(lab, tmp_path):
    """What keeps a neighbour from answering is named alike in metrics and on /alive; SYNs are sent again into silence.

    Each is asked as a neighbour, for the counters of its path, and as an extra check, whose metrics name it.
    """
    with ExitStack() as stack:
        nurse_machine = lab.machine("nurse")
        nurse_machine.ip("route", "add", "unreachable", f"{WITHDRAWN}/32")
        nurse_machine.ip("-6", "route", "add", "unreachable", "2001:db8:1::1/128")
        # Three questions for a neighbour's address, a second apart by default, take longer than a check may.
        nurse_machine.tell_kernel("net/ipv4/neigh/eth0/retrans_time_ms", 100)
        hosts = {"nobody": NOBODY, "unrouted": UNROUTED, "withdrawn": WITHDRAWN}
        hosts |= {"unrouted6": "[2001:db8:2::1]", "withdrawn6": "[2001:db8:1::1]"}
        machines = {it: lab.machine(it) for it in ("silent", "closed", "reset", "prohibited", "no-net")}
        for machine in machines.values():
            # Linux says no only once a second to the same asker, and is silent in between.
            machine.tell_kernel("net/ipv4/icmp_ratelimit", 0)
            machine.tell_kernel("net/ipv6/icmp/ratelimit", 0)
        machines["silent"].lose(protocol="tcp", port=PORT)
        machines["silent"].lose(source=nurse_machine.ipv6, protocol="tcp", port=PORT)
        machines["reset"].reject("4", PORT, "tcp-reset")
        machines["reset"].reject("6", PORT, "tcp-reset")
        machines["prohibited"].reject("4", PORT, "icmp-host-prohibited")
        machines["prohibited"].reject("6", PORT, "icmp6-adm-prohibited")
        machines["no-net"].reject("4", PORT, "icmp-net-unreachable")
        hosts |= {name: machine.ipv4 for name, machine in machines.items()}
        hosts |= {f"{name}6": f"[{machines[name].ipv6}]" for name in ("silent", "reset", "prohibited")}
        assert hosts.keys() == SAID.keys()

        environ = {
            "OTELNURSE_CHECK_INTERVAL": "500ms",
            "OTELNURSE_CHECK_TIMEOUT": "1500ms",  # Linux sends a SYN again after 1 s
            "OTELNURSE_NEIGHBOUR_LIMIT": "0",
            "OTELNURSE_EXTRA_CHECKS": "|".join(f"x-{it}:http://{host}:{PORT}/" for it, host in hosts.items()),
        }
        neighbours = {name: f"{host}:{PORT}" for name, host in hosts.items()}
        nurse = stack.enter_context(lab_nurse(nurse_machine, tmp_path, environ, neighbours))
        readings = nurse.until(
            lambda it: all(
                it.path("failures", name) >= 2 and sum(it.errors(otelnurse_check_name=f"x-{name}").values()) >= 2
                for name in SAID
            ),
            what="two failures of each",
        )

        verdicts = nurse.verdicts()
        for name, error_type in SAID.items():
            assert verdicts[f"path_{name}"].startswith(f"{error_type}: "), verdicts[f"path_{name}"]
            assert verdicts[f"x-{name}"].startswith(f"{error_type}: "), verdicts[f"x-{name}"]
            assert readings.errors(otelnurse_check_name=f"x-{name}").keys() == {error_type}
            assert readings.path("failures", name) == readings.path("checks", name)
        for name in ("silent", "silent6"):
            assert readings.path("syn_retransmitted", name) > 0
        for name in ("closed", "reset", "reset6"):
            assert readings.path("syn_retransmitted", name) == 0
