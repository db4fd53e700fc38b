"""The client of the log's server, which is trusted with nothing, not even to answer or to stop.

No redirects, because an answer counts only from the address that the operator gave. Nothing is
unpacked, because what is small on the wire may be large in memory: an answer with an encoding is
refused unread. No cookies. The key goes in a header, never into a URL, which others write down.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager

import aiohttp
from aiohttp import hdrs, web
from attrs import field, frozen

from alpine_service.adapters.log_http.limits import LIMITS, Limits
from alpine_service.domain.feed.tile import Bundle, Tile
from alpine_service.domain.rotating import Rotating
from alpine_service.errors import FeedAway, FeedRefused, Malformed

# Bytes of an answer that is refused which are kept, as evidence.
_BEGINNING = 4096
_LONGEST_WAIT_S = 3600.0
_CHECKPOINT_EVENT = b"event:checkpoint"
_REDIRECTS = range(300, 400)
_FAILURES = range(500, 600)


@asynccontextmanager
async def open_log(
    url: str,
    api_key: str | Rotating | None = None,
    limits: Limits = LIMITS,
    traces: Sequence[aiohttp.TraceConfig] = (),
) -> AsyncIterator["LogHttp"]:
    """The log whose paths lie below `url`; `traces` are told of each request."""
    headers = {hdrs.ACCEPT_ENCODING: "identity", hdrs.USER_AGENT: "alpine"}
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=limits.connections),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        headers=headers,
        requote_redirect_url=False,
        trace_configs=list(traces),
    ) as session:
        keys = Rotating((api_key,)) if isinstance(api_key, str) else api_key or Rotating(())
        yield LogHttp(url.rstrip("/"), session, limits, keys)


@frozen
class LogHttp:
    """Keeps the port `Feed`."""

    _url: str
    _session: aiohttp.ClientSession = field(repr=False)
    _limits: Limits = field(repr=False)
    _keys: Rotating = field(repr=False)

    @property
    def has_key(self) -> bool:
        return bool(self._keys.values)

    async def checkpoint(self) -> bytes:
        return await self._get("checkpoint", self._limits.checkpoint)

    async def tile(self, tile: Tile) -> bytes:
        return await self._get(tile.path, self._limits.tile)

    async def bundle(self, bundle: Bundle) -> bytes:
        return await self._get(bundle.path, self._limits.bundle)

    async def bodies(self, start: int) -> bytes:
        path = f"api/v1/bodies?from={start}"
        return await self._get(path, self._limits.bodies, self._authorization())

    async def hints(self, since: int) -> AsyncGenerator[None]:
        path = f"api/v1/stream?since={since}"
        patience = aiohttp.ClientTimeout(
            total=None,
            sock_connect=self._limits.connect_s,
            sock_read=self._limits.silence_s,
        )
        async with self._ask(path, patience, self._authorization()) as response:
            self._refuse_status(response, path)
            async for line in self._lines(response):
                if line.replace(b" ", b"") == _CHECKPOINT_EVENT:
                    yield
        raise FeedAway(f"{path}: the stream ended")

    async def _get(self, path: str, most: int, headers: Mapping[str, str] | None = None) -> bytes:
        patience = aiohttp.ClientTimeout(
            total=self._limits.total_s,
            sock_connect=self._limits.connect_s,
            sock_read=self._limits.chunk_s,
        )
        async with self._ask(path, patience, headers or {}) as response:
            self._refuse_status(response, path)
            return await self._read(response, path, most)

    @asynccontextmanager
    async def _ask(
        self, path: str, patience: aiohttp.ClientTimeout, headers: Mapping[str, str]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        with _translated(path):
            response = await self._session.get(
                f"{self._url}/{path}", headers=headers, timeout=patience, allow_redirects=False
            )
            try:
                if response.headers.get(hdrs.CONTENT_ENCODING, "identity") != "identity":
                    raise Malformed("encoded", f"{path}: an answer in an encoding nobody asked for")
                yield response
            finally:
                # Not read to its end: what is left may be without end.
                response.close()

    async def _read(self, response: aiohttp.ClientResponse, path: str, most: int) -> bytes:
        pieces, count = [], 0
        async for piece in response.content.iter_any():
            pieces.append(piece)
            count += len(piece)
            if count > most:
                served = b"".join(pieces)[:_BEGINNING]
                raise Malformed("too-large", f"{path}: more than {most} bytes", served)
        return b"".join(pieces)

    async def _lines(self, response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        begun = b""
        async for piece in response.content.iter_any():
            *whole, begun = (begun + piece).split(b"\n")
            for line in whole:
                yield line.removesuffix(b"\r")
            if len(begun) > self._limits.line:
                raise Malformed("too-large", "a line of the stream has no end", begun[:_BEGINNING])

    def _authorization(self) -> dict[str, str]:
        keys = self._keys.values
        return {hdrs.AUTHORIZATION: f"Bearer {keys[0]}"} if keys else {}

    def _refuse_status(self, response: aiohttp.ClientResponse, path: str) -> None:
        try:
            _refuse_status(response.status, path, response.headers)
        except FeedRefused:
            # While the key is being changed the log may know the other one: next time that is sent.
            for key in self._keys.values[:1]:
                self._keys.turned_down(key)
            raise


def _refuse_status(status: int, path: str, headers: Mapping[str, str]) -> None:
    if status == web.HTTPOk.status_code:
        return
    if status in {web.HTTPUnauthorized.status_code, web.HTTPForbidden.status_code}:
        raise FeedRefused(f"{path}: status {status}; check the key for the log")
    if status in _REDIRECTS:
        raise Malformed("redirect", f"{path}: status {status}, and redirects are not followed")
    if status in _FAILURES or status in {
        web.HTTPNotFound.status_code,
        web.HTTPRequestTimeout.status_code,
        web.HTTPTooManyRequests.status_code,
    }:
        raise FeedAway(f"{path}: status {status}", _retry_after(headers))
    raise Malformed("unexpected-status", f"{path}: status {status}")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """When the server wants to be asked again, in seconds; a date is not read."""
    text = headers.get(hdrs.RETRY_AFTER, "")
    if not (text.isascii() and text.isdecimal()):
        return None
    return min(float(text), _LONGEST_WAIT_S)


@contextmanager
def _translated(path: str) -> Iterator[None]:
    try:
        yield
    except (aiohttp.ServerTimeoutError, TimeoutError) as error:
        raise FeedAway(f"{path}: no answer in time") from error
    except aiohttp.ClientResponseError as error:
        # Headers that are too long or that are none.
        raise Malformed("not-http", f"{path}: the answer is not HTTP") from error
    except (aiohttp.ClientError, OSError) as error:
        raise FeedAway(f"{path}: {type(error).__name__}") from error
