"""`/stream`: trade updates in binary frames of JSON; nothing is ever told twice or afterwards."""

import asyncio
from collections.abc import Collection
from typing import Any

import orjson
from aiohttp import WSMsgType, web

from argo_adapters.simulator.alpaca.trading.line import Line

STREAM = "trade_updates"


class UpdatesStream:
    """Any number of connections; each hears what happens from its `listen` on."""

    def __init__(self, keys: Collection[str]) -> None:
        self._keys = frozenset(keys)
        self._lines: set[Line] = set()
        self._listening: set[Line] = set()

    @property
    def listeners(self) -> int:
        """How many connections listen."""
        return len(self._listening)

    def deliver(self, message: bytes) -> None:
        """Send to everybody who listens now."""
        for line in self._listening:
            line.put(message)

    def cut(self) -> None:
        """Every connection breaks."""
        for line in self._lines:
            line.cut()
        self._listening.clear()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection, from beginning to end."""
        line = Line(request)
        await line.open()
        self._lines.add(line)
        writer = asyncio.create_task(line.write(binary=True))
        try:
            known = False
            async for message in line.socket:
                if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                    break
                known = self._answer(line, _parsed(message.data), known=known)
        finally:
            self._lines.discard(line)
            self._listening.discard(line)
            writer.cancel()
        return line.socket

    def _answer(self, line: Line, said: dict[str, Any], *, known: bool) -> bool:
        """Reply; whether the client has shown its keys by now."""
        data = said.get("data")
        data = data if isinstance(data, dict) else {}
        match said.get("action"):
            case "authenticate" | "auth":
                pair = data or {"key_id": said.get("key"), "secret_key": said.get("secret")}
                known = {pair.get("key_id"), pair.get("secret_key")} <= self._keys
                _put(line, "authorization", _authorization("authenticate", known=known))
            case "listen" if known:
                streams = data.get("streams")
                wanted = streams if isinstance(streams, list) else []
                # A new list takes the place of the one before.
                self._listening.discard(line)
                if STREAM in wanted:
                    self._listening.add(line)
                told = [STREAM] if STREAM in wanted else []
                _put(line, "listening", {"streams": told})
            case "listen":
                _put(line, "authorization", _authorization("listen", known=False))
            case _:
                _put(line, "error", {"error": "unknown action"})
        return known


def _authorization(action: str, *, known: bool) -> dict[str, str]:
    return {"status": "authorized" if known else "unauthorized", "action": action}


def _put(line: Line, stream: str, data: dict[str, Any]) -> None:
    line.put(orjson.dumps({"stream": stream, "data": data}))


def _parsed(data: str | bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
