"""Variables that look like ours and are none: most likely typing errors, so that a setting silently does nothing."""

import difflib
import re
from collections.abc import Iterator, Mapping

from otelnurse.settings.reader import Reader
from otelnurse.settings.table import BY_VARIABLE, KUBENURSE_PREFIX, OWN_PREFIX

_SERVICE_PORT = re.compile(r"(SERVICE_PORT(_\w+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)")


def check_names(reader: Reader) -> None:
    """Report what nobody will read: with our prefix as errors, with kubenurse's as warnings."""
    links = tuple(_service_links(reader.environ))
    for name in sorted(reader.environ):
        if name in BY_VARIABLE or any(_belongs(name, link) for link in links):
            continue
        if name.startswith(OWN_PREFIX):
            reader.errors.append(f"{name}: there is no such setting{_hint(name)}")
        elif name.startswith(KUBENURSE_PREFIX):
            reader.warnings.append(f"{name}: nobody reads this variable{_hint(name)}")


def _hint(name: str) -> str:
    nearest = difflib.get_close_matches(name, BY_VARIABLE, n=1)
    return f"; did you mean {nearest[0]}?" if nearest else "; `otelnurse settings` lists all there are"


def _service_links(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield the prefixes of services for which Kubernetes puts variables into every container of the namespace.

    A service named otelnurse brings OTELNURSE_SERVICE_HOST, OTELNURSE_PORT and more: no typing errors of anybody.
    https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
    """
    for name in environ:
        prefix = name.removesuffix("SERVICE_HOST")
        if prefix != name and f"{prefix}SERVICE_PORT" in environ:
            yield prefix


def _belongs(name: str, link: str) -> bool:
    rest = name.removeprefix(link)
    return rest != name and (rest == "SERVICE_HOST" or _SERVICE_PORT.fullmatch(rest) is not None)
