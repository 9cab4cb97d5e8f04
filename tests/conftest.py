"""What holds for every test: both event loops, and no code of ours that blocks one."""

from collections.abc import Iterator

import pytest
from blockbuster import blockbuster_ctx

_MAY_BLOCK = (
    # Files in memory, as the kubelet and the kernel provide them: microseconds, where a thread would cost a hundred.
    ("os.stat", "otelnurse/checks/token.py", "headers"),
    ("io.TextIOWrapper.read", "otelnurse/checks/token.py", "headers"),
    ("io.BufferedReader.read", "otelnurse/checks/token.py", "headers"),
    # Looked at once a lookup, as glibc does; read only when they have changed.
    ("os.stat", "otelnurse/probe/dns/watched.py", "current"),
    ("io.TextIOWrapper.read", "otelnurse/probe/dns/watched.py", "current"),
    ("io.BufferedReader.read", "otelnurse/probe/dns/watched.py", "current"),
)


@pytest.fixture(
    params=[
        pytest.param(("asyncio", {"use_uvloop": False}), id="asyncio"),
        pytest.param(("asyncio", {"use_uvloop": True}), id="uvloop"),
    ]
)
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, bool]]:
    """Every asynchronous test runs on both loops."""
    return request.param


@pytest.fixture(autouse=True)
def nothing_blocks_the_loop() -> Iterator[None]:
    """A call of ours that blocks the event loop raises ``BlockingError`` where it stands."""
    with blockbuster_ctx("otelnurse") as guard:
        for call, file, function in _MAY_BLOCK:
            guard.functions[call].can_block_in(file, function)
        yield
