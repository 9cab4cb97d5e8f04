"""What is shown is made one after the other, and whoever waits for it costs nothing."""

from threading import Event

import anyio
import pytest
from starlette.exceptions import HTTPException

from otelnurse.web.shown import WAITING, Shown
from tests.parts import nurses
from tests.web.ui.stage import at_once
from tests.web.view.scenes import cluster

pytestmark = pytest.mark.anyio


async def test_who_waits_holds_no_snapshot_and_too_many_are_refused():
    """While one page is made so many wait, the next is told 503, and a snapshot is taken only for the one."""
    taken, made, refused = [], [], []
    go_on = Event()

    def look():
        taken.append(cluster(1))
        return taken[-1]

    shown = Shown(look, at_once)

    async def ask():
        try:
            made.append(await shown.make(lambda _: go_on.wait(nurses.WAIT)))
        except HTTPException as error:
            refused.append((error.status_code, (error.headers or {})["retry-after"]))

    with anyio.fail_after(nurses.WAIT):
        async with anyio.create_task_group() as askers:
            for _ in range(WAITING + 3):
                askers.start_soon(ask)
            await anyio.wait_all_tasks_blocked()
            assert (len(taken), made, refused) == (1, [], [(503, "1")] * 2)
            go_on.set()
    assert made == [True] * (WAITING + 1)
    assert len(taken) == WAITING + 1
