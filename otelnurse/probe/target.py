"""What a probe is told to ask, and of whom."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Method = Literal["GET", "HEAD", "OPTIONS"]
"""What a probe asks with: the methods that change nothing (RFC 9110, section 9.2.1), TRACE left out."""
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def no_headers() -> Mapping[str, str]:
    """The headers of a target that needs none of its own."""
    return NO_HEADERS


@dataclass(frozen=True, slots=True)
class Target:
    """One request to be made, with the names under which its result is reported.

    The probe looks at the request (``url`` to ``follow_redirects``) and carries the rest along: the names.
    """

    type: str
    """``otelnurse.check.type``: api_server_direct, api_server_dns, me_ingress, me_service, path, extra, loopback."""
    name: str
    """``otelnurse.check.name``: unique among a nurse's checks; what kubenurse calls the type (``path_<node>``)."""
    url: str
    """Absolute http or https URL."""
    timeout: float
    """Seconds that the whole check may take, all phases, tries and redirects together."""
    method: Method = "GET"
    """Also of the requests that redirects lead to."""
    headers: Callable[[], Mapping[str, str]] = no_headers
    """Called for each request, since a token rotates. An ``OSError`` that it raises is the check's failure."""
    verify: bool = True
    """False: a certificate's fault is reported and does not fail the check (kubenurse's INSECURE)."""
    server_name: str | None = None
    """The name that the certificate is held to and that SNI sends, where it is not the URL's host."""
    follow_redirects: bool = False
    """Follow up to five redirects; the headers above go to the first hop's origin only."""
    peer_node: str | None = None
    """The Kubernetes node asked, for checks of neighbours."""
    peer_zone: str | None = None
    """The availability zone of that node."""
