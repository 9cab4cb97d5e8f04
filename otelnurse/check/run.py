"""The asking: as often as ordered, one run after another."""

import signal
import sys
from collections.abc import Callable

import anyio

from otelnurse.check.chosen import ChosenTransport
from otelnurse.check.order import Order
from otelnurse.check.rehearsal import rehearse
from otelnurse.probe.dns.resolver import Resolver
from otelnurse.probe.judge import Judge
from otelnurse.probe.prober import Prober
from otelnurse.probe.timeline import Timeline
from otelnurse.probe.tls import Trust

Show = Callable[[Timeline], None]


def run(order: Order, show: Show) -> bool:
    """Ask, ``show`` each finished run, and return whether it all came to its end before Ctrl-C did."""
    use_uvloop = sys.platform != "win32"
    return anyio.run(
        _until_interrupted, order, Trust.of(order.authorities), show, backend_options={"use_uvloop": use_uvloop}
    )


async def _until_interrupted(order: Order, trust: Trust, show: Show) -> bool:
    finished = False

    async def ask() -> None:
        nonlocal finished
        await _ask(order, trust, show)
        finished = True
        tasks.cancel_scope.cancel()

    with anyio.open_signal_receiver(signal.SIGINT) as signals:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask)
            async for _ in signals:
                tasks.cancel_scope.cancel()
    return finished


async def _ask(order: Order, trust: Trust, show: Show) -> None:
    judge = Judge(trust)
    resolver = Resolver(nameservers=order.nameservers or None, family=order.family)
    transport = ChosenTransport(resolver, trust, judge, order.told, order.family)
    prober = Prober(transport, judge)
    await rehearse(trust)
    following = anyio.current_time()
    for _ in range(order.count):
        await anyio.sleep_until(following)
        following = max(following + order.interval, anyio.current_time())
        show(await prober.run(order.target))
