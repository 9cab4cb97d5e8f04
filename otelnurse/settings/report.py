"""What ``otelnurse settings`` prints: every setting, its value, and where it came from."""

from otelnurse.settings.load import Loaded
from otelnurse.settings.table import SETTINGS


def report(loaded: Loaded) -> list[str]:
    """Lines ``NAME = value  (from SOURCE)``, in the order of the table, then what is pushed; nothing secret."""
    lines = []
    for setting in SETTINGS:
        value = setting.kind.show(getattr(loaded.settings, setting.field)) or "(not set)"
        lines.append(f"{setting.variable} = {value}".rstrip() + f"  (from {loaded.sources[setting.name]})")
    return lines + _otlp(loaded)


def _otlp(loaded: Loaded) -> list[str]:
    otlp = loaded.settings.otlp
    return [
        f"# service.name is {otlp.service_name}",
        f"# traces are {f'pushed by OTLP, {otlp.traces_protocol}' if otlp.traces else 'not pushed'}",
        f"# metrics are {_pushed_metrics(loaded) if otlp.metrics else 'not pushed'}",
    ]


def _pushed_metrics(loaded: Loaded) -> str:
    otlp = loaded.settings.otlp
    return f"pushed by OTLP, {otlp.metrics_protocol}, every {otlp.metric_export_interval:g}s"
