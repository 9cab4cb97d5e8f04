"""Environment to one typed, validated object; only ``nurse`` and ``cli`` import it, and ``cli`` hands os.environ in."""

from otelnurse.settings.load import Loaded, SettingsError, load
from otelnurse.settings.report import report
from otelnurse.settings.values import Address, DiscoverySource, Otlp, Settings

__all__ = ["Address", "DiscoverySource", "Loaded", "Otlp", "Settings", "SettingsError", "load", "report"]
