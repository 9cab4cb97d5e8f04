"""Counting who asks: distinct, for a minute, and never without bound."""

from otelnurse.web.incoming import WINDOW, Incoming


class Clock:
    """Time that passes when it is told to."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        """Tell the time in seconds."""
        return self.now


def test_a_source_counts_once_and_for_a_minute():
    """Asking again prolongs it; a minute after the last time it is gone."""
    clock = Clock()
    incoming = Incoming(10, clock)
    incoming.asked("b")
    incoming.asked("c")
    clock.now += WINDOW / 2
    incoming.asked("b")
    assert incoming.count() == 2
    clock.now += WINDOW / 2
    assert incoming.count() == 1
    clock.now += WINDOW / 2
    assert incoming.count() == 0


def test_who_asked_and_how_long_ago():
    """The latest comes first, each with the seconds since, and none that is older than a minute."""
    clock = Clock()
    incoming = Incoming(10, clock)
    for source in ("b", "c", "b"):
        incoming.asked(source)
        clock.now += WINDOW / 3
    assert incoming.sources() == [("b", WINDOW / 3), ("c", 2 * WINDOW / 3)]
    clock.now += WINDOW / 3
    assert incoming.sources() == [("b", 2 * WINDOW / 3)]


def test_strangers_cannot_fill_the_memory():
    """At four times the limit no more sources are counted, and those left out are told; known ones go on."""
    clock = Clock()
    incoming = Incoming(3, clock)
    for number in range(20):
        incoming.asked(f"node-{number}")
    assert (incoming.count(), incoming.overflow) == (12, 8)
    incoming.asked("node-0")
    assert (incoming.count(), incoming.overflow) == (12, 8)


def test_room_comes_back_after_a_minute():
    """Whoever stopped asking makes room for others."""
    clock = Clock()
    incoming = Incoming(1, clock)
    for number in range(4):
        incoming.asked(f"old-{number}")
    clock.now += WINDOW
    incoming.asked("new")
    assert (incoming.count(), incoming.overflow) == (1, 0)


def test_the_one_who_asks_again_is_not_the_one_forgotten():
    """Forgetting goes by the last time asked, not by the first."""
    clock = Clock()
    incoming = Incoming(1, clock)
    incoming.asked("faithful")
    incoming.asked("gone")
    clock.now += WINDOW / 2
    incoming.asked("faithful")
    clock.now += WINDOW / 2
    incoming.asked("new")
    assert incoming.count() == 2


def test_endless_names_take_no_more_than_a_nodes_name_can():
    """Two headers of megabytes that differ after a node name's longest are one source."""
    incoming = Incoming(10, Clock())
    incoming.asked("x" * 1_000_000)
    incoming.asked("x" * 253 + "y")
    assert incoming.count() == 1
