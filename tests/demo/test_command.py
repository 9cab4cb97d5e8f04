"""The arguments of `otelnurse demo`."""

import argparse
import sys

import pytest

from otelnurse.demo.command import add_arguments, run


def parse(*words: str) -> argparse.Namespace:
    """What the command line makes of them."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


def test_without_arguments_it_is_five_nurses_a_second_and_no_end() -> None:
    """What `make demo` shows."""
    args = parse()
    assert (args.nurses, args.interval, args.duration) == (5, 1.0, None)


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("1m30s", 90), ("500ms", 0.5), ("1.5h", 5400)])
def test_durations_are_written_as_in_go(text: str, seconds: float) -> None:
    """As everywhere in otelnurse."""
    assert parse("--duration", text).duration == seconds


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--duration", "30"), "'30': a duration needs a unit: 30s, or 30ms"),
        (("--duration", "0s"), "'0s' must be longer than zero"),
        (("--duration=-3s",), "'-3s' must be longer than zero"),
        (("--nurses", "2"), "'2' must be a whole number from 3"),
        (("--nurses", "five"), "'five' must be a whole number from 3"),
        (("--interval", "1ms"), "'1ms' must be from 100ms to 1m"),
    ],
)
def test_a_wrong_argument_is_named_with_what_would_be_right(
    words: tuple[str, ...], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, as argparse has it."""
    with pytest.raises(SystemExit) as caught:
        parse(*words)
    assert caught.value.code == 2
    assert complaint in capsys.readouterr().err


def test_a_missing_extra_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A nurse's installation has no rich, and says how to get it."""
    monkeypatch.setitem(sys.modules, "rich", None)
    assert run(parse()) == 2
    assert capsys.readouterr().err == "the demo needs rich: pip install 'otelnurse[demo]'\n"
