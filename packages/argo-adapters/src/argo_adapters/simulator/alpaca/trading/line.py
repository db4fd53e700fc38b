"""One client's websocket: what is to be sent waits in a bounded queue, and a writer sends it."""

import asyncio
from contextlib import suppress

from aiohttp import web

MOST_WAITING = 10_000


class Line:
    """A client that reads too slowly for its queue is cut off."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
        self.socket = web.WebSocketResponse(max_msg_size=65_536)

    async def open(self) -> None:
        """Shake hands."""
        await self.socket.prepare(self._request)

    def put(self, frame: bytes) -> None:
        """Send this when its turn comes."""
        try:
            self._waiting.put_nowait(frame)
        except asyncio.QueueFull:
            self.cut()

    async def write(self, *, binary: bool) -> None:
        """Send whatever is put, until cancelled or the client is gone."""
        with suppress(ConnectionError):
            while True:
                frame = await self._waiting.get()
                if binary:
                    await self.socket.send_bytes(frame)
                else:
                    await self.socket.send_str(frame.decode())

    def cut(self) -> None:
        """Break the connection without a word."""
        if self._request.transport is not None:
            self._request.transport.abort()
