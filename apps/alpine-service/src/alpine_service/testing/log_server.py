"""The publisher's HTTP: exactly the paths of the protocol's page, and a place for tricks."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

from aiohttp import web

from alpine_service.domain.feed import base64_strict
from alpine_service.domain.feed.number import read_number
from alpine_service.domain.feed.tile import WIDTH, Bundle, Tile, read_path
from alpine_service.errors import Malformed
from alpine_service.testing.small_record import SmallRecord

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Trick = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]
"""Answers in the place of the honest handler, which it is given."""

FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
ASK_AGAIN = {"Cache-Control": "no-cache"}
LARGEST_PAGE = 500

CLOSING = web.AppKey("closing", asyncio.Event)
"""Set when the server is about to stop, so that tricks that last come to an end."""

_BYTES = "application/octet-stream"


class Published(Protocol):
    """What is shown."""

    record: SmallRecord
    size: int
    checkpoint: bytes
    api_keys: dict[str, frozenset[str]]

    def proof_file(self, index: int) -> bytes: ...


class LogServer:
    """Serves a log on a free port of loopback. `tricks` answer for paths that begin so."""

    def __init__(self, log: Published, heartbeat_s: float) -> None:
        self.tricks: dict[str, Trick] = {}
        self.replaced: dict[str, bytes] = {}
        """Bytes that are served at a path of the record instead of the true ones."""

        self.asked: list[str] = []
        """The paths that were asked for, with their queries, in order."""

        self.url = ""
        self.closing = asyncio.Event()
        self._log = log
        self._heartbeat_s = heartbeat_s
        self._news = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> None:
        """Begin to serve; another start after a stop may keep the port."""
        self.closing.clear()
        app = web.Application(middlewares=[self._trick])
        app[CLOSING] = self.closing
        app.add_routes(
            [
                web.get("/checkpoint", self._checkpoint),
                web.get("/tile/{rest:.+}", self._tile),
                web.get("/proof/{index}.tlog-proof", self._proof),
                web.get("/api/v1/entries/{index}", self._entry),
                web.get("/api/v1/stream", self._stream),
                web.get("/api/v1/bodies", self._bodies),
            ]
        )
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        host, bound = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{bound}"

    async def stop(self) -> None:
        """End all streams and stop serving."""
        self.closing.set()
        self.wake()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def wake(self) -> None:
        """Tell the streams that there is news."""
        self._news.set()
        self._news = asyncio.Event()

    @web.middleware
    async def _trick(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        for beginning, trick in self.tricks.items():
            if request.path.startswith(beginning):
                return await trick(request, handler)
        replaced = self.replaced.get(request.path.removeprefix("/"))
        if replaced is not None:
            return web.Response(body=replaced, content_type=_BYTES, headers=FOREVER)
        return await handler(request)

    async def _checkpoint(self, request: web.Request) -> web.StreamResponse:
        return _text(self._log.checkpoint)

    async def _tile(self, request: web.Request) -> web.StreamResponse:
        try:
            named = read_path(request.path.removeprefix("/"))
        except Malformed:
            return _problem(404, "not-there")
        level = named.level if isinstance(named, Tile) else 0
        if named.index * WIDTH + named.width > self._log.size >> 8 * level:
            return _problem(404, "not-there")
        record = self._log.record
        data = record.bundle(named) if isinstance(named, Bundle) else record.hashes(named)
        return web.Response(body=data, content_type=_BYTES, headers=FOREVER)

    async def _proof(self, request: web.Request) -> web.StreamResponse:
        index = self._index(request)
        return _problem(404, "not-there") if index is None else _text(self._log.proof_file(index))

    async def _entry(self, request: web.Request) -> web.StreamResponse:
        index = self._index(request)
        if index is None:
            return _problem(404, "not-there")
        data = self._log.record.entries[index]
        return web.Response(body=data, content_type=_BYTES, headers=FOREVER)

    async def _bodies(self, request: web.Request) -> web.StreamResponse:
        if refusal := self._refuse(request, "realtime"):
            return refusal
        try:
            start = read_number(request.query.get("from", "0"))
            limit = read_number(request.query.get("limit", "50"))
        except Malformed:
            return _problem(400, "invalid-input")
        if not 1 <= limit <= LARGEST_PAGE:
            return _problem(400, "invalid-input")
        sealed = self._log.record.sealed
        found = [sealed[at] for at in sorted(sealed) if start <= at < self._log.size]
        page = found[:limit]
        bodies = [
            {
                "index": one.index,
                "commitment": one.commitment,
                "body": base64_strict.encode(one.body),
                "nonce": base64_strict.encode(one.nonce),
            }
            for one in page
        ]
        following = page[-1].index + 1 if len(found) > limit else max(start, self._log.size)
        answer = {"bodies": bodies, "next": following, "log": {"size": self._log.size}}
        return web.json_response(answer, headers={"Cache-Control": "no-store"})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if refusal := self._refuse(request, "read"):
            return refusal
        last, since = request.headers.get("Last-Event-ID", ""), request.query.get("since")
        try:
            place = read_number(last) + 1 if last else read_number(since or str(self._log.size))
        except Malformed:
            return _problem(400, "invalid-input")
        if place > self._log.size:
            return _problem(400, "invalid-input")
        response = web.StreamResponse(headers={"Cache-Control": "no-store"})
        response.content_type = "text/event-stream"
        await response.prepare(request)
        # A reader may leave at any time.
        with suppress(ConnectionError):
            await self._send(response, place)
        return response

    async def _send(self, response: web.StreamResponse, place: int) -> None:
        shown = self._log.checkpoint if place == self._log.size else b""
        while not self.closing.is_set():
            news = self._news
            while place < self._log.size:
                await response.write(event_of(place, self._log.record.entries[place]))
                place += 1
            if self._log.checkpoint != shown:
                shown = self._log.checkpoint
                await response.write(checkpoint_event(shown))
            try:
                async with asyncio.timeout(self._heartbeat_s):
                    await news.wait()
            except TimeoutError:
                await response.write(b": nothing new\n\n")

    def _index(self, request: web.Request) -> int | None:
        try:
            index = read_number(request.match_info["index"])
        except Malformed:
            return None
        return index if index < self._log.size else None

    def _refuse(self, request: web.Request, scope: str) -> web.Response | None:
        if not self._log.api_keys:
            return None
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        scopes = self._log.api_keys.get(key)
        if scopes is None:
            return _problem(401, "unauthenticated")
        return None if scope in scopes else _problem(403, "forbidden")


def event_of(index: int, data: bytes) -> bytes:
    """The server-sent event of an entry, whatever its bytes are."""
    try:
        kind = json.loads(data)["kind"]
    except (ValueError, KeyError, TypeError):
        kind = "message"
    return f"id: {index}\nevent: {kind}\ndata: ".encode() + data + b"\n\n"


def checkpoint_event(note: bytes) -> bytes:
    """The server-sent event of a checkpoint."""
    lines = b"".join(b"data: " + line + b"\n" for line in note.split(b"\n"))
    return b"event: checkpoint\n" + lines + b"\n"


def _text(data: bytes) -> web.Response:
    return web.Response(body=data, content_type="text/plain", charset="utf-8", headers=ASK_AGAIN)


def _problem(status: int, name: str) -> web.Response:
    return web.json_response(
        {"type": f"about:{name}", "title": name, "status": status, "detail": name},
        status=status,
        content_type="application/problem+json",
        headers={"Cache-Control": "no-store"},
    )
