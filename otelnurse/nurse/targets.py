"""From settings to the checks of a nurse, and what to say of those that cannot be made."""

from collections.abc import Iterator
from pathlib import Path

from otelnurse.checks import api_server, me
from otelnurse.checks.extra import extra
from otelnurse.checks.loopback import loopback
from otelnurse.checks.path import neighbour, origin_of
from otelnurse.checks.plan import Plan
from otelnurse.checks.token import Token
from otelnurse.discovery.neighbour import Neighbour
from otelnurse.probe import urls
from otelnurse.probe.target import Target
from otelnurse.settings import Settings
from otelnurse.settings.files import authorities_problem


def make_plan(settings: Settings, loopback_host: str, port: int) -> Plan:
    """All checks that ``settings`` ask for; the nurse's own server answers on ``loopback_host`` and ``port``."""
    fixed = [loopback(loopback_host, port, settings.check_timeout), *_api_server(settings), *_me(settings)]
    fixed += [
        extra(
            name,
            url,
            settings.check_timeout,
            verify=not settings.insecure,
            follow_redirects=settings.follow_redirects,
        )
        for name, url in settings.extra_checks
    ]
    origin = origin_of(settings.node_name)
    server_name = settings.tls_server_name or _service_name(settings)

    def path(it: Neighbour) -> Target:
        return neighbour(
            it,
            settings.check_timeout,
            origin,
            scheme="https" if settings.use_tls else "http",
            verify=not settings.insecure,
            server_name=server_name,
        )

    return Plan(fixed, path)


def authorities(settings: Settings) -> list[Path]:
    """The files with the CAs to trust besides the system's; a cluster's that is of no use is left out."""
    cluster = cluster_authority(settings)
    usable = cluster if cluster and not authorities_problem(cluster) else None
    return [path for path in (usable, settings.extra_ca) if path]


def cluster_authority(settings: Settings) -> Path | None:
    """The CA of the API server, where the service account has brought it along."""
    path = settings.service_account_dir / "ca.crt"
    return path if path.is_file() else None


def not_made(settings: Settings) -> Iterator[str]:
    """One sentence for each check that is switched on and lacks what it needs."""
    cluster = cluster_authority(settings)
    if cluster and (problem := authorities_problem(cluster)):
        yield f"{cluster}: {problem}: the API server's certificate will not be trusted"
    host = ("KUBERNETES_SERVICE_HOST", settings.kubernetes_service_host)
    needs = (
        ("CHECK_API_SERVER_DIRECT", settings.check_api_server_direct, *host),
        ("CHECK_API_SERVER_DNS", settings.check_api_server_dns, *host),
        ("CHECK_ME_INGRESS", settings.check_me_ingress, "OTELNURSE_INGRESS_URL", settings.ingress_url),
        ("CHECK_ME_SERVICE", settings.check_me_service, "OTELNURSE_SERVICE_URL", settings.service_url),
    )
    for name, wanted, needed, given in needs:
        if wanted and not given:
            yield f"OTELNURSE_{name} is on, but {needed} is not set: this check is not made"


def _api_server(settings: Settings) -> Iterator[Target]:
    host = settings.kubernetes_service_host
    if not host:
        return
    token = Token(settings.service_account_dir / "token")
    # INSECURE is about ingresses with home-made certificates; who has the API server's CA has no reason to trust less.
    verify = not settings.insecure or cluster_authority(settings) is not None
    port, timeout = settings.kubernetes_service_port, settings.check_timeout
    if settings.check_api_server_direct:
        yield api_server.direct(host, port, token, timeout, verify=verify)
    if settings.check_api_server_dns:
        yield api_server.by_name(settings.kubernetes_service_dns, port, token, timeout, verify=verify)


def _me(settings: Settings) -> Iterator[Target]:
    verify = not settings.insecure
    if settings.check_me_ingress and settings.ingress_url:
        yield me.ingress(
            settings.ingress_url, settings.check_timeout, verify=verify, follow_redirects=settings.follow_redirects
        )
    if settings.check_me_service and settings.service_url:
        yield me.service(settings.service_url, settings.check_timeout, verify=verify)


def _service_name(settings: Settings) -> str | None:
    """Neighbours are dialled by address, which no certificate names; they all have the service's."""
    return urls.host_of(urls.read(settings.service_url)) if settings.service_url else None
