"""A real server for every test that needs one; a namespace of its own for each test."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Self

import pytest

from argo_adapters.clocks.system import SystemClock
from argo_adapters.redis.launcher import NoServer, PrivateServer, private_server
from argo_adapters.redis.link import TIMEOUT_S, RedisLink
from argo_core.testing.fake_observer import FakeObserver

Start = Callable[..., Awaitable[PrivateServer]]
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
async def start() -> AsyncIterator[Start]:
    """Starts servers that may be killed, stopped or filled."""
    with ExitStack() as owned:

        async def started(
            *, folder: Path | None = None, maxmemory: int | None = None
        ) -> PrivateServer:
            context = private_server(folder=folder, maxmemory=maxmemory)
            server = await asyncio.to_thread(context.__enter__)
            owned.push(context.__exit__)
            return there(server)

        try:
            yield started
        finally:
            await asyncio.to_thread(owned.close)


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


class Proxy:
    """An address of its own before a server: it can be late, and lead to another server."""

    def __init__(self, path: Path) -> None:
        self.url = f"unix://{path}"
        self.delay_s = 0.0
        self.target = ""
        self.accepted = 0
        self._path = path
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_unix_server(self._meet, self._path)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.drop()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def lead_to(self, server: PrivateServer) -> None:
        self.target = server.url.removeprefix("unix://")

    def drop(self) -> None:
        """Close all connections, as a server does that goes away."""
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        there, back = await asyncio.open_unix_connection(self.target)
        self._writers += [writer, back]
        for source, sink, late in ((reader, back, False), (there, writer, True)):
            task = asyncio.create_task(self._pump(source, sink, late=late))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, late: bool
    ) -> None:
        while data := await source.read(1 << 16):
            if late and self.delay_s:
                await SystemClock().sleep(self.delay_s)
            sink.write(data)
        sink.close()


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    # The path of a socket has room for a hundred characters, which pytest's folders use up.
    with TemporaryDirectory(prefix="argo-") as folder:
        async with Proxy(Path(folder) / "p.sock") as made:
            yield made
