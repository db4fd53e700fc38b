"""Events as they happen, as server-sent events."""

import asyncio
from contextlib import aclosing, suppress

from aiohttp import web

from alpine_service.api.asking import principal
from alpine_service.api.keys import LISTENERS, PLATFORM, STREAM
from alpine_service.api.listeners import Door
from alpine_service.api.who_asks import who_asks
from alpine_service.domain.accounts.principal import Principal
from alpine_service.domain.delivery.frame import HELLO, Wish
from alpine_service.domain.plans.entitlement import Channel
from alpine_service.domain.signals.event import Audience
from alpine_service.errors import AlpineError, InvalidInput

MEDIA_TYPE = "text/event-stream"
# How long a client may take to take what was sent to it before it is let go; it comes back.
SLOW_S = 10.0
# Up to so many bytes never have to wait for a client that has taken all that was sent before:
# asyncio holds a writer up beyond 64 KiB.
_AT_ONCE = 32_768
MOST_NAMES = 50
_LONGEST_NAME = 128
_MOST_DIGITS = 18
_HEADERS = {
    "Content-Type": f"{MEDIA_TYPE}; charset=utf-8",
    "Cache-Control": "no-store",
    # Proxies are asked not to collect what is to be heard at once.
    "X-Accel-Buffering": "no",
}


def audience_of(who: Principal) -> Audience:
    """What the plan lets this listener hear."""
    return Audience.REALTIME if who.entitlement.is_realtime else Audience.EVERYBODY


async def stream(request: web.Request) -> web.StreamResponse:
    """Answer with the events behind `since_id` or `Last-Event-ID`, then with those that come."""
    who, radio, listeners = principal(request), request.app[STREAM], request.app[LISTENERS]
    since = _since(request)
    wish = Wish(audience_of(who), _names(request, "symbol"), _names(request, "strategy"))
    if since is not None and since > await radio.newest():
        # Numbers only grow, so whoever is ahead of us listened to somebody else.
        raise InvalidInput("since_id", "there is no such event yet", "leave it out to begin now")
    clock = request.app[PLATFORM].clock
    async with listeners.listening(who, lambda: who_asks(request), clock) as door:
        response = web.StreamResponse(headers=_HEADERS)
        # Whoever does not listen, or is gone, gets what it missed when it comes back. So does a
        # listener to whom we cannot go on: after the head there is no way to send another answer.
        with suppress(TimeoutError, ConnectionError, AlpineError):
            await response.prepare(request)
            await _tell(request, response, door, wish, since)
    return response


async def _tell(
    request: web.Request, response: web.StreamResponse, door: Door, wish: Wish, since: int | None
) -> None:
    """Send until the stream closes, or until the listener may not hear what it could before.

    Then it is let go, and comes back to a door that knows what it may hear now.
    """
    await response.write(HELLO)
    async with aclosing(request.app[STREAM].listen(wish, since)) as chunks:
        async for chunk in chunks:
            who = await door.who()
            if who is None or Channel.STREAM not in who.entitlement.channels:
                return
            if audience_of(who) != wish.audience:
                return
            await _write(request, response, chunk.wire)


async def _write(request: web.Request, response: web.StreamResponse, wire: bytes) -> None:
    """Write, and wait for a client that is slow, but not for long.

    A time limit costs as much as the writing, so there is one only where there may be a wait.
    """
    transport = request.transport
    if transport is not None and len(wire) <= _AT_ONCE and not transport.get_write_buffer_size():
        await response.write(wire)
        return
    async with asyncio.timeout(SLOW_S):
        await response.write(wire)


def _since(request: web.Request) -> int | None:
    text = request.query.get("since_id") or request.headers.get("Last-Event-ID")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise InvalidInput("since_id", "it is not a number", "give the `id` of an event")
    return int(text)


def _names(request: web.Request, name: str) -> frozenset[str]:
    names = frozenset(request.query.get(name, "").split(",")) - {""}
    if len(names) > MOST_NAMES or any(len(each) > _LONGEST_NAME for each in names):
        raise InvalidInput(name, "it is too long", f"name {MOST_NAMES} at most")
    return names
