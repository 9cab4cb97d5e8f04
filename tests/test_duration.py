"""Go's durations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otelnurse import duration


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_round_trip(nanoseconds: int) -> None:
    """What is shown is read as the same number again."""
    seconds = nanoseconds / 1e9
    assert duration.parse(duration.show(seconds)) == seconds


@given(st.text(alphabet="0123456789.hmsnuµ+- ", max_size=12))
def test_never_anything_else_than_a_value_error(text: str) -> None:
    """Whatever is written is refused, or read as something that can be shown and read again."""
    try:
        seconds = duration.parse(text)
    except ValueError:
        return
    assert duration.parse(duration.show(seconds)) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("5s", 5),
        ("+5s", 5),
        ("-1.5s", -1.5),
        ("500ms", 0.5),
        (".5s", 0.5),
        ("1.s", 1),
        ("1h2m3.5s", 3723.5),
        ("1s1s", 2),
        ("10us", 1e-5),
        ("10\N{MICRO SIGN}s", 1e-5),
        ("10\N{GREEK SMALL LETTER MU}s", 1e-5),
        ("7ns", 7e-9),
        ("0.5ns", 0),
    ],
)
def test_read(text: str, seconds: float) -> None:
    """It means what it means to Go."""
    assert duration.parse(text) == seconds


@pytest.mark.parametrize("text", ["", "s", ".s", "5", "1.5", "5 s", "1h2", "1d", "s5", "1.5.5s", "--5s", "5S", "1_0s"])
def test_refused(text: str) -> None:
    """Go refuses it too."""
    with pytest.raises(ValueError, match=r"duration"):
        duration.parse(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (5, "5s"), (90, "1m30s"), (3600, "1h0m0s"), (0.0015, "1.5ms"), (-0.5, "-500ms"), (3723.5, "1h2m3.5s")],
)
def test_shown(seconds: float, text: str) -> None:
    """It is written as Go writes it."""
    assert duration.show(seconds) == text
