"""The pages of a nurse without the nurse: what it knows is what a test says."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from anyio.from_thread import start_blocking_portal

from otelnurse.rounds.history import History
from otelnurse.web import alive
from otelnurse.web.app import App, Pages
from otelnurse.web.listen import listen
from otelnurse.web.server import Server
from otelnurse.web.view.snapshot import Snapshot


@dataclass
class Stage:
    """Served pages; what is set as ``snapshot`` is what they show from then on."""

    snapshot: Snapshot
    url: str = ""

    @property
    def host(self) -> str:
        """Address and port."""
        return self.url.removeprefix("http://")


async def at_once(_seconds: float) -> None:
    """No checks are being started here."""


def app(look: Callable[[], Snapshot]) -> App:
    """The nurse's application over what ``look`` yields."""
    sources = alive.Sources("nurse-1", History(), list, lambda: ((), alive.OK))
    pages = Pages(
        alive=sources,
        always_200=False,
        fresh=at_once,
        pause=at_once,
        metrics=None,
        ready=lambda: True,
        look=look,
    )

    async def unasked(*_: object) -> None:
        raise AssertionError("nobody asks for /alwayshappy here")

    return App(unasked, pages)  # type: ignore[arg-type]


@contextmanager
def serving(snapshot: Snapshot) -> Iterator[Stage]:
    """Serve the pages of ``snapshot`` on a free port of 127.0.0.1 while the context lasts."""
    stage = Stage(snapshot)
    sock = listen("127.0.0.1", 0, "test")
    stage.url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    with start_blocking_portal() as portal:
        server = portal.start_task_soon(Server(app(lambda: stage.snapshot), sock).serve)
        try:
            yield stage
        finally:
            server.cancel()
