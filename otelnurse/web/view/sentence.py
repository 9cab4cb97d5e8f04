"""The one sentence that somebody needs who is called at night: what fails, since when, how far, and what does not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from otelnurse.checks.loopback import LOOPBACK
from otelnurse.probe.errors import ErrorType
from otelnurse.probe.timeline import Lookup
from otelnurse.rounds.history import FAILURES
from otelnurse.web.view import words
from otelnurse.web.view.model import Check, Mood, Sentence
from otelnurse.web.view.runs import age
from otelnurse.web.view.snapshot import Snapshot

LATELY = 300.0
"""Seconds for which a failure that is over is still told."""
_DNS_FAULTS = frozenset({ErrorType.DNS_TIMEOUT, ErrorType.DNS_SERVER_FAILURE})
_UNREACHED = frozenset(
    {
        ErrorType.CONNECTION_REFUSED,
        ErrorType.CONNECTION_TIMEOUT,
        ErrorType.HOST_UNREACHABLE,
        ErrorType.NETWORK_UNREACHABLE,
        ErrorType.RESPONSE_TIMEOUT,
    }
)
"""Reasons for which nobody has answered at all. Whoever sends a status or a certificate is there."""
_ALL = 1_000


def sentence(snapshot: Snapshot, checks: Sequence[Check]) -> Sentence:
    """Say how things are, from all ``checks`` that are made."""
    situation = _Situation(
        snapshot,
        asked=[check for check in checks if check.type != LOOPBACK],
        fixed=[check for check in checks if check.type not in {LOOPBACK, "path"}],
        paths=[check for check in checks if check.type == "path"],
        own=[check for check in checks if check.type == LOOPBACK],
    )
    mood = situation.mood()
    text, gist = ("; ".join(situation.parts(mood, timed=timed)) for timed in (True, False))
    return Sentence(_capital(text), _capital(gist), mood)


@dataclass(frozen=True, slots=True)
class _Situation:
    snapshot: Snapshot
    asked: Sequence[Check]
    """Fixed checks and paths."""
    fixed: Sequence[Check]
    paths: Sequence[Check]
    own: Sequence[Check]
    """The loopback probe."""

    def mood(self) -> Mood:
        """How bad it is."""
        states = {check.state for check in [*self.asked, *self.own]}
        if "failing" in states:
            return "failing"
        if "ok" not in states:
            return "pending"
        unknown = "pending" in states or self.snapshot.neighbourhood_state.startswith("unknown")
        return "uneasy" if unknown or self._past() else "ok"

    def parts(self, mood: Mood, *, timed: bool) -> Iterator[str]:
        """Put it into words, with or without times."""
        if mood == "pending":
            yield "nothing is known yet, the first results are awaited"
        elif mood == "ok":
            fine = [*self._fine_checks(), *self._fine_rest()]
            yield f"all is well: {words.listed(fine, _ALL)} fine" if fine else "all is well, but nobody is there to ask"
        elif self._cut_off():
            reasons = dict.fromkeys(words.phrase(_reason(check)) for check in self.asked)
            yield f"everything fails: {words.listed([*reasons])}{self._since_all_fail() if timed else ''}"
            yield "nobody answers, so look at this node first"
        else:
            yield from self._problems(timed=timed) if mood == "failing" else self._told(self._past(), timed=timed)
            if fine := self._fine_checks():
                yield f"{words.listed(fine, _ALL)} fine"
            yield from (f"{what} fine" for what in self._fine_rest())
        yield from self._unknown(mood)

    def _cut_off(self) -> bool:
        """Whether nobody answers, so that this node is the likeliest to blame."""
        return len(self.asked) > 1 and all(
            check.state == "failing" and _reason(check) in _UNREACHED for check in self.asked
        )

    def _problems(self, *, timed: bool) -> Iterator[str]:
        """What fails, by reason. A nameserver's fault is one problem, however many checks it fails."""
        failing = [check for check in [*self.own, *self.asked] if check.state == "failing"]
        dns = [check for check in failing if _reason(check) in _DNS_FAULTS]
        others = [check for check in failing if _reason(check) not in _DNS_FAULTS]
        paths = [check for check in others if check.type == "path"]
        fixed = [check for check in others if check.type != "path"]
        for reason, checks in _by_reason(dns):
            affected = words.listed([check.title for check in checks], 4)
            yield f"DNS: {words.phrase(reason)}{self._lasting(checks) if timed else ''}, {affected} affected"
        left = len(paths)
        for reason, checks in _by_reason(paths):
            left -= len(checks)
            nodes = words.listed([check.title.removeprefix("path to ") for check in checks])
            lead = f"path{'s' if len(checks) > 1 else ''} to {nodes}"
            extent = f", {len(paths)} of {len(self.paths)} neighbours affected" if not left else ""
            yield f"{lead}: {words.phrase(reason)}{self._lasting(checks) if timed else ''}{extent}"
        for reason, checks in _by_reason(fixed):
            titles = words.listed([check.title for check in checks], 4)
            yield f"{titles}: {words.phrase(reason)}{self._lasting(checks) if timed else ''}"

    def _fine_checks(self) -> list[str]:
        """The fixed checks that are well; the API server is one where both ways to it are."""
        well = {check.type: check.title for check in self.fixed if check.state == "ok" and check.type != "extra"}
        if {"api_server_direct", "api_server_dns"} <= well.keys():
            del well["api_server_dns"]
            well["api_server_direct"] = "API server"
        return [*well.values(), *(check.title for check in self.fixed if check.state == "ok" and check.type == "extra")]

    def _fine_rest(self) -> Iterator[str]:
        """DNS, when a nameserver has answered lately and none failed; the neighbours, when all are well."""
        lookups = [
            hop.lookup for runs in self.snapshot.runs for run in runs[-1:] for hop in run.hops[-1:] if hop.lookup
        ]
        if any(map(_answered, lookups)) and not any(lookup.error in _DNS_FAULTS for lookup in lookups):
            yield "DNS"
        if self.paths and all(check.state == "ok" for check in self.paths):
            yield "1 neighbour" if len(self.paths) == 1 else f"{len(self.paths)} neighbours"

    def _past(self) -> list[tuple[float, str]]:
        """What failed lately and is over now, and how many seconds ago that began; oldest first."""
        return [
            (
                ago,
                f"{words.title(run.target.type, run.target.name, run.target.peer_node)}, {words.phrase(error)}",
            )
            for run in self.snapshot.failures
            if (ago := age(run, self.snapshot)) <= LATELY and run.outcome and (error := run.outcome.error_type)
        ]

    def _told(self, past: Sequence[tuple[float, str]], *, timed: bool) -> Iterator[str]:
        if past:
            seconds, what = past[-1]
            number = "1 failure" if len(past) == 1 else f"{len(past)} failures"
            # All that are kept are of late: there may have been more.
            least = "at least " if len(past) >= FAILURES else ""
            ago = f" {words.lasting(seconds)} ago" if timed else ""
            yield f"{self._now()}; {least}{number} in the last 5 minutes, the last{ago} ({what})"

    def _now(self) -> str:
        """What is true of those asked now, when none of them fails."""
        if not self.asked:
            return "nobody is there to ask now"
        return "all answer now" if all(check.state == "ok" for check in self.asked) else "nothing fails now"

    def _unknown(self, mood: Mood) -> Iterator[str]:
        pending = [check.title for check in self.asked if check.state == "pending"]
        if pending and mood != "pending":
            yield f"no result yet from {words.listed(pending)}"
        if self.snapshot.neighbourhood_state.startswith("unknown"):
            yield f"neighbours {self.snapshot.neighbourhood_state}"

    def _lasting(self, checks: Iterable[Check]) -> str:
        """For how long the one that has failed for longest has failed."""
        first = min(checks, key=lambda check: check.since or self.snapshot.now)
        return self._ago(first.since, at_least=first.whole)

    def _since_all_fail(self) -> str:
        """For how long all have failed together: since the last one joined."""
        last = max(check.since or self.snapshot.now for check in self.asked)
        return self._ago(last, at_least=all(check.whole for check in self.asked))

    def _ago(self, since: float | None, *, at_least: bool) -> str:
        seconds = self.snapshot.now - (since or self.snapshot.now)
        return f" for {'at least ' if at_least else ''}{words.lasting(seconds)}" if seconds >= 1 else " just now"


def _by_reason(checks: Iterable[Check]) -> Iterable[tuple[str, list[Check]]]:
    groups: dict[str, list[Check]] = {}
    for check in checks:
        groups.setdefault(_reason(check), []).append(check)
    return sorted(groups.items(), key=lambda group: -len(group[1]))


def _reason(check: Check) -> str:
    return check.last.error_type or "" if check.last else ""


def _answered(lookup: Lookup) -> bool:
    return lookup.source == "dns" and lookup.error not in _DNS_FAULTS


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
