"""`GET /api/v1/stream`: published entries as server-sent events, from then until now and on."""

import logging
from contextlib import aclosing

from aiohttp import web

from argo_core.errors import InvalidInput, LogError
from argo_core.ledger.decimal_line import read_number
from argo_service.api import keys
from argo_service.api.frames import MEDIA_TYPE
from argo_service.api.parameters import Parameters
from argo_service.api.published import shown_size
from argo_service.api.requested import API_KEY, CALLER

LAST_EVENT = "Last-Event-ID"
SEND_S = 10.0
_LOGGER = logging.getLogger("argo.stream")


async def stream(request: web.Request) -> web.StreamResponse:
    """Send until the caller leaves, is too slow, loses its key, or the service stops."""
    start = await _start(request, Parameters.of(request.rel_url, ("since",)))
    # Proxies that collect what they pass on would keep the events back.
    response = web.StreamResponse(headers={"X-Accel-Buffering": "no"})
    response.content_type = MEDIA_TYPE
    transport = request.transport
    if request.method == "HEAD" or transport is None:
        return response
    with request.app[keys.FEED].seat(request[CALLER], transport):
        await response.prepare(request)
        try:
            await _send(request, response, start)
        except LogError as error:
            # The answer has begun, so it can only end; whoever asks again is told.
            _LOGGER.warning("a stream ends: %s", error)
        except TimeoutError:
            _LOGGER.info("a stream is cut: its reader took nothing for %g s", SEND_S)
            transport.abort()
        except ConnectionError:
            _LOGGER.debug("a stream's reader has left")
    return response


async def _send(request: web.Request, response: web.StreamResponse, start: int) -> None:
    feed, clock = request.app[keys.FEED], request.app[keys.CLOCK]
    keyring, key = request.app[keys.KEYRING], request[API_KEY]
    async with aclosing(feed.follow(start)) as frames:
        async for data in frames:
            # A stream outlives many a key; whoever asks again is told.
            if not keyring.still_admits(key):
                return
            async with clock.timeout(SEND_S):
                await response.write(data)


async def _start(request: web.Request, parameters: Parameters) -> int:
    """The index of the first entry to send: after the last one had, or as asked, or the next."""
    last, since = request.headers.get(LAST_EVENT, ""), parameters.given.get("since")
    if not last and since is None:
        return shown_size(request.app[keys.PUBLICATION])
    # A browser that lost its stream repeats the address, and says how far it had come.
    name = LAST_EVENT if last else "since"
    start = read_number(name, last) + 1 if last else read_number(name, since or "")
    size = (await request.app[keys.LOG].head()).size
    if start > size:
        problem = f"the log has {size} entries only"
        fix = "compare its checkpoint with the one you have; if you had more, it has lost some"
        raise InvalidInput(name, problem, fix)
    return start
