"""The real nginx as an ingress: passes one host name on to one upstream, over HTTP and HTTPS, on free ports."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.parts.binaries import binary
from tests.parts.process import free_port, listens, running

_CONFIGURATION = """\
daemon off;
{user}
worker_processes 1;
pid {directory}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
    access_log {directory}/access.log;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    server {{
        listen 127.0.0.1:{http} default_server;
        {default_https}
        return 404;
    }}
    server {{
        listen 127.0.0.1:{http};
        {https}
        server_name {host};
        location / {{
            proxy_pass http://{upstream};
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
        }}
    }}
}}
"""


@dataclass(frozen=True)
class Ingress:
    """Where it listens, on 127.0.0.1."""

    http_port: int
    https_port: int | None
    """None without a certificate."""
    access_log: Path


@contextmanager
def nginx(
    directory: Path, *, host: str, upstream: str, certificate: Path | None = None, key: Path | None = None
) -> Iterator[Ingress]:
    """Run nginx while the context lasts. Other host names are answered 404, an upstream that is away 502.

    Args:
        directory: its files are made here.
        host: the name that is passed on.
        upstream: `address:port` of a plain HTTP server.
        certificate: PEM chain for HTTPS; with `key`.
        key: PEM.
    """
    http, https = free_port(), None if certificate is None else free_port()
    tls = f"ssl_certificate {certificate}; ssl_certificate_key {key};"
    configuration = directory / "nginx.conf"
    configuration.write_text(
        _CONFIGURATION.format(
            # Workers of a root master become `nobody`, who may not enter pytest's directories.
            user="user root;" if os.geteuid() == 0 else "",
            directory=directory,
            host=host,
            upstream=upstream,
            http=http,
            https=f"listen 127.0.0.1:{https} ssl; {tls}" if https else "",
            default_https=f"listen 127.0.0.1:{https} ssl default_server; {tls}" if https else "",
        )
    )
    with running(
        [binary("nginx"), "-e", "stderr", "-p", directory, "-c", configuration],
        ready=listens(http),
        log=directory / "nginx.log",
    ):
        yield Ingress(http, https, directory / "access.log")
