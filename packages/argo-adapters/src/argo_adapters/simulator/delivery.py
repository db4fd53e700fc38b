"""How a reply leaves: whole, in drops, cut short, far too large, or not at all."""

import asyncio
import gzip

from aiohttp import web

from argo_adapters.simulator.faults import Fault
from argo_adapters.simulator.wire import Reply

HUGE_BYTES = 50_000_000
SAYS = "simulated vendors, recorded prices"

_CHUNK = 65_536
_WORTH_PACKING = 100_000


async def deliver(
    request: web.Request, reply: Reply, fault: Fault | None, drip_s: float
) -> web.StreamResponse:
    """Send the reply as the fault has it; `drip_s` is the pause between two drops."""
    if reply.delay_s:
        await asyncio.sleep(reply.delay_s)
    match Fault.DROPPED if reply.dropped else fault:
        case Fault.DROPPED:
            return _hang_up(request)
        case Fault.CUT:
            response = await _begin(request, reply, len(reply.body))
            await response.write(reply.body[: len(reply.body) // 2])
            return _hang_up(request, response)
        case Fault.DRIP:
            return await _drip(request, reply, drip_s)
        case Fault.HUGE:
            return await _flood(request, reply)
        case _:
            return _whole(request, reply)


def _headers(reply: Reply) -> dict[str, str]:
    return {**reply.headers, "Content-Type": reply.content_type, "X-Simulated": SAYS}


def _whole(request: web.Request, reply: Reply) -> web.Response:
    headers, body = _headers(reply), reply.body
    accepted = request.headers.get("Accept-Encoding", "")
    if len(body) > _WORTH_PACKING and "gzip" in accepted:
        headers["Content-Encoding"] = "gzip"
        body = gzip.compress(body, compresslevel=1, mtime=0)
    return web.Response(status=reply.status, body=body, headers=headers)


async def _begin(request: web.Request, reply: Reply, size: int | None) -> web.StreamResponse:
    response = web.StreamResponse(status=reply.status, headers=_headers(reply))
    response.content_length = size
    await response.prepare(request)
    return response


async def _drip(request: web.Request, reply: Reply, drip_s: float) -> web.StreamResponse:
    response = await _begin(request, reply, len(reply.body))
    size = max(1, len(reply.body) // 64)
    for place in range(0, len(reply.body), size):
        await response.write(reply.body[place : place + size])
        await asyncio.sleep(drip_s)
    return response


async def _flood(request: web.Request, reply: Reply) -> web.StreamResponse:
    """Correct JSON behind fifty megabytes of blanks, without a length to warn of it."""
    response = await _begin(request, reply, None)
    blanks = b" " * _CHUNK
    for _ in range(HUGE_BYTES // _CHUNK + 1):
        await response.write(blanks)
    await response.write(reply.body)
    return response


def _hang_up(
    request: web.Request, response: web.StreamResponse | None = None
) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return response or web.Response()
