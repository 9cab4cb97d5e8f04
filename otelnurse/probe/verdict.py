"""Which answers are good ones."""

_WELL = {"GET": frozenset({200}), "HEAD": frozenset({200}), "OPTIONS": frozenset({200, 204})}


def is_well(method: str, status: int | None) -> bool:
    """Whether ``status`` is success; there is often nothing to say to OPTIONS (RFC 9110, section 9.3.7)."""
    return status in _WELL.get(method, frozenset())
