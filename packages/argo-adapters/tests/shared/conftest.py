"""A real server for every test that needs one; a namespace of its own for each test."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from secrets import token_hex

import pytest

from argo_adapters.clocks.system import SystemClock
from argo_adapters.redis.launcher import NoServer, PrivateServer, private_server
from argo_adapters.redis.link import TIMEOUT_S, RedisLink
from argo_core.testing.fake_observer import FakeObserver

Start = Callable[..., PrivateServer]
Connect = Callable[..., RedisLink]


def there(server: PrivateServer | NoServer) -> PrivateServer:
    """The server, or a failure where it must not be missing, or a skip that says why."""
    if isinstance(server, NoServer):
        if os.environ.get("CI"):
            pytest.fail(server.problem)
        pytest.skip(server.problem)
    return server


@pytest.fixture(scope="session")
def server() -> Iterator[PrivateServer]:
    """One for the tests that leave it in peace."""
    with private_server() as started:
        yield there(started)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts servers that may be killed, stopped or filled."""
    with ExitStack() as owned:

        def started(*, folder: Path | None = None, maxmemory: int | None = None) -> PrivateServer:
            context = private_server(folder=folder, maxmemory=maxmemory)
            return there(owned.enter_context(context))

        yield started


@pytest.fixture
def namespace() -> str:
    return token_hex(6)


@pytest.fixture
def observer() -> FakeObserver:
    return FakeObserver()


@pytest.fixture
async def connect(observer: FakeObserver) -> AsyncIterator[Connect]:
    """Links as processes have them; patient ones where a loaded machine must not matter."""
    links: list[RedisLink] = []

    def connected(url: str, *, timeout_s: float = TIMEOUT_S) -> RedisLink:
        link = RedisLink(
            url,
            clock=SystemClock(),
            observer=observer,
            chance=Random(1).random,  # noqa: S311 - seeded on purpose
            timeout_s=timeout_s,
        )
        links.append(link)
        return link

    yield connected
    for link in links:
        await link.close()


@pytest.fixture
def link(server: PrivateServer, connect: Connect) -> RedisLink:
    """A patient link to the server that all tests share."""
    return connect(server.url, timeout_s=5.0)
