"""Plays the script on the relays, asks the nurses what they see, and shows and judges it."""

from collections import Counter

import anyio

from otelnurse.demo.findings import Finding, find, usual_latency
from otelnurse.demo.mesh import Mesh
from otelnurse.demo.poll import Poll, without_proxies
from otelnurse.demo.process import Child
from otelnurse.demo.relay import Mode
from otelnurse.demo.screen import Frame, Screen
from otelnurse.demo.script import Story, acts, too_short
from otelnurse.demo.verdicts import HEADINGS, Verdicts, missed

_START_DEADLINE = 60.0
"""Seconds until the mesh must be well; a slow machine needs ten."""

_CLOSED = "connection_closed"
"""No sickness does this: a stand-in accepts before it knows whether the nurse whose turn it is takes the connection,
where kube-proxy would have had it refused."""


class Show:
    """One performance: :meth:`play` it, stop the mesh, then :meth:`summarise`."""

    def __init__(
        self, mesh: Mesh, collector: Child | None, screen: Screen, interval: float, duration: float | None
    ) -> None:
        """``interval``: seconds between two rounds; ``duration``: seconds to play, None: no end."""
        self._mesh = mesh
        self._collector = collector
        self._screen = screen
        self._duration = duration
        self._pause = min(0.5, max(0.1, interval / 2))
        nodes = [member.node for member in mesh.members]
        self._warning = None if duration is None else too_short(nodes, interval, duration)
        self._story = Story(acts(nodes, interval, duration))
        self._verdicts = Verdicts(interval)
        self._relays = {member.node: member.relay for member in mesh.members}
        self._named: dict[tuple[str, str], Finding] = {}
        self._counts: dict[str, tuple[int, Counter[str]]] = {}
        self._broken = False
        self._well = False

    async def play(self) -> None:
        """Until the duration is over, or for ever; returns early when the mesh does not come up."""
        if self._warning is not None:
            self._screen.say(self._warning, style="yellow")
        async with without_proxies() as client, anyio.create_task_group() as group:
            for nurse in self._mesh.nurses:
                group.start_soon(self._watch, nurse, group.cancel_scope)
            if self._collector is not None:
                group.start_soon(self._watch, self._collector, None)
            poll = Poll(self._mesh.members, client)
            if await self._get_well(poll):
                await self._perform(poll)
            group.cancel_scope.cancel()

    def summarise(self) -> int:
        """Say how it went; the exit code."""
        if not self._well:
            self._screen.say("\nended before all nurses were up and well: nothing was shown")
            return int(self._broken)
        self._screen.say("\nsummary", style="bold")
        if self._verdicts.all:
            self._screen.table(HEADINGS, [verdict.row() for verdict in self._verdicts.all])
        else:
            self._screen.say(self._warning or "no sickness was shown: it ended before the first")
        done = sum(count for count, _ in self._counts.values())
        failures = sum((errors for _, errors in self._counts.values()), Counter[str]())
        self._screen.say(f"\n{done} checks made, {failures.total()} failed")
        if failures:
            self._screen.table(
                ("error.type", "checks"), [(error, str(count)) for error, count in failures.most_common()]
            )
        if _CLOSED in failures:
            self._screen.say(f"{_CLOSED} is how the service's stand-in ends when its nurse is sick")
        if self._broken:
            self._screen.say("a process died while it ran: see above", style="red")
        return int(self._broken or missed(self._verdicts.all))

    async def _watch(self, child: Child, needed: anyio.CancelScope | None) -> None:
        """Tell of its death; cancels ``needed`` when it dies before the mesh was well, since it will never be."""
        death = await child.death()
        if death is None:
            return
        self._broken = True
        self._screen.say(death, style="red")
        if needed is not None and not self._well:
            needed.cancel()

    async def _get_well(self, poll: Poll) -> bool:
        with anyio.move_on_after(_START_DEADLINE):
            while True:
                await poll.once()
                up = sum(1 for view in poll.views if view.checks)
                well = sum(1 for view in poll.views if view.checks and not any(s.error for s in view.checks.values()))
                if well == len(poll.views):
                    self._well = True
                    return True
                line = f"waiting for the nurses: of {len(poll.views)}, {up} are up and {well} see all well"
                self._screen.show(Frame(line, poll.views, []))
                await anyio.sleep(self._pause)
        self._broken = True
        self._screen.say(f"the mesh was not well within {_START_DEADLINE:.0f} s", style="red")
        for view, nurse in zip(poll.views, self._mesh.nurses, strict=True):
            errors = ", ".join(f"{check} {seen.error}" for check, seen in view.checks.items() if seen.error)
            said = errors or (
                "all well" if view.checks else f"no answer; the end of its log:\n{await nurse.log_tail()}"
            )
            self._screen.say(f"{view.node}: {said}")
        return False

    async def _perform(self, poll: Poll) -> None:
        began = anyio.current_time()
        self._screen.say("  0.0 s  all nurses are up, and all checks are well")
        while True:
            await poll.once()
            now = anyio.current_time() - began
            findings = find(poll.views)
            self._verdicts.judge(now, findings)
            self._count(poll)
            self._announce(now, findings)
            self._act(now)
            frame = Frame(self._story.line(now), poll.views, findings, usual_latency(poll.views), now, self._duration)
            self._screen.show(frame)
            if self._duration is not None and now >= self._duration:
                return
            await anyio.sleep(self._pause)

    def _act(self, now: float) -> None:
        before = self._story.act
        begun = self._story.advance(now)
        if before is not None and self._story.act is None:
            self._relays[before.node].switch(Mode.PASS)
            self._screen.say(f"{now:5.1f} s  script: {before.node} is well from now on", style="cyan")
        for act in begun:
            self._relays[act.node].switch(act.sickness.mode)
            self._verdicts.begin(act, now)
            self._screen.say(f"{now:5.1f} s  script: {act.node} {act.sickness.does} from now on", style="cyan")

    def _announce(self, now: float, findings: list[Finding]) -> None:
        """Each sure finding once when it comes, and its end once when nobody reports it any more."""
        for key in self._named.keys() - {finding.key for finding in findings}:
            self._screen.say(f"{now:5.1f} s  found:  {self._named.pop(key).end}", style="green")
        for finding in findings:
            if finding.sure and finding.key not in self._named:
                self._named[finding.key] = finding
                self._screen.say(f"{now:5.1f} s  found:  {finding.sentence}", style="bold red")

    def _count(self, poll: Poll) -> None:
        for view in poll.views:
            if view.checks:
                self._counts[view.node] = (view.done, Counter(view.failures))
