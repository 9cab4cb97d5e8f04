"""Whole environments, each in a file of its own, with what must come of it in the file beside it.

``{dir}`` in a file stands for the folder with the certificates.
"""

from pathlib import Path

import pytest

from otelnurse.settings import SettingsError, load, report

CORPUS = Path(__file__).parent / "corpus"
GOOD = sorted((CORPUS / "good").glob("*.env"))
BAD = sorted((CORPUS / "bad").glob("*.env"))


def environment(path: Path, folder: Path) -> dict[str, str]:
    """NAME=value, one on a line."""
    lines = path.read_text().replace("{dir}", str(folder)).splitlines()
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def expected(path: Path) -> list[str]:
    """The lines of the file beside it."""
    return path.read_text().splitlines()


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_good(path: Path, folder: Path) -> None:
    """What is set, its source, the warnings and what is pushed are as written beside the environment."""
    loaded = load(environment(path, folder))
    lines = [f"warning: {warning}" for warning in loaded.warnings]
    lines += [line for line in report(loaded) if not line.endswith("(from default)")]
    assert [line.replace(str(folder), "{dir}") for line in lines] == expected(path.with_suffix(".expected"))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad(path: Path, folder: Path) -> None:
    """All errors come at once, as written beside the environment."""
    with pytest.raises(SettingsError) as raised:
        load(environment(path, folder))
    assert [error.replace(str(folder), "{dir}") for error in raised.value.errors] == expected(
        path.with_suffix(".errors")
    )


@pytest.mark.parametrize("path", [*GOOD, *BAD], ids=lambda path: path.stem)
def test_nothing_secret(path: Path, folder: Path) -> None:
    """No password, all of which are hunter2 here, and no query of a URL stands in anything that is printed."""
    try:
        loaded = load(environment(path, folder))
    except SettingsError as error:
        printed = str(error)
    else:
        printed = "\n".join([*loaded.warnings, *report(loaded)])
    assert "hunter2" not in printed
    assert "token=" not in printed
