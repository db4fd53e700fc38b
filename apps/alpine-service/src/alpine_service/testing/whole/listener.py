"""Somebody who listens to the stream, and comes back whenever it ends."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus

from aiohttp import ClientError, ClientSession, ClientTimeout
from attrs import Factory, define, field, frozen

# Silent connections are left a little after two heartbeats.
_PATIENCE = ClientTimeout(total=None, sock_connect=2, sock_read=35)
_BACK_AFTER_S = 0.3


@frozen
class Heard:
    """One event as it came over the wire, and when, in seconds of the loop's clock."""

    number: int
    kind: str
    data: bytes = field(repr=False)
    at: float


@define(eq=False)
class Listener:
    """Keeps all that it heard, in the order in which it came."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    heard: list[Heard] = Factory(list)
    refused: Counter[int] = Factory(Counter)
    """By status, how often it was not let in."""

    connections: int = 0

    @property
    def numbers(self) -> list[int]:
        """Of the events."""
        return [each.number for each in self.heard]

    @property
    def last(self) -> int:
        return self.heard[-1].number if self.heard else 0

    async def run(self) -> None:
        """Listen until cancelled, from the very first event on."""
        async with ClientSession(timeout=_PATIENCE) as session:
            while True:
                # It comes back, as browsers do.
                with suppress(ClientError, TimeoutError):
                    await self._listen(session)
                await asyncio.sleep(_BACK_AFTER_S)  # noqa: TID251 - it waits for real processes

    async def _listen(self, session: ClientSession) -> None:
        headers = {**self.headers, "Last-Event-ID": str(self.last)}
        async with session.get(f"{self.url}/v1/stream", headers=headers) as response:
            if response.status != HTTPStatus.OK:
                self.refused[response.status] += 1
                return
            self.connections += 1
            block: dict[str, bytes] = {}
            # What is not ended by an empty line never happened.
            async for line in response.content:
                if line == b"\n":
                    self._take(block)
                    block = {}
                elif line.endswith(b"\n"):
                    name, _, value = line[:-1].partition(b": ")
                    block[name.decode()] = value

    def _take(self, block: Mapping[str, bytes]) -> None:
        if "data" in block:
            now = asyncio.get_running_loop().time()
            kind = block["event"].decode()
            self.heard.append(Heard(int(block["id"]), kind, block["data"], now))


@asynccontextmanager
async def listening(url: str, headers: Mapping[str, str]) -> AsyncIterator[Listener]:
    """Somebody who listens for the block."""
    listener = Listener(url, headers)
    task = asyncio.create_task(listener.run())
    try:
        yield listener
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
