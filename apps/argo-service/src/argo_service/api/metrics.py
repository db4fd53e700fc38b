"""`GET /metrics`: Prometheus's text format."""

from aiohttp import web

from argo_adapters.observers.prometheus import CONTENT_TYPE
from argo_service.api import keys
from argo_service.api.parameters import Parameters


async def metrics(request: web.Request) -> web.Response:
    """The engine's counters, how long the log is now, and who listens."""
    Parameters.of(request.rel_url, ())
    exposer = request.app[keys.METRICS]
    exposer.saw_log((await request.app[keys.LOG].head()).size)
    exposer.saw_streams(request.app[keys.FEED].listeners)
    return web.Response(body=exposer.exposition(), headers={"Content-Type": CONTENT_TYPE})
