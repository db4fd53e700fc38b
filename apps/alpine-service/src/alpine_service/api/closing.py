"""Connections end with their next answer while we are about to stop.

A proxy that keeps connections for reuse would otherwise send a request on one that we close.
"""

from collections.abc import Awaitable, Callable

from aiohttp import web

from alpine_service.services.draining import Draining


def closing(draining: Draining) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """For `on_response_prepare`."""

    async def close(_request: web.Request, response: web.StreamResponse) -> None:
        if draining.is_draining:
            # The head is composed already, so to close without a word would surprise the proxy.
            response.headers["Connection"] = "close"
            response.force_close()

    return close
