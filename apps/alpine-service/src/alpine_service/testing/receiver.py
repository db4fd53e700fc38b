"""A receiver of webhooks on loopback that does what it is told, right or wrong."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from enum import StrEnum

from attrs import Factory, define, frozen

from alpine_service.adapters.system_clock import SystemClock

_LONGEST_HEAD = 65_536
_BLOCK = b"x" * 65_536
_DRIBBLE_S = 0.05


@frozen
class Received:
    """One request as it came."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The id of the webhook."""
        return self.headers["webhook-id"]


@frozen
class Reply:
    """A proper answer."""

    status: int = 200
    headers: Mapping[str, str] = Factory(dict)
    body: bytes = b""


class Trouble(StrEnum):
    """An answer that is none, or has no end."""

    HANG = "says nothing"
    CLOSE = "closes at once"
    SLOW_HEAD = "sends its head byte by byte, for ever"
    SLOW_BODY = "sends its body byte by byte, for ever"
    ENDLESS = "sends a body without an end, as fast as it can"
    TRUNCATED = "promises more than it sends"
    GARBAGE = "does not speak HTTP"


Script = Callable[[Received], Reply | Trouble]


def accept(_: Received) -> Reply:
    """What a receiver that is well answers."""
    return Reply(204)


@define(eq=False)
class Receiver:
    """What came in, and how much went out. `script` may be replaced at any time."""

    script: Script
    port: int = 0
    scheme: str = "http"
    received: list[Received] = Factory(list)
    connections: int = 0
    sent: int = 0
    _clock: SystemClock = Factory(SystemClock)

    def url(self, path: str = "/hook", host: str = "127.0.0.1") -> str:
        """Where it is."""
        return f"{self.scheme}://{host}:{self.port}{path}"

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.connections += 1
        try:
            await self._answer(reader, writer)
        except (OSError, EOFError, asyncio.LimitOverrunError):
            # The other side had enough.
            return
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await _read(reader)
            self.received.append(request)
            answer = self.script(request)
            if isinstance(answer, Trouble):
                await self._misbehave(answer, writer)
                return
            writer.write(_written(answer))
            await writer.drain()

    async def _misbehave(self, trouble: Trouble, writer: asyncio.StreamWriter) -> None:
        match trouble:
            case Trouble.HANG:
                await asyncio.Event().wait()
            case Trouble.CLOSE:
                return
            case Trouble.GARBAGE:
                writer.write(b"220 mail.example ESMTP\r\n\r\n")
            case Trouble.TRUNCATED:
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf")
            case Trouble.SLOW_HEAD:
                writer.write(b"HTTP/1.1 200 OK\r\nx-slow: ")
                await self._dribble(writer)
            case Trouble.SLOW_BODY:
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
                await self._dribble(writer)
            case Trouble.ENDLESS:
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n")
                while True:
                    await self._write(writer, _BLOCK)
        await writer.drain()

    async def _dribble(self, writer: asyncio.StreamWriter) -> None:
        while True:
            await self._write(writer, b"a")
            await self._clock.sleep(_DRIBBLE_S)

    async def _write(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        writer.write(data)
        await writer.drain()
        self.sent += len(data)


@asynccontextmanager
async def open_receiver(
    script: Script = accept, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    """A receiver on a free port, until the block is left."""
    receiver = Receiver(script, scheme="https" if tls else "http")
    talks: set[asyncio.Task[None]] = set()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.create_task(receiver.talk(reader, writer))
        talks.add(talk)
        talk.add_done_callback(talks.discard)

    server = await asyncio.start_server(begin, host, 0, ssl=tls, limit=_LONGEST_HEAD)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        await server.wait_closed()
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ")
    pairs = (line.split(": ", 1) for line in head[1:] if line)
    headers = {name.lower(): value for name, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method, target, headers, body)


def _written(reply: Reply) -> bytes:
    headers = {"content-length": str(len(reply.body)), **reply.headers}
    lines = [f"HTTP/1.1 {reply.status} Whatever", *(f"{n}: {v}" for n, v in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + reply.body
