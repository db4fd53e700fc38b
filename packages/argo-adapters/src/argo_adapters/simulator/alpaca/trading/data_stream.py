"""`/v2/{feed}`: the market data stream, text frames that are arrays of events.

The feeds differ in name only. A client that reads slowly is told less often, and then the newest.
"""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from typing import Any

import orjson
from aiohttp import WSMsgType, web

from argo_adapters.simulator.alpaca.trading.line import Line
from argo_adapters.simulator.alpaca.trading.prices import Prices
from argo_adapters.simulator.alpaca.trading.ticker import Ticker, status
from argo_adapters.simulator.market import Market
from argo_adapters.simulator.stamps import nanoseconds
from argo_core.ports import Clock

ERRORS = {
    400: "invalid syntax",
    401: "not authenticated",
    402: "auth failed",
    403: "already authenticated",
    404: "auth timeout",
    405: "symbol limit exceeded",
    406: "connection limit exceeded",
    409: "insufficient subscription",
}
FEEDS = ("iex", "sip", "delayed_sip")
PATIENCE_S = 10.0


class _Client:
    """A connection that has shown its keys, or not yet."""

    def __init__(self, line: Line, ticker: Ticker) -> None:
        self.line = line
        self.ticker = ticker
        self.known = False
        self.stirred = asyncio.Event()


class DataStream:
    """One connection for each account: a second one is told 406 and closed.

    `began` is set when there is somebody to be told.
    """

    def __init__(
        self,
        market: Market,
        prices: Prices,
        clock: Clock,
        keys: Collection[str],
        *,
        began: asyncio.Event,
    ) -> None:
        self._began = began
        self._market = market
        self._prices = prices
        self._clock = clock
        self._keys = frozenset(keys)
        self._clients: set[_Client] = set()

    @property
    def connections(self) -> int:
        """How many clients have shown their keys."""
        return sum(client.known for client in self._clients)

    def wake(self) -> None:
        """Something may have happened."""
        for client in self._clients:
            client.stirred.set()

    def status(self, symbol: str, *, halted: bool) -> None:
        """Tell of a halt or of its end."""
        row = status(symbol, self._now(), halted=halted)
        for client in self._clients:
            client.ticker.statuses.append(row)
        self.wake()

    def cut(self) -> None:
        """Every connection breaks."""
        for client in self._clients:
            client.line.cut()
        self._clients.clear()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection, from beginning to end."""
        line = Line(request)
        await line.open()
        client = _Client(line, Ticker(self._market, self._prices))
        self._clients.add(client)
        teller = asyncio.create_task(self._tell(client))
        try:
            await _say(client, {"T": "success", "msg": "connected"})
            await self._converse(client, request)
        except ConnectionError:
            pass
        finally:
            self._clients.discard(client)
            teller.cancel()
        return line.socket

    async def _converse(self, client: _Client, request: web.Request) -> None:
        pair = [request.headers.get(f"APCA-API-{name}") for name in ("KEY-ID", "SECRET-KEY")]
        if any(pair) and not await self._admit(client, pair):
            return
        try:
            async with asyncio.timeout(PATIENCE_S) as patience:
                while True:
                    if client.known:
                        patience.reschedule(None)
                    message = await client.line.socket.receive()
                    if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                        return
                    if not await self._answer(client, _parsed(message.data)):
                        return
        except TimeoutError:
            await _error(client, 404)

    async def _answer(self, client: _Client, said: dict[str, Any]) -> bool:
        """Reply; whether the conversation goes on."""
        ticker, action = client.ticker, said.get("action")
        if action == "auth":
            return await self._admit(client, [said.get("key"), said.get("secret")])
        if action not in {"subscribe", "unsubscribe"}:
            return await _error(client, 400)
        if not client.known:
            return await _error(client, 401)
        change = ticker.subscriptions.add if action == "subscribe" else ticker.subscriptions.remove
        if code := change(said):
            return await _error(client, code)
        ticker.forget(self._now())
        return await _say(client, ticker.subscriptions.row())

    async def _admit(self, client: _Client, pair: list[Any]) -> bool:
        if client.known:
            return await _error(client, 403)
        if not set(pair) <= self._keys:
            return await _error(client, 402)
        if self.connections:
            await _error(client, 406)
            return False
        client.known = True
        self._began.set()
        return await _say(client, {"T": "success", "msg": "authenticated"})

    async def _tell(self, client: _Client) -> None:
        with suppress(ConnectionError):
            while True:
                await client.stirred.wait()
                client.stirred.clear()
                if rows := client.ticker.news(self._now()):
                    await _say(client, *rows)

    def _now(self) -> int:
        return nanoseconds(self._clock.now())


async def _say(client: _Client, *rows: dict[str, Any]) -> bool:
    await client.line.socket.send_str(orjson.dumps(rows).decode())
    return True


async def _error(client: _Client, code: int) -> bool:
    return await _say(client, {"T": "error", "code": code, "msg": ERRORS[code]})


def _parsed(data: str | bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
