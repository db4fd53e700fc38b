"""Listeners on raw sockets, in a process of their own: they undo the framing and read every id."""

import asyncio
import time
from array import array

from attrs import Factory, define, frozen
from benchmarks._child import Orders

# New connections that may be on their way at once; a listen queue has room for a hundred or so.
_AT_ONCE = 50


@frozen
class Listen:
    """So many listeners, each with one of the keys in turn, that start at `since`."""

    host: str
    port: int
    keys: tuple[str, ...]
    count: int
    since: int


@define
class Heard:
    """What all listeners of a process heard: event numbers, and when, in monotonic nanoseconds."""

    numbers: "array[int]" = Factory(lambda: array("q"))
    at_ns: "array[int]" = Factory(lambda: array("q"))
    problems: list[str] = Factory(list)


@define(eq=False)
class Listener(asyncio.Protocol):
    """One connection. An event counts when its block is whole and its number was read."""

    request: bytes
    heard: Heard
    last: int
    ready: asyncio.Future[None]
    _raw: bytes = b""
    _text: bytes = b""
    _is_open: bool = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self._raw += data
        if not self._is_open:
            self._read_head()
        if self._is_open:
            self._read_chunks()

    def connection_lost(self, exc: Exception | None) -> None:
        self._failed(f"the connection ended: {exc}")

    def _read_head(self) -> None:
        head, end, rest = self._raw.partition(b"\r\n\r\n")
        if not end:
            return
        if b" 200 " not in head.split(b"\r\n")[0] or b"chunked" not in head.lower():
            self._failed(head.decode()[:200])
            return
        self._raw, self._is_open = rest, True

    def _read_chunks(self) -> None:
        while (end := self._raw.find(b"\r\n")) >= 0:
            size = int(self._raw[:end], 16)
            begin = end + 2
            if len(self._raw) < begin + size + 2:
                return
            self._text += self._raw[begin : begin + size]
            self._raw = self._raw[begin + size + 2 :]
            *blocks, self._text = self._text.split(b"\n\n")
            for block in blocks:
                self._read(block)

    def _read(self, block: bytes) -> None:
        fields = dict(line.split(b": ", 1) for line in block.split(b"\n") if b": " in line)
        if not self.ready.done():
            # The greeting: from here on it listens.
            self.ready.set_result(None)
        if b"id" not in fields:
            return
        number = int(fields[b"id"])
        if number != self.last + 1:
            self._failed(f"event {number} came after {self.last}")
        self.last = number
        self.heard.numbers.append(number)
        self.heard.at_ns.append(time.monotonic_ns())

    def _failed(self, problem: str) -> None:
        self.heard.problems.append(problem)
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(problem))


async def listen(orders: Orders) -> None:
    """Told `Listen`, answers how many listen; then, each time, what was heard since."""
    first: Listen = await orders.next()
    loop, heard, gate = asyncio.get_running_loop(), Heard(), asyncio.Semaphore(_AT_ONCE)

    async def begin(number: int) -> asyncio.BaseTransport:
        key = first.keys[number % len(first.keys)]
        request = (
            f"GET /v1/stream HTTP/1.1\r\nHost: {first.host}\r\nAuthorization: Bearer {key}\r\n\r\n"
        )
        ready: asyncio.Future[None] = loop.create_future()
        async with gate:
            transport, _ = await loop.create_connection(
                lambda: Listener(request.encode(), heard, first.since, ready),
                first.host,
                first.port,
            )
            await ready
        return transport

    kept = await asyncio.gather(*(begin(number) for number in range(first.count)))
    orders.answer(len(kept))
    while await orders.next() is not None:
        orders.answer((heard.numbers, heard.at_ns, heard.problems))
        heard.numbers, heard.at_ns = array("q"), array("q")
    for transport in kept:
        transport.close()
