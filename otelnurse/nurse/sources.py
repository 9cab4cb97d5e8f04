"""From settings to sources of neighbours."""

import ssl
from collections.abc import Iterator

from otelnurse.discovery.source import Source
from otelnurse.settings import Settings


def make_sources(settings: Settings, context: ssl.SSLContext) -> Iterator[Source]:
    """The sources in the order in which they fall back; each kind's code is loaded only when it is used."""
    if not settings.check_neighbourhood:
        return
    for source in settings.discovery:
        if source.kind == "file_sd":
            from otelnurse.discovery.file_sd import FileSource  # noqa: PLC0415  # see above

            yield FileSource(source.value)
        else:
            from otelnurse.discovery.http_sd import HttpSource  # noqa: PLC0415  # see above

            yield HttpSource(source.value, context)
