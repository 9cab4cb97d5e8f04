"""One absolute name asked of the nameservers in turn, until each record type has an answer or there is no point."""

from collections.abc import Sequence

import anyio

from otelnurse.probe.dns import tcp, udp
from otelnurse.probe.dns.asked import Answer
from otelnurse.probe.dns.message import Question, RecordType
from otelnurse.probe.dns.nameserver import Nameserver
from otelnurse.probe.dns.resolvconf import ResolvConf
from otelnurse.probe.errors import ErrorType
from otelnurse.probe.timeline import Lookup


class Inquiry:
    """What the nameservers said about one name."""

    def __init__(self, name: str, conf: ResolvConf, lookup: Lookup, types: Sequence[RecordType]) -> None:
        """``name`` is absolute, without the dot at the end; queries are written down in ``lookup``."""
        self.name = name
        self.answers: list[Answer] = []
        self._conf = conf
        self._lookup = lookup
        self._questions = [Question(name, kind) for kind in types]
        self._last: dict[Question, Answer] = {}

    async def ask(self, nameservers: Sequence[Nameserver], patience: float, enough: float) -> None:
        """Ask each nameserver as often as resolv.conf says, each time only what is still unknown.

        Args:
            nameservers: whom, in this order.
            patience: seconds to wait for one answer.
            enough: the instant (``anyio.current_time``) up to which to go on asking for the addresses of one family
                when those of the other are known.
        """
        for nameserver in list(nameservers) * self._conf.attempts:
            if self._done():
                return
            left = min(patience, enough - anyio.current_time()) if self.addresses else patience
            if left <= 0:
                return
            missing = [question for question in self._questions if not self._is_final(question)]
            for batch in [[question] for question in missing] if self._conf.single_request else [missing]:
                self._note(await self._ask(nameserver, batch, left))

    async def _ask(self, nameserver: Nameserver, questions: list[Question], patience: float) -> list[Answer]:
        if self._conf.use_vc:
            return await tcp.ask(self._lookup, nameserver, questions, patience)
        answers = await udp.ask(self._lookup, nameserver, questions, patience)
        truncated = [answer.question for answer in answers if answer.truncated]
        if truncated:
            answers = [answer for answer in answers if not answer.truncated]
            answers += await tcp.ask(self._lookup, nameserver, truncated, patience)
        return answers

    def _note(self, answers: list[Answer]) -> None:
        self.answers += answers
        self._last |= {answer.question: answer for answer in answers}

    def _is_final(self, question: Question) -> bool:
        return question in self._last and self._last[question].final

    def _done(self) -> bool:
        """No need, or no use, to ask once more.

        A lost packet is asked for again; but where one family's addresses are known and the other's question was
        refused, it is left at that, as glibc does: there are nameservers that never answer AAAA.
        """
        if self.nonexistent or all(self._is_final(question) for question in self._questions):
            return True
        lost = any(answer.error is ErrorType.DNS_TIMEOUT for answer in self._last.values())
        return bool(self.addresses) and not lost

    @property
    def addresses(self) -> list[str]:
        """All that are known, IPv6 first."""
        return [address for question in reversed(self._questions) for address in self._addresses(question)]

    def _addresses(self, question: Question) -> tuple[str, ...]:
        return self._last[question].addresses if question in self._last else ()

    @property
    def nonexistent(self) -> bool:
        """Some nameserver said that there is no such name, of whatever type (RFC 8020)."""
        return any(answer.rcode == "NXDOMAIN" for answer in self._last.values())

    @property
    def failure(self) -> Answer | None:
        """The last answer to the first question that is still open, when there is neither an address nor a clear no."""
        if self.addresses or self.nonexistent:
            return None
        last = (self._last.get(question) for question in self._questions)
        return next((answer for answer in last if answer and not answer.final), None)

    def account(self) -> str:
        """For people: who said what about this name, repetitions counted."""
        counts: dict[str, int] = {}
        for answer in self.answers:
            if answer.error is not None:
                line = f"{answer.question.type}: {answer.reason}"
                counts[line] = counts.get(line, 0) + 1
        told = (line if count == 1 else f"{line} ({count} times)" for line, count in counts.items())
        return f"{self.name}: {', '.join(told)}"
