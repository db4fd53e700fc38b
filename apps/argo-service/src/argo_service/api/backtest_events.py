"""`GET /api/v1/backtest/{id}/events`: how far it has come, as server-sent events, to its end."""

import asyncio
import json
import logging
from contextlib import aclosing
from typing import Final

from aiohttp import web

from argo_core.codec.plain import to_plain
from argo_service.api import keys
from argo_service.api.backtest import desk_of, owner_of
from argo_service.api.backtest_bodies import run_body
from argo_service.api.feed import HEARTBEAT_S
from argo_service.api.frames import HEARTBEAT, HELLO, MEDIA_TYPE
from argo_service.api.parameters import Parameters
from argo_service.api.requested import API_KEY, CALLER
from argo_service.api.stream import LAST_EVENT, SEND_S
from argo_service.backtesting.run import Run

END: Final = "end"
"""The id of the last event: a browser that names it asks in vain, and does not ask again."""

_LOGGER: Final = logging.getLogger("argo.stream")


async def backtest_events(request: web.Request) -> web.StreamResponse:
    """Send every change until it is over, the caller leaves or loses its key."""
    desk, run_id = desk_of(request.app), request.match_info["id"]
    Parameters.of(request.rel_url, ())
    run = desk.find(run_id, owner_of(request))
    if run.is_over and request.headers.get(LAST_EVENT) == END:
        # To a browser this means: do not ask again.
        return web.Response(status=204)
    response = web.StreamResponse(headers={"X-Accel-Buffering": "no"})
    response.content_type = MEDIA_TYPE
    transport = request.transport
    if request.method == "HEAD" or transport is None:
        return response
    with request.app[keys.FEED].seat(request[CALLER], transport):
        await response.prepare(request)
        try:
            await _send(request, response, run_id)
        except TimeoutError:
            _LOGGER.info("a stream is cut: its reader took nothing for %g s", SEND_S)
            transport.abort()
        except ConnectionError:
            _LOGGER.debug("a stream's reader has left")
    return response


async def _send(request: web.Request, response: web.StreamResponse, run_id: str) -> None:
    clock, keyring, key = request.app[keys.CLOCK], request.app[keys.KEYRING], request[API_KEY]

    async def write(data: bytes) -> None:
        async with clock.timeout(SEND_S):
            await response.write(data)

    await write(HELLO)
    async with aclosing(desk_of(request.app).follow(run_id, owner_of(request))) as steps:
        step = asyncio.ensure_future(anext(steps, None))
        try:
            while keyring.still_admits(key):
                try:
                    async with clock.timeout(HEARTBEAT_S):
                        run = await asyncio.shield(step)
                except TimeoutError:
                    await write(HEARTBEAT)
                    continue
                if run is None:
                    return
                await write(_frame(run))
                step = asyncio.ensure_future(anext(steps, None))
        finally:
            step.cancel()
            await asyncio.wait({step})


def _frame(run: Run) -> bytes:
    """The run as it is: `event` is its state."""
    name = END if run.is_over else str(run.version)
    told = json.dumps(to_plain(run_body(run)), allow_nan=False)
    return f"id: {name}\nevent: {run.state.value}\ndata: {told}\n\n".encode()
