"""`GET /metrics`: Prometheus's text format, or OpenMetrics with exemplars for who accepts that."""

import asyncio
from functools import partial
from typing import Final

from aiohttp import web

from argo_adapters.observers.prometheus import CONTENT_TYPE, OPENMETRICS_TYPE
from argo_service.api import keys
from argo_service.api.parameters import Parameters
from argo_service.api.requested import API_KEY
from argo_service.api.trading import trader_now
from argo_service.api_keys import Scope

_OPENMETRICS: Final = "application/openmetrics-text"
_OURS: Final = {"", "1.0.0"}


async def metrics(request: web.Request) -> web.Response:
    """The engine's counters, how long the log is now, who listens, and where trading stands."""
    Parameters.of(request.rel_url, ())
    exposer = request.app[keys.METRICS]
    exposer.saw_log((await request.app[keys.LOG].head()).size)
    exposer.saw_streams(request.app[keys.FEED].listeners)
    publication = request.app[keys.PUBLICATION]
    if publication is not None:
        exposer.saw_witnesses(publication.lags_s())
    desk = trader_now(request.app)
    if desk is not None and desk.book.account is not None:
        view = desk.view()
        exposer.saw_trading(view.state, view.equity, view.equity - view.opened - view.flows)
    load = await asyncio.to_thread(request.app[keys.MACHINE].look)
    exposer.service.stands(load.cpu_percent, load.memory_percent, load.disk_percent)
    for fate, total in request.app[keys.TRACING].counts().items():
        exposer.service.spans(fate, total)
    key = request[API_KEY]
    openmetrics = accepts_openmetrics(request.headers.get("Accept", ""))
    told = partial(
        exposer.exposition,
        trading=key is None or key.may(Scope.TRADING),
        openmetrics=openmetrics,
    )
    # Files of the process are read for it, and a thousand lines are written.
    body = await asyncio.to_thread(told)
    content_type = OPENMETRICS_TYPE if openmetrics else CONTENT_TYPE
    return web.Response(body=body, headers={"Content-Type": content_type})


def accepts_openmetrics(accept: str) -> bool:
    """Whether OpenMetrics of our version is among what the header `Accept` names."""
    for each in accept.split(","):
        kind, *parameters = (part.strip().lower() for part in each.split(";"))
        given = dict(part.partition("=")[::2] for part in parameters)
        if kind == _OPENMETRICS and given.get("version", "") in _OURS:
            return given.get("q", "1").strip("0.") != ""
    return False
