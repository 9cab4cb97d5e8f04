"""How long a check spent in each phase."""

from collections.abc import Iterator

from otelnurse.probe.errors import Phase
from otelnurse.probe.timeline import NS_PER_S, Hop, Timeline

PHASES = (Phase.DNS, Phase.CONNECT, Phase.TLS, Phase.WAIT)


def phase_durations(timeline: Timeline) -> dict[Phase, float]:
    """Seconds in each phase that began, summed over hops.

    A phase that never came to its end lasted until the hop's: the wait for what never came is time spent too.
    """
    spent: dict[Phase, float] = {}
    for hop in timeline.hops:
        over = hop.end or timeline.end or hop.start
        for phase, start, end in _intervals(hop):
            lasted = max(0, (over if end is None else end) - start) / NS_PER_S
            spent[phase] = spent.get(phase, 0.0) + lasted
    return spent


def _intervals(hop: Hop) -> Iterator[tuple[Phase, int, int | None]]:
    if hop.lookup:
        yield Phase.DNS, hop.lookup.start, hop.lookup.end
    if hop.connects:
        yield Phase.CONNECT, min(connect.start for connect in hop.connects), _connected(hop)
    if hop.handshake:
        yield Phase.TLS, hop.handshake.start, hop.handshake.end
    if hop.exchange and hop.exchange.sent is not None:
        yield Phase.WAIT, hop.exchange.sent, hop.exchange.first_byte


def _connected(hop: Hop) -> int | None:
    """When an address answered; when the last one failed where none did."""
    tried = [connect for connect in hop.connects if not connect.abandoned]
    won = [connect.end for connect in tried if connect.error is None and connect.end is not None]
    if won:
        return min(won)
    ends = [connect.end for connect in tried]
    return None if not ends or None in ends else max(end for end in ends if end is not None)
