"""Was each sickness found? The script on one side, the findings on the other, compared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from otelnurse.demo.findings import Finding
from otelnurse.demo.script import Act, long_enough


@dataclass(frozen=True, slots=True)
class Moment:
    """So many reported it, after so long."""

    by: int
    of: int
    after: float
    """Seconds."""

    def __str__(self) -> str:
        """As people read it."""
        return f"{self.by} of {self.of} after {self.after:.1f} s"


@dataclass(slots=True)
class Verdict:
    """How one act went."""

    act: Act
    began: float
    """When it was switched on: the next look at the clock after ``act.start``."""
    long_enough: float
    """Seconds after which it must have been found."""
    shown: float = 0.0
    """Seconds that it has been on."""
    found: Moment | None = None
    """When more than half of the neighbours reported it first; None: not found."""
    most: Moment | None = None
    """When most of them did, first."""

    def saw(self, by: int, of: int) -> None:
        """So many neighbours report it now, more than half of them."""
        now = Moment(by, of, self.shown)
        self.found = self.found or now
        if self.most is None or by > self.most.by:
            self.most = now

    @property
    def missed(self) -> bool:
        """Shown long enough, and not found."""
        return self.found is None and self.shown >= self.long_enough

    def row(self) -> tuple[str, str, str, str]:
        """Node, sickness, whether it was found, by how many neighbours when: as people read it."""
        names = (self.act.node, self.act.sickness.does)
        if self.found is None:
            return *names, "NOT FOUND" if self.missed else "shown too shortly", ""
        when = str(self.found) if self.most in (None, self.found) else f"{self.found}, {self.most}"
        return *names, "found", when


HEADINGS = ("nurse", "what it did", "", "reported by neighbours")


class Verdicts:
    """Collects verdicts, act by act."""

    def __init__(self, interval: float) -> None:
        self._long_enough = long_enough(interval)
        self.all: list[Verdict] = []

    def begin(self, act: Act, now: float) -> None:
        """``act`` is on from ``now``."""
        self.all.append(Verdict(act, now, self._long_enough))

    def judge(self, now: float, findings: Iterable[Finding]) -> None:
        """Compare what was found at ``now`` with the act that is on; what is found after its end does not count."""
        if not self.all:
            return
        verdict = self.all[-1]
        verdict.shown = min(now, verdict.act.end) - verdict.began
        if now > verdict.act.end:
            return
        for finding in findings:
            if (finding.subject, finding.what) == (verdict.act.node, verdict.act.sickness.finding) and finding.sure:
                verdict.saw(finding.by, finding.of)


def missed(verdicts: Sequence[Verdict]) -> bool:
    """Whether any sickness was overlooked."""
    return any(verdict.missed for verdict in verdicts)
