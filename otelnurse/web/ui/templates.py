"""The templates, and what they can call; importing this loads jinja2."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from otelnurse import __version__
from otelnurse.web.ui import filters, strip
from otelnurse.web.view import words
from otelnurse.web.view.neighbours import LONGEST


@cache
def environment() -> Environment:
    """The templates with what they call; everything that they put in is escaped."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "html"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "latency": words.latency,
        "lasting": words.lasting,
        "share": words.share,
        "phrase": words.phrase,
        "clock": filters.clock,
        "iso": filters.iso,
    }
    made.globals |= {
        "version": __version__,
        "strip": strip.strip,
        "strip_width": strip.WIDTH,
        "strip_height": strip.HEIGHT,
        "strip_failed": strip.FAILED,
        "longest": LONGEST,
    }
    return made
