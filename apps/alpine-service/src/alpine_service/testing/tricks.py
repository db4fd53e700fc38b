"""Ways for a server to misbehave that need no log: too much, too slow, cut off, elsewhere."""

import asyncio
import zlib
from collections.abc import Iterator, Mapping

from aiohttp import hdrs, web

from alpine_service.testing.log_server import CLOSING, Handler, Trick

ENDLESS_BYTES = 10 * 1024**3
"""What an answer without end would come to."""

_PIECE = b"\0" * 65_536
_PACE_S = 0.02


async def endless(request: web.Request, honest: Handler) -> web.StreamResponse:
    """Ten gigabytes, as fast as they are taken."""
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(ENDLESS_BYTES // len(_PIECE)):
        if request.app[CLOSING].is_set():
            break
        await response.write(_PIECE)
    return response


async def slow(request: web.Request, honest: Handler) -> web.StreamResponse:
    """The honest answer, a byte now and then."""
    response = web.StreamResponse()
    await response.prepare(request)
    for byte in await _honest_bytes(request, honest):
        await response.write(bytes([byte]))
        if await _closes_within(request, _PACE_S):
            break
    return response


async def silent(request: web.Request, honest: Handler) -> web.StreamResponse:
    """A connection that is taken, and never an answer."""
    await request.app[CLOSING].wait()
    return web.Response(status=503)


async def stalled(request: web.Request, honest: Handler) -> web.StreamResponse:
    """Headers, half of the answer, and then nothing more."""
    body = await _honest_bytes(request, honest)
    response = web.StreamResponse(headers={hdrs.CONTENT_LENGTH: str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    await request.app[CLOSING].wait()
    return response


async def failing(request: web.Request, honest: Handler) -> web.StreamResponse:
    """500, with words that nobody should repeat."""
    return web.Response(status=500, text="Traceback (most recent call last):")


async def busy(request: web.Request, honest: Handler) -> web.StreamResponse:
    """429, and when to come back."""
    return web.Response(status=429, headers={hdrs.RETRY_AFTER: "7"})


async def absent(request: web.Request, honest: Handler) -> web.StreamResponse:
    """404, though it should be there."""
    return web.Response(status=404)


async def redirecting(request: web.Request, honest: Handler) -> web.StreamResponse:
    """The honest answer at another address, which a reader has no reason to ask."""
    if "moved" in request.query:
        return await honest(request)
    return web.Response(status=302, headers={hdrs.LOCATION: f"{request.path}?moved=1"})


async def truncated(request: web.Request, honest: Handler) -> web.StreamResponse:
    """Half of what the length promises, then the connection is closed."""
    body = await _honest_bytes(request, honest)
    return await _raw(request, len(body), body[: len(body) // 2])


async def overlong(request: web.Request, honest: Handler) -> web.StreamResponse:
    """A length that is shorter than the answer: what a reader has is cut off."""
    body = await _honest_bytes(request, honest)
    return await _raw(request, len(body) - 1, body)


async def reset(request: web.Request, honest: Handler) -> web.StreamResponse:
    """A connection that breaks before there is an answer."""
    _transport(request).abort()
    return web.Response()


async def garbled(request: web.Request, honest: Handler) -> web.StreamResponse:
    """Something that is not HTTP."""
    _transport(request).write(b"\x16\x03\x01 this is not the protocol you want\r\n\r\n")
    return _ended(request)


async def bomb(request: web.Request, honest: Handler) -> web.StreamResponse:
    """Ten megabytes that unpack to ten gigabytes."""
    response = web.StreamResponse(headers={hdrs.CONTENT_ENCODING: "deflate"})
    await response.prepare(request)
    for piece in _packed_zeros():
        if request.app[CLOSING].is_set():
            break
        await response.write(piece)
    return response


async def huge(request: web.Request, honest: Handler) -> web.StreamResponse:
    """A megabyte that ends like the honest answer."""
    body = await _honest_bytes(request, honest)
    return web.Response(body=b"far too long" * 87_382 + b"\n" + body)


async def page(request: web.Request, honest: Handler) -> web.StreamResponse:
    """What the gateway of a hotel says to everything."""
    return web.Response(text="<!doctype html><title>Welcome</title>", content_type="text/html")


async def cut_stream(request: web.Request, honest: Handler) -> web.StreamResponse:
    """A stream that ends in the middle of an event."""
    response = web.StreamResponse(headers={hdrs.CONTENT_TYPE: "text/event-stream"})
    await response.prepare(request)
    await response.write(b": welcome\n\nid: 1\nevent: sig")
    return response


TRICKS: Mapping[str, Trick] = {
    trick.__name__: trick
    for trick in (
        endless,
        slow,
        silent,
        stalled,
        failing,
        busy,
        absent,
        redirecting,
        truncated,
        overlong,
        reset,
        garbled,
        bomb,
        huge,
        page,
        cut_stream,
    )
}
"""By name; `log.server.tricks["/tile/entries"] = TRICKS["slow"]` makes the log use one."""


def _packed_zeros() -> Iterator[bytes]:
    """A deflate stream: a piece that depends on none before it, again and again."""
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS)
    yield packer.compress(_PIECE) + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(_PIECE * 16) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(ENDLESS_BYTES // len(_PIECE * 16)):
        yield piece


async def _honest_bytes(request: web.Request, honest: Handler) -> bytes:
    response = await honest(request)
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        raise TypeError("this trick is for answers that have an end")
    return response.body


async def _raw(request: web.Request, length: int, body: bytes) -> web.StreamResponse:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n".encode()
    _transport(request).write(head + body)
    return _ended(request)


def _ended(request: web.Request) -> web.Response:
    """An answer that goes nowhere, because the connection is closed once all was sent."""
    _transport(request).close()
    return web.Response()


def _transport(request: web.Request) -> asyncio.Transport:
    transport = request.transport
    if transport is None:
        raise ConnectionResetError
    return transport


async def _closes_within(request: web.Request, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await request.app[CLOSING].wait()
    except TimeoutError:
        return False
    return True
