"""Where the demo's nurses push to, and what is said of it."""

from pathlib import Path

from otelnurse.demo.collector import ENDPOINT, telemetry


def test_a_password_in_the_endpoint_is_not_said(tmp_path: Path) -> None:
    """The address is, so that one knows where to look."""
    sink = telemetry({ENDPOINT: "https://user:secret@collector.example:4318"}, tmp_path)
    assert "collector.example:4318" in sink.words
    assert "user" not in sink.words
    assert "secret" not in sink.words
    assert sink.collector is None
