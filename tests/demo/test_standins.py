"""The stand-ins of a cluster's own parts."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

import anyio
import httpx
import pytest
from anyio.abc import SocketAttribute, SocketStream

from otelnurse.demo.standins import ApiServer, Balancer
from otelnurse.demo.wire import LOOPBACK, bound_socket, read_head, respond

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def running(*runs: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """All of them run until the block ends."""
    async with anyio.create_task_group() as group:
        for run in runs:
            group.start_soon(run)
        await anyio.wait_all_tasks_blocked()
        yield
        group.cancel_scope.cancel()


@pytest.fixture
def api_server(tmp_path: Path) -> Iterator[tuple[ApiServer, ssl.SSLContext]]:
    """A server, not yet running, and the trust in it that a service account carries."""
    server = ApiServer("secret")
    server.write_service_account(tmp_path / "account")
    yield server, ssl.create_default_context(cafile=tmp_path / "account" / "ca.crt")
    server.close()


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [("/version", "secret", 200), ("/version", "wrong", 401), ("/version", None, 401), ("/api", "secret", 404)],
)
@pytest.mark.parametrize("host", [LOOPBACK, "localhost"])
async def test_the_api_server_answers_only_who_shows_the_token(
    api_server: tuple[ApiServer, ssl.SSLContext], host: str, path: str, token: str | None, status: int
) -> None:
    """Over TLS that the service account's CA vouches for, under its address and its name."""
    server, trust = api_server
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with running(server.run), httpx.AsyncClient(verify=trust, trust_env=False) as client:
        answer = await client.get(f"https://{host}:{server.port}{path}", headers=headers)
    assert answer.status_code == status


@pytest.mark.usefixtures("api_server")
def test_the_service_account_folder_is_laid_out_as_kubernetes_does(tmp_path: Path) -> None:
    """A nurse finds token, ca.crt and namespace in it."""
    assert {file.name for file in (tmp_path / "account").iterdir()} == {"token", "ca.crt", "namespace"}


@asynccontextmanager
async def two_nurses_and_a_dead_one() -> AsyncIterator[list[int]]:
    """Ports: of one that refuses, and of two that answer their own number and hang up."""

    async def serve(stream: SocketStream) -> None:
        async with stream:
            await read_head(stream)
            await respond(stream, HTTPStatus.OK, str(stream.extra(SocketAttribute.local_port)))

    dead = bound_socket()
    async with (
        await anyio.create_tcp_listener(local_host=LOOPBACK) as one,
        await anyio.create_tcp_listener(local_host=LOOPBACK) as other,
        running(lambda: one.serve(serve), lambda: other.serve(serve)),
    ):
        yield [dead.getsockname()[1], *(listener.extra(SocketAttribute.local_port) for listener in (one, other))]
    dead.close()


async def test_the_ingress_tries_the_next_nurse_when_one_is_dead() -> None:
    """No request fails, and the living share them."""
    async with two_nurses_and_a_dead_one() as ports:
        ingress = Balancer(ports, retries=True)
        async with running(ingress.run), httpx.AsyncClient(trust_env=False) as client:
            answers = [await client.get(f"{ingress.url}/alwayshappy") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 6
    assert {answer.text for answer in answers} == {str(port) for port in ports[1:]}


async def test_the_service_fails_in_turn_when_a_nurse_is_dead() -> None:
    """It forwards connections and knows no better: one in three dies."""
    async with two_nurses_and_a_dead_one() as ports:
        service = Balancer(ports, retries=False)
        async with running(service.run), httpx.AsyncClient(trust_env=False) as client:
            failed = 0
            for _ in range(6):
                try:
                    await client.get(f"{service.url}/alwayshappy")
                except httpx.TransportError:
                    failed += 1
    assert failed == 2


async def test_an_ingress_without_a_living_nurse_answers_502() -> None:
    """As nginx would."""
    async with two_nurses_and_a_dead_one() as ports:
        ingress = Balancer(ports[:1], retries=True)
        async with running(ingress.run), httpx.AsyncClient(trust_env=False) as client:
            assert (await client.get(ingress.url)).status_code == 502
