"""A real file that changes, breaks, vanishes and comes back."""

import json
import os
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from otelnurse.discovery.file_sd import FileSource
from otelnurse.discovery.neighbour import Neighbour

pytestmark = pytest.mark.anyio

LOOK_EVERY = 0.005


def groups(*nodes):
    """A document with one nurse on each node."""
    return json.dumps([{"targets": ["192.0.2.1:8080"], "labels": {"node": node}} for node in nodes])


def nurses(*nodes):
    """What is to be read from it."""
    return tuple(Neighbour(node, "192.0.2.1", 8080) for node in nodes)


@pytest.fixture
def file(tmp_path):
    """A file with the nodes a and b."""
    path = tmp_path / "nurses.json"
    path.write_text(groups("a", "b"))
    return path


async def test_a_change_in_place_and_a_replacement_are_seen(file, looking):
    """Both ways of changing a file lead to the new neighbours."""
    async with looking(FileSource(file, LOOK_EVERY)) as recorder:
        assert await recorder.next("found") == nurses("a", "b")
        file.write_text(groups("a", "c"))
        await recorder.next("found", nurses("a", "c").__eq__)
        new = file.with_suffix(".new")
        new.write_text(groups("d"))
        new.replace(file)
        await recorder.next("found", nurses("d").__eq__)
    assert not [what for kind, what in recorder.reports if kind == "failed" and "not JSON" not in what]


async def test_a_config_map_is_followed(tmp_path, looking):
    """A symlink that is turned to another directory, as the kubelet does it, is a change even of the same size."""
    for name, node in (("one", "a"), ("two", "b")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "nurses.json").write_text(groups(node))
        os.utime(tmp_path / name / "nurses.json", ns=(0, 0))
    (tmp_path / "data").symlink_to("one")
    async with looking(FileSource(tmp_path / "data" / "nurses.json", LOOK_EVERY)) as recorder:
        assert await recorder.next("found") == nurses("a")
        (tmp_path / "new").symlink_to("two")
        (tmp_path / "new").replace(tmp_path / "data")
        await recorder.next("found", nurses("b").__eq__)


async def test_a_second_write_within_the_same_tick_is_seen(file, looking):
    """A write that left neither size nor time changed, right after a change was read, is not overlooked."""
    moment = (10**18, 10**18)
    os.utime(file, ns=moment)
    async with looking(FileSource(file, 0.2)) as recorder:
        assert await recorder.next("found") == nurses("a", "b")
        file.write_text(groups("a", "c"))
        os.utime(file, ns=moment)
        await recorder.next("found", nurses("a", "c").__eq__)


async def test_an_unchanged_file_is_reported_and_not_read(file, looking, monkeypatch):
    """Each look says that the source is alive; the file is opened twice for each change, however often looked at."""
    opened = []
    monkeypatch.setattr(
        "otelnurse.discovery.file_sd.parse", lambda document: opened.append(document) or nurses("a", "b")
    )
    async with looking(FileSource(file, 0.001)) as recorder:
        for _ in range(10):
            await recorder.next("found")
    assert len(opened) == 2


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.write_text(groups("a", "b")[:-9]), "not JSON"),
        (lambda path: path.write_text(""), "not JSON"),
        (lambda path: path.write_text('[{"targets": [":8080"]}]'), "group 0: target ':8080': the address is empty"),
        (lambda path: path.unlink(), "No such file or directory"),
        (lambda path: (path.unlink(), path.mkdir()), "not a regular file"),
        (lambda path: (path.unlink(), os.mkfifo(path)), "not a regular file"),
    ],
    ids=["half written", "empty", "faulty", "gone", "a folder", "a pipe"],
)
async def test_a_spoilt_file_is_told_at_each_look_until_it_is_mended(file, looking, spoil, words):
    """The error names the file and what is wrong for as long as it is, nothing is found meanwhile, and it heals."""
    async with looking(FileSource(file, LOOK_EVERY)) as recorder:
        await recorder.next("found")
        spoil(file)
        for _ in range(4):
            message = await recorder.next("failed", lambda told: words in told)
            assert message.startswith(f"{file}: ")
        assert recorder.reports[-1][0] == "failed"
        new = file.with_suffix(".new")
        new.write_text(groups("c"))
        if file.is_dir():
            file.rmdir()
        new.replace(file)
        await recorder.next("found", nurses("c").__eq__)


async def test_a_huge_file_is_refused(file, looking):
    """What is read into memory is bounded."""
    with file.open("wb") as huge:
        huge.truncate(1 << 40)
    async with looking(FileSource(file, LOOK_EVERY)) as recorder:
        assert "longer than 16777216 bytes" in await recorder.next("failed")


async def test_a_stop_during_a_look_leaves_nothing_open(file, looking):
    """Cancelled at any moment the source ends, and leaves no descriptor behind."""

    def descriptors():
        return len(list(Path("/dev/fd").iterdir()))

    before = descriptors()
    for pause in (0, 0.0005, 0.001, 0.003):
        async with looking(FileSource(file, 0.0)) as recorder:
            await recorder.next("found")
            await anyio.sleep(pause)
    # A look left behind in its thread closes its file by itself.
    with anyio.fail_after(20):
        while descriptors() > before:  # noqa: ASYNC110 - the kernel tells nobody
            await anyio.sleep(0.001)


def test_yaml_is_refused_by_name():
    """A file that cannot be read is told at the start, with what would be right."""
    with pytest.raises(ValueError, match=r"nurses\.yml is YAML by its name; only JSON is read, name it \.json"):
        FileSource("nurses.yml")


def test_httpx_is_not_paid_for():
    """A nurse with a file does not load an HTTP client for discovery."""
    code = "import sys, otelnurse.discovery.file_sd, otelnurse.discovery.http_sd; sys.exit('httpx' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
