"""Reads one setting after another from an environment, and remembers all that was wrong with them."""

from collections.abc import Mapping
from typing import TypeVar

from otelnurse.settings.table import AnySetting, Setting

T = TypeVar("T")
DEFAULT = "default"


class Reader:
    """An environment, and what reading it has brought to light so far."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.errors: list[str] = []
        self.warnings: list[str] = []
        self.sources: dict[str, str] = {}
        """By name of the setting: the variable it came from, or "default"."""

    def variable(self, name: str) -> str:
        """What a variable says; an empty one is as good as none, as in OpenTelemetry's specification."""
        return self.environ.get(name, "").strip()

    def read(self, setting: Setting[T]) -> T:
        """Look a setting up: its own variable, else its alias, else the default."""
        own, other = self.variable(setting.variable), self.variable(setting.alias or "")
        if own and other and own != other:
            shown = setting.kind.redact(own), setting.kind.redact(other)
            self.warnings.append(f"{setting.variable}={shown[0]} is taken, {setting.alias}={shown[1]} is not")
        if own:
            return self._read_strictly(setting, own)
        if other and setting.alias:
            return self._read_leniently(setting, setting.alias, other)
        self.sources[setting.name] = DEFAULT
        return setting.default_value

    def fault(self, setting: AnySetting, problem: str, *, instead: str) -> None:
        """Report a setting whose value can be read and cannot be used.

        It is an error when it came from our own variable. Otherwise it is a warning that says what happens instead,
        and the caller sees to it.
        """
        source = self.sources[setting.name]
        if source == setting.variable:
            self.errors.append(f"{source}={setting.kind.redact(self.variable(source))}: {problem}")
        else:
            self.warnings.append(f"{source}={setting.kind.redact(self.variable(source))}: {problem}; {instead}")

    def _read_strictly(self, setting: Setting[T], text: str) -> T:
        self.sources[setting.name] = setting.variable
        try:
            value = setting.kind.parse(text)
        except ValueError as error:
            self.errors.append(f"{setting.variable}={setting.kind.redact(text)}: {error}")
            return setting.default_value
        self._remark(setting, setting.variable, text)
        return value

    def _read_leniently(self, setting: Setting[T], alias: str, text: str) -> T:
        self.sources[setting.name] = alias
        shown = f"{alias}={setting.kind.redact(text)}"
        if setting.kind.forgive:
            value, complaint = setting.kind.forgive(text)
            if complaint:
                self.warnings.append(f"{shown}: {complaint}")
        else:
            try:
                value = setting.kind.parse(text)
            except ValueError as error:
                default = setting.default or "nothing"
                self.warnings.append(f"{shown}: {error}; the default is taken: {default}")
                self.sources[setting.name] = DEFAULT
                return setting.default_value
        self._remark(setting, alias, text)
        return value

    def _remark(self, setting: Setting[T], variable: str, text: str) -> None:
        remark = setting.kind.remark(text)
        if remark:
            self.warnings.append(f"{variable}={setting.kind.redact(text)}: {remark}")
