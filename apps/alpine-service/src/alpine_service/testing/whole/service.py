"""The service as a process of its own, on sockets of its own."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout
from attrs import field, frozen

from alpine_service.testing.small_log import SmallLog
from alpine_service.testing.torture import Process, running, until

LOG_KEY = "realtime-of-the-log"
# A start takes about two seconds, on a machine that does much else several times as long.
START_S = 40.0
_SERVE = """
import asyncio
from http import HTTPStatus
from alpine_service.server import serve
from alpine_service.settings import read_settings
asyncio.run(serve(read_settings(), lambda url: print(url, flush=True)))
"""
# A service keeps what it compiled: without that every start takes twice as long.
_NOT_GIVEN = ("ALPINE_", "PYTHONDONTWRITEBYTECODE")
_LAST_LINES = 12
_PATIENCE = ClientTimeout(total=3)


@frozen
class Service:
    """One process of Alpine, or one that is to be; its port stays the same."""

    process: Process
    settings: Mapping[str, str] = field(repr=False)

    @property
    def url(self) -> str:
        """Where everybody asks."""
        return f"http://127.0.0.1:{self.settings['ALPINE_PORT']}"

    @property
    def internal_url(self) -> str:
        """Where the operator asks."""
        return f"http://127.0.0.1:{self.settings['ALPINE_INTERNAL_PORT']}"

    async def lines(self) -> list[str]:
        """What it said so far, on both ways."""
        said = await asyncio.to_thread(self.process.log.read_text, errors="replace")
        return said.splitlines()

    async def told(self, what: str) -> list[dict[str, Any]]:
        """What it told its log under that name."""
        # Whoever was killed may have begun a line.
        whole = [line for line in await self.lines() if line[:1] == "{" and line[-1:] == "}"]
        found = [orjson.loads(line) for line in whole if f'"{what}"' in line]
        return [each for each in found if each.get("what") == what]

    async def answers(self) -> bool:
        """Whether requests are accepted and its database answers."""
        try:
            async with (
                ClientSession(timeout=_PATIENCE) as session,
                session.get(f"{self.url}/v1/strategies") as response,
            ):
                return response.status < HTTPStatus.INTERNAL_SERVER_ERROR
        except (ClientError, TimeoutError):
            return False

    async def is_up(self, within_s: float = START_S) -> None:
        """Return once it answers.

        Raises:
            AssertionError: it took longer.
        """
        try:
            await until(self.answers, within_s, "the service answers")
        except AssertionError as error:
            last = "\n".join((await self.lines())[-_LAST_LINES:])
            raise AssertionError(f"{error}; it said last:\n{last}") from None

    async def stop(self) -> int | None:
        """Ask it to end, as a service manager does; its exit code."""
        return await asyncio.to_thread(self.process.end, signal.SIGTERM)


def service(
    folder: Path, log: SmallLog, surroundings: Mapping[str, str], **settings: str
) -> Service:
    """A service that reads that log and keeps its things in `folder`, not started yet.

    Without `DATABASE_URL` among the settings it brings a server of its own.
    """
    port = free_port()
    given = {
        "PORT": str(port),
        "INTERNAL_PORT": str(free_port()),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "FOLDER": str(folder / "alpine"),
        "LOG_URL": log.url,
        "LOG_KEY": str(log.key),
        "LOG_API_KEY": LOG_KEY,
        "LOG_POLL_S": "0.2",
        "PRIVATE_WEBHOOKS": "yes",
        **settings,
    }
    named = {f"ALPINE_{name}": value for name, value in given.items()}
    clean = {name: value for name, value in surroundings.items() if not name.startswith(_NOT_GIVEN)}
    command = [sys.executable, "-c", _SERVE]
    return Service(Process(command, clean | named, folder / f"alpine-{port}.log"), named)


@asynccontextmanager
async def started(*services: Service) -> AsyncIterator[None]:
    """Run them for the block, from when they answer on."""
    async with running(*(each.process for each in services)):
        for each in services:
            await each.is_up()
        yield


def free_port() -> int:
    """A port of loopback that nobody has now."""
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return int(chosen.getsockname()[1])
