"""From settings to sources of neighbours."""

import ssl
from collections.abc import Iterator

from otelnurse.discovery.source import Source
from otelnurse.settings import DiscoverySource, Settings


def make_sources(settings: Settings, context: ssl.SSLContext) -> Iterator[Source]:
    """The sources in the order in which they fall back; each kind's code is loaded only when it is used.

    Raises ``ValueError``, which names the setting, for a source that cannot be.
    """
    if not settings.check_neighbourhood:
        return
    for source in settings.discovery:
        try:
            yield _make(source, context)
        except ValueError as error:
            raise ValueError(f"OTELNURSE_DISCOVERY={source}: {error}") from error


def _make(source: DiscoverySource, context: ssl.SSLContext) -> Source:
    if source.kind == "file_sd":
        from otelnurse.discovery.file_sd import FileSource  # noqa: PLC0415  # see above

        return FileSource(source.value)
    from otelnurse.discovery.http_sd import HttpSource  # noqa: PLC0415  # see above

    return HttpSource(source.value, context)
