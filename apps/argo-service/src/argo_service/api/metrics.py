"""`GET /metrics`: Prometheus's text format."""

from aiohttp import web

from argo_adapters.observers.prometheus import CONTENT_TYPE
from argo_service.api import keys
from argo_service.api.parameters import Parameters
from argo_service.api.requested import API_KEY
from argo_service.api_keys import Scope


async def metrics(request: web.Request) -> web.Response:
    """The engine's counters, how long the log is now, who listens, and where trading stands."""
    Parameters.of(request.rel_url, ())
    exposer = request.app[keys.METRICS]
    exposer.saw_log((await request.app[keys.LOG].head()).size)
    exposer.saw_streams(request.app[keys.FEED].listeners)
    desk = request.app[keys.TRADING]
    if desk is not None and desk.book.account is not None:
        view = desk.view()
        exposer.saw_trading(view.state, view.equity, view.equity - view.opened - view.flows)
    key = request[API_KEY]
    body = exposer.exposition(trading=key is None or key.may(Scope.TRADING))
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})
