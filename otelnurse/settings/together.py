"""What no setting can tell alone: files that must be there, and settings that need or contradict each other.

Each function looks at one such matter, reports to the reader, and returns the settings to go on with.
"""

from dataclasses import replace

from otelnurse.settings import files, table
from otelnurse.settings.reader import DEFAULT, Reader
from otelnurse.settings.values import Settings

_DECADES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
FINE_BUCKETS = (*(round(decade * step, 6) for decade in _DECADES for step in (1, 1.5, 2, 3, 5, 7)), 10.0)
"""Seconds. VictoriaMetrics' own histograms have 18 bounds per decade and keep only those in use; ours keep all."""


def check_together(settings: Settings, reader: Reader) -> Settings:
    """Look at all of it."""
    for look in (_authorities, _tls, _buckets, _neighbours, _metrics):
        settings = look(settings, reader)
    return settings


def _authorities(settings: Settings, reader: Reader) -> Settings:
    problem = settings.extra_ca and files.authorities_problem(settings.extra_ca)
    if not problem:
        return settings
    reader.fault(table.EXTRA_CA, problem, instead="no further authority is trusted")
    return replace(settings, extra_ca=None)


def _tls(settings: Settings, reader: Reader) -> Settings:
    problem = _tls_problem(settings) if settings.use_tls else None
    if not problem:
        return settings
    involved: tuple[table.AnySetting, ...] = (table.USE_TLS, table.CERT_FILE, table.CERT_KEY)
    own = (setting for setting in involved if reader.sources[setting.name] == setting.variable)
    reader.fault(next(own, table.USE_TLS), problem, instead="HTTPS stays off")
    return replace(settings, use_tls=False)


def _tls_problem(settings: Settings) -> str | None:
    if settings.cert_file and settings.cert_key:
        return files.pair_problem(settings.cert_file, settings.cert_key)
    missing = [table.CERT_FILE] * (settings.cert_file is None) + [table.CERT_KEY] * (settings.cert_key is None)
    return f"HTTPS needs {' and '.join(setting.variable for setting in missing)} too"


def _buckets(settings: Settings, reader: Reader) -> Settings:
    if not settings.victoriametrics_histogram:
        return settings
    source = reader.sources[table.VICTORIAMETRICS_HISTOGRAM.name]
    reader.warnings.append(
        f"{source}: histograms have the label le in place of vmrange, with {len(FINE_BUCKETS)} bounds"
    )
    given = reader.sources[table.HISTOGRAM_BUCKETS.name]
    if given != DEFAULT:
        reader.warnings.append(f"{given} is not taken, since {source} chooses the bounds")
    reader.sources[table.HISTOGRAM_BUCKETS.name] = source
    return replace(settings, histogram_buckets=FINE_BUCKETS)


def _neighbours(settings: Settings, reader: Reader) -> Settings:
    unsaid = reader.sources[table.DISCOVERY.name] == DEFAULT
    if settings.check_neighbourhood and unsaid and settings.kubernetes_service_host:
        reader.warnings.append(
            f"{table.DISCOVERY.variable} is not set, so no neighbour is asked: this version cannot ask Kubernetes who"
            " they are, it has file_sd:PATH and http_sd:URL; if nobody is to be asked, write none"
        )
    return settings


def _metrics(settings: Settings, reader: Reader) -> Settings:
    source = reader.sources[table.METRICS.name]
    if settings.metrics == "otlp" and not settings.otlp.metrics:
        reader.warnings.append(
            f"{source}=otlp: metrics go nowhere: OTEL_EXPORTER_OTLP_ENDPOINT says where to push them"
        )
    if settings.metrics == "scrape" and settings.otlp.metrics:
        return replace(settings, otlp=replace(settings.otlp, metrics=False))
    return settings
