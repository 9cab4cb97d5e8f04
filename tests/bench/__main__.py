"""What a nurse costs: CPU per check and memory beside bare sockets and plain httpx, and how late it sees things.

make bench                                  a quarter of an hour; the machine should have nothing else to do
make bench BENCH_ARGS=--quick               does it work? the numbers mean nothing
make bench BENCH_ARGS=--write-docs          the tables go into docs/performance.md
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from tests.bench import report
from tests.bench.run import FULL, QUICK, run

_DOCS = Path("docs/performance.md")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=sys.executable, help="interpreter that runs what is measured")
    parser.add_argument("--cycles", type=int, default=FULL.cycles, help="turns of each at the short interval")
    parser.add_argument("--quick", action="store_true", help="a smoke test")
    parser.add_argument("--markdown", action="store_true", help="tables as Markdown")
    parser.add_argument("--write-docs", action="store_true", help=f"tables into {_DOCS}")
    given = parser.parse_args()
    found = run(given.python, QUICK if given.quick else replace(FULL, cycles=given.cycles))
    markdown = "\n".join([report.machine(), "", *(table.markdown() for table in found.tables)])
    if given.write_docs:
        report.write_between_marks(_DOCS, markdown)
    print(markdown if given.markdown else "\n".join([report.machine(), "", *(table.text() for table in found.tables)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
