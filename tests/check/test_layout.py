"""What is worth a word beside the picture, told of runs that no test could bring about."""

import io

import pytest

from otelnurse.check.layout import milliseconds, picture
from otelnurse.check.many import Many
from otelnurse.check.paint import Paint
from otelnurse.probe.target import Target
from otelnurse.probe.timeline import NS_PER_S, Certificate, Handshake, Hop, Outcome, Timeline

PLAIN = Paint(colour=False, unicode=True)
DAY = 86_400.0


def finished(**fields):
    """A run that went well, with what matters to the test."""
    hop = Hop("GET", "https://site.test/", "site.test", 443, start=0, end=5_000_000)
    hop.handshake = fields.pop("handshake", None)
    target = Target("extra", "check", hop.url, 1.0)
    return Timeline(target, start=0, anchor=0, end=5_000_000, hops=[hop], outcome=Outcome(), **fields)


@pytest.mark.parametrize(("days", "told"), [(13.9, True), (14.1, False)])
def test_a_certificate_that_expires_soon(days, told):
    """The last two weeks are told."""
    handshake = Handshake("site.test", start=0, end=NS_PER_S, certificate=Certificate(-DAY, days * DAY))
    text = "\n".join(picture(finished(handshake=handshake), 80, PLAIN))
    assert ("The certificate of site.test expires soon." in text) is told


@pytest.mark.parametrize(("lag", "told"), [(None, False), (0.0019, False), (0.0021, True)])
def test_a_busy_machine_says_so(lag, told):
    """What this machine was late by is no part of the network, and casts doubt on the rest."""
    text = "\n".join(picture(finished(lag=lag), 80, PLAIN))
    assert ("This machine was busy" in text) is told


def test_runs_on_a_busy_machine_are_counted():
    """The summary says in how many of the runs it was late."""
    out = io.StringIO()
    screen = Many(out, 120, PLAIN)
    for lag in (0.01, None, 0.003):
        screen.show(finished(lag=lag))
    screen.close()
    assert "in 2 of them it saw the answer late" in out.getvalue()


def test_a_run_without_a_request():
    """There is nothing to draw."""
    timeline = finished()
    timeline.hops.clear()
    assert picture(timeline, 80, PLAIN) == []


def test_a_run_that_took_no_time():
    """Bars are drawn of it nevertheless."""
    timeline = finished(handshake=Handshake("site.test", start=0, end=0))
    timeline.end = timeline.hops[0].end = 0
    assert any("━" in line for line in picture(timeline, 80, PLAIN))


def test_bars_lie_in_time():
    """What took the third fifth of the time has its bar in the third fifth of the room."""
    timeline = finished(handshake=Handshake("site.test", start=2_000_000, end=3_000_000))
    (line,) = (line for line in picture(timeline, 136, PLAIN) if "━" in line)
    begins = line.index("━") - len("  TLS client handshake  ")
    assert (begins, line.count("━")) == (pytest.approx(84 * 2 / 5, abs=1), pytest.approx(84 / 5, abs=1))


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, "0.00"), (0.00123, "1.23"), (0.0123, "12.3"), (0.5, "500"), (5.003, "5003")]
)
def test_milliseconds(seconds, text):
    """Three digits are enough, and all of a large number."""
    assert milliseconds(seconds) == text
