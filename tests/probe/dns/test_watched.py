"""A file that changes is read again, and one that is broken changes nothing and is told of once."""

import os

import pytest

from otelnurse.probe.dns.watched import MAX_SIZE, WatchedFile


@pytest.fixture
def path(tmp_path):
    """A file with good content."""
    path = tmp_path / "file"
    path.write_text("good")
    return path


def test_read_again_when_changed(path):
    """Writing into the file and putting another in its place are both seen, and nothing is read without need."""
    reads = []
    watched = WatchedFile(path, lambda text: reads.append(text) or text, "default")
    assert [watched.current(), watched.current()] == ["good", "good"]
    path.write_text("better")
    assert watched.current() == "better"
    path.with_name("new").write_text("best")
    path.with_name("new").replace(path)
    assert watched.current() == "best"
    assert reads == ["good", "better", "best"]


def delete(path):
    """It is gone."""
    path.unlink()


def make_directory(path):
    """There is a directory in its place."""
    path.unlink()
    path.mkdir()


def make_fifo(path):
    """There is a FIFO in its place that nobody writes to."""
    path.unlink()
    os.mkfifo(path)


def empty(path):
    """It is being rewritten."""
    path.write_text("\n")


def bloat(path):
    """It is larger than anything sensible."""
    path.write_text("x" * (MAX_SIZE + 1))


@pytest.mark.parametrize("break_it", [delete, make_directory, make_fifo, empty, bloat])
def test_what_was_known_outlives_a_broken_file(path, caplog, break_it):
    """However it breaks, what it last said stands, the log says so once, and says when it is well again."""
    watched = WatchedFile(path, str, "default")
    watched.current()
    caplog.set_level("INFO")
    break_it(path)
    assert {watched.current() for _ in range(5)} == {"good"}
    assert len(caplog.records) == 1
    assert str(path) in caplog.text
    path.with_name("new").write_text("well again")
    if path.is_dir():
        path.rmdir()
    path.with_name("new").replace(path)
    assert watched.current() == "well again"
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_the_default_until_there_is_a_file(tmp_path):
    """A file that never was there is its default, and is read once it comes."""
    watched = WatchedFile(tmp_path / "file", str, "default")
    assert watched.current() == "default"
    (tmp_path / "file").write_bytes(b"\xff not UTF-8")
    assert "not UTF-8" in watched.current()
