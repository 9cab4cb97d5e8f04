"""How to set the scene for a fault of a server, a network or a nameserver."""

import ssl
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

from otelnurse.probe.dns.resolver import Resolver
from tests.parts import behaviours as b
from tests.parts import certificates
from tests.parts.faulty import Behaviour, Blackhole, Faulty, closed_port
from tests.probe.dns import nameserver as dns

_says_ok = b.says(b.OK)


@dataclass
class Scene:
    """What is asked, and by which resolver."""

    url: str
    resolver: Resolver | None = None
    target: dict = field(default_factory=dict)


Stage = Callable[[ExitStack, object], Scene]
"""Set a scene up; what it opens is closed with the stack. The second argument is an empty folder."""


def http(behaviour: Behaviour, **target) -> Stage:
    """A server on 127.0.0.1."""

    def stage(stack, _folder):
        server = stack.enter_context(Faulty(behaviour))
        return Scene(f"http://127.0.0.1:{server.port}/", target=target)

    return stage


def https(context: Callable[[], ssl.SSLContext | None], behaviour: Behaviour = _says_ok) -> Stage:
    """A server on 127.0.0.1 that is asked under the name of the good certificates."""

    def stage(stack, _folder):
        server = stack.enter_context(Faulty(behaviour, context=context()))
        return Scene(f"https://{certificates.NAME}:{server.port}/")

    return stage


def no_tls() -> None:
    """The server shakes no hands."""


def refuses(_stack, _folder):
    """Nobody listens."""
    return Scene(f"http://127.0.0.1:{closed_port()}/")


def refuses_both(_stack, _folder):
    """Nobody listens, on either family."""
    return Scene(f"http://both.test:{closed_port()}/")


def swallows(stack, _folder):
    """SYNs are dropped."""
    return Scene(f"http://127.0.0.1:{stack.enter_context(Blackhole()).port}/")


def swallows_both(stack, _folder):
    """SYNs are dropped by both addresses."""
    hole = stack.enter_context(Blackhole())
    stack.enter_context(Blackhole(("::1", hole.port)))
    return Scene(f"http://both.test:{hole.port}/")


def asks(*script: dns.Behaviour, listening: bool = True) -> Stage:
    """A nameserver that answers so about the target's name."""

    def stage(stack, folder):
        server = dns.Nameserver()
        stack.callback(server.close)
        for behaviour in script:
            server.script("gone.test", behaviour)
        if not listening:
            server.stop_listening()
        (folder / "resolv.conf").write_text("nameserver 127.0.0.1\n")
        (folder / "hosts").write_text("127.0.0.1 localhost\n")
        return Scene("http://gone.test:1/", Resolver(folder / "resolv.conf", folder / "hosts", [server.address]))

    return stage
