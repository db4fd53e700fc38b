"""Readers on raw sockets that keep their connections, in a process of their own."""

import asyncio
import time
from array import array
from collections.abc import Iterator
from itertools import count

from attrs import Factory, define, frozen
from benchmarks._child import Orders


@frozen
class Ask:
    """So many connections ask one after another for so long; `{}` in the path is a number.

    Every request has the next of the keys.
    """

    host: str
    port: int
    path: str
    keys: tuple[str, ...]
    connections: int
    seconds: float


@frozen
class Asked:
    """How long each request took, in ms, over how many seconds; and the last body."""

    took_ms: "array[float]"
    seconds: float
    body: bytes


@define(eq=False)
class Asker(asyncio.Protocol):
    """One connection; its answers have to be whole, and good."""

    requests: Iterator[bytes]
    until: float
    done: asyncio.Future[None]
    took_ms: "array[float]" = Factory(lambda: array("d"))
    body: bytes = b""
    _sent: float = 0.0
    _raw: bytes = b""
    _whole: int | None = None
    _transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._raw += data
        if self._whole is None:
            self._whole = self._whole_size()
        if self._whole is None or len(self._raw) < self._whole:
            return
        now = time.perf_counter()
        self.took_ms.append((now - self._sent) * 1e3)
        if now < self.until:
            self._raw, self._whole = b"", None
            self._ask()
            return
        self.body = self._raw.partition(b"\r\n\r\n")[2]
        self._finish(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._finish(f"the connection ended: {exc}")

    def _ask(self) -> None:
        assert self._transport is not None
        self._sent = time.perf_counter()
        self._transport.write(next(self.requests))

    def _whole_size(self) -> int | None:
        end = self._raw.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = self._raw[:end].lower()
        if not head.startswith(b"http/1.1 200 "):
            self._finish(self._raw.decode()[:400])
            return None
        length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
        return end + 4 + int(length)

    def _finish(self, problem: str | None) -> None:
        if self.done.done():
            return
        if problem is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(ConnectionError(problem))
        if self._transport is not None:
            self._transport.close()


async def ask(orders: Orders) -> None:
    """Told `Ask`, answers `Asked`, as often as it is told."""
    numbers = count(1)
    while (order := await orders.next()) is not None:
        orders.answer(await _asked(order, numbers))


async def _asked(order: Ask, numbers: Iterator[int]) -> Asked:
    loop = asyncio.get_running_loop()

    def requests() -> Iterator[bytes]:
        for number in numbers:
            path, key = order.path.format(number), order.keys[number % len(order.keys)]
            yield (
                f"GET {path} HTTP/1.1\r\nHost: {order.host}\r\nAuthorization: Bearer {key}\r\n\r\n"
            ).encode()

    rows, began = requests(), time.perf_counter()
    askers = [
        Asker(rows, began + order.seconds, loop.create_future()) for _ in range(order.connections)
    ]
    waiting = iter(askers)
    for _ in askers:
        await loop.create_connection(lambda: next(waiting), order.host, order.port)
    await asyncio.gather(*(asker.done for asker in askers))
    took = array("d")
    for asker in askers:
        took.extend(asker.took_ms)
    return Asked(took, time.perf_counter() - began, askers[0].body)
