"""A receiver of webhooks that accepts them all, in a process of its own."""

import asyncio

from attrs import Factory, define
from benchmarks._child import Orders

_ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


@define(eq=False)
class Receiver(asyncio.Protocol):
    """One connection; ids of whatever was signed are remembered for all of them."""

    ids: list[bytes]
    _rest: bytes = b""
    _transports: list[asyncio.WriteTransport] = Factory(list)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transports.append(transport)

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while (end := self._rest.find(b"\r\n\r\n")) >= 0:
            head = self._rest[:end].lower()
            whole = end + 4 + int(_field(head, b"content-length"))
            if len(self._rest) < whole:
                return
            self._rest = self._rest[whole:]
            if _field(head, b"webhook-signature").startswith(b"v1,"):
                self.ids.append(_field(head, b"webhook-id"))
            self._transports[0].write(_ANSWER)


def _field(head: bytes, name: bytes) -> bytes:
    return head.partition(b"\r\n%s:" % name)[2].partition(b"\r\n")[0].strip()


async def receive(orders: Orders) -> None:
    """Answers its port; then, each time, how many came, and how many different ones, since."""
    ids: list[bytes] = []
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Receiver(ids), "127.0.0.1", 0, backlog=512)
    orders.answer(server.sockets[0].getsockname()[1])
    while await orders.next() is not None:
        orders.answer((len(ids), len(set(ids))))
        ids.clear()
    server.close()
