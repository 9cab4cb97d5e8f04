"""How kubenurse reads its variables where it is more forgiving than we are.

A fleet must not crash-loop because of a migration: nothing wrong in a ``KUBENURSE_*`` variable is an error. These
functions never raise; they return the value to go on with and what to tell the user, or None when all was well.
"""

from typing import TypeAlias, TypeVar

from otelnurse.settings import parse

T = TypeVar("T")
Forgiven: TypeAlias = tuple[T, str | None]


def only_true(text: str) -> Forgiven[bool]:
    """On at ``true`` and at nothing else, be it ``True`` or ``1``."""
    complaint = "kubenurse takes nothing but true for yes, so this is false"
    return text == "true", None if text in ("true", "false") else complaint


def only_false(text: str) -> Forgiven[bool]:
    """Off at ``false`` and at nothing else, be it ``False`` or ``0``."""
    complaint = "kubenurse takes nothing but false for no, so this is true"
    return text != "false", None if text in ("true", "false") else complaint


def good_extra_checks(text: str) -> Forgiven[tuple[tuple[str, str], ...]]:
    """The checks that can be read; of several with the same name the last, as in kubenurse's map."""
    checks: dict[str, str] = {}
    complaints: list[str] = []
    for number, part in enumerate(text.split("|"), start=1):
        try:
            name, url = parse.extra_check(part)
        except ValueError as error:
            complaints.append(f"check {number} is left out: {error}")
            continue
        if name in checks:
            complaints.append(f"the name {name!r} stands there more than once: the last one is taken")
        checks[name] = url
    return tuple(checks.items()), "; ".join(complaints) or None
