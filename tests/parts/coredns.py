"""The real CoreDNS as an honest nameserver for one zone (UDP and TCP), on a free port of 127.0.0.1 unless told."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.parts.binaries import binary
from tests.parts.process import answers, free_port, running

_COREFILE = """\
{zone}:{port} {{
    bind {address}
    file {file}
    nsid {nsid}
    ready 127.0.0.1:{ready}
    errors
}}
"""

_ZONE = """\
$ORIGIN {zone}.
@ 5 IN SOA ns.{zone}. hostmaster.{zone}. 1 60 60 60 5
@ 5 IN NS ns
ns 5 IN A 127.0.0.1
{records}
"""


@contextmanager
def coredns(
    directory: Path,
    *,
    zone: str,
    records: str,
    nsid: str = "coredns-under-test",
    address: str = "127.0.0.1",
    port: int | None = None,
) -> Iterator[tuple[str, int]]:
    """Run CoreDNS while the context lasts and give its (address, port).

    Names of the zone that have no record are NXDOMAIN, other names are REFUSED; it has no upstream.

    Args:
        directory: its files are made here.
        zone: without a dot at its end, such as `cluster.local`.
        records: lines of a zone file, relative to the zone: `api 5 IN A 127.0.0.1`.
        nsid: what it says to a query that carries EDNS NSID (RFC 5001).
        address: where it listens.
        port: None is one that is free.
    """
    port, ready = port or free_port(), free_port()
    corefile, file = directory / "Corefile", directory / "zone"
    file.write_text(_ZONE.format(zone=zone, records=records))
    corefile.write_text(_COREFILE.format(zone=zone, address=address, port=port, file=file, nsid=nsid, ready=ready))
    with running(
        [binary("coredns"), "-conf", corefile],
        ready=answers(f"http://127.0.0.1:{ready}/ready"),
        log=directory / "coredns.log",
    ):
        yield address, port
