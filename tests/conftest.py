"""What holds for every test: both event loops, and no code of ours that blocks one."""

import os
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


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Under OTELNURSE_STRICT, as in CI, a skipped test is a failed run: what was not tried is not known to work."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("OTELNURSE_STRICT") and exitstatus == pytest.ExitCode.OK and reporter.stats.get("skipped"):
        reporter.write_line("OTELNURSE_STRICT: a test was skipped", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
