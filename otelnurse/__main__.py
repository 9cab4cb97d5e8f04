"""``python -m otelnurse``."""

import sys

from otelnurse.cli import main

if __name__ == "__main__":
    sys.exit(main())
