"""Colour for terminals that have it, and text that does a terminal no harm."""

from dataclasses import dataclass

from otelnurse.probe.errors import Phase

BOLD, DIM, RED, YELLOW = "1", "2", "31", "33"
PHASE_COLOURS = {
    Phase.DNS: "36",
    Phase.CONNECT: "33",
    Phase.TLS: "35",
    Phase.SEND: "34",
    Phase.WAIT: "32",
    Phase.RECEIVE: "34",
}
"""Parameters of ECMA-48's SGR: the terminal's own eight colours, which people have chosen to be readable."""


@dataclass(frozen=True, slots=True)
class Paint:
    """What the output can show."""

    colour: bool
    unicode: bool
    """Whether bars may be drawn with lines; otherwise with what every terminal has."""

    def __call__(self, text: str, *styles: str) -> str:
        """``text`` in these styles, and in the usual one after it."""
        return f"\033[{';'.join(styles)}m{text}\033[0m" if self.colour and styles and text else text

    @property
    def bar(self) -> str:
        """What bars are made of."""
        return "━" if self.unicode else "="


def harmless(text: str) -> str:
    """``text`` without control characters: what servers say must not steer the terminal."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
