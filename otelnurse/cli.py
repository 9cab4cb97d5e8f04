"""The commands; each loads only what it needs."""

import argparse
import os
import sys

from otelnurse import __version__
from otelnurse.signals import hold_back

USAGE_ERROR = 2
"""The one exit code for every way in which a start can fail."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    from otelnurse.check import command as check  # noqa: PLC0415  # as the next line
    from otelnurse.demo import command as demo  # noqa: PLC0415  # its arguments alone; the rest of it is loaded when it runs

    parser = argparse.ArgumentParser(prog="otelnurse", description="A nurse that makes network rounds.")
    parser.add_argument("--version", action="version", version=f"otelnurse {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="make rounds until stopped; configured by the environment (docs/settings.md)")
    commands.add_parser("settings", help="print every setting, its value and where it came from")
    demo.add_arguments(commands.add_parser("demo", help="a mesh of nurses on this machine, one of which falls sick"))
    check.add_arguments(commands.add_parser("check", help="ask a URL once, and show where the time goes"))
    chosen, unknown = parser.parse_known_args(arguments)
    if unknown:  # left to itself, argparse would show the usage of the whole, which says nothing of the command's
        commands.choices[chosen.command].error(f"unrecognized arguments: {' '.join(unknown)}")
    if chosen.command == "check":
        return check.run(chosen, os.environ)
    if chosen.command == "demo":
        return demo.run(chosen)
    return _with_settings(chosen.command)


def _with_settings(command: str) -> int:
    if command == "run":
        hold_back()  # before anything that takes long
    from otelnurse.settings import SettingsError, load  # noqa: PLC0415  # the demo does without
    from otelnurse.settings.otel import NOT_FOR_THE_SDK  # noqa: PLC0415  # as above

    try:
        loaded = load(os.environ)
    except SettingsError as error:
        for line in error.errors:
            print(f"otelnurse: error: {line}", file=sys.stderr)
        return USAGE_ERROR
    if command == "settings":
        from otelnurse.settings.report import report  # noqa: PLC0415  # only this command prints them

        print("\n".join(report(loaded)))
        for warning in loaded.warnings:
            print(f"otelnurse: warning: {warning}", file=sys.stderr)
        return 0
    for name in NOT_FOR_THE_SDK:
        os.environ.pop(name, None)
    from otelnurse.nurse.lifetime import run  # noqa: PLC0415  # 30 MiB that `settings` does without

    return run(loaded)
