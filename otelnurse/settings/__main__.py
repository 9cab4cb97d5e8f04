"""Run as ``python -m otelnurse.settings docs/settings.md`` to write the table in that page anew."""

import sys
from pathlib import Path

from otelnurse.settings.docs import rewritten

page = Path(sys.argv[1])
page.write_text(rewritten(page.read_text(encoding="utf-8")), encoding="utf-8")
