"""Massive, formerly Polygon.io."""

from argo_adapters.simulator.massive import bars, news, snapshots
from argo_adapters.simulator.massive.words import REFUSALS, authorise, spell
from argo_adapters.simulator.vendor import Route, Vendor
from argo_adapters.simulator.wire import Limit

_SNAPSHOT = "/v2/snapshot/locale/{}/tickers"
_GROUPED = "/v2/aggs/grouped/locale/{}/{{date}}"

MASSIVE = Vendor(
    name="massive",
    latency_s=0.120,
    limit=Limit(100, 1),
    routes=(
        Route("GET", "/v3/snapshot", snapshots.universal),
        Route("GET", _SNAPSHOT.format("us/markets/stocks"), snapshots.stocks),
        Route("GET", _SNAPSHOT.format("global/markets/crypto"), snapshots.crypto),
        Route("GET", _GROUPED.format("us/market/stocks"), bars.grouped_stocks),
        Route("GET", _GROUPED.format("global/market/crypto"), bars.grouped_crypto),
        Route(
            "GET",
            "/v2/aggs/ticker/{ticker}/range/{multiplier}/{timespan}/{from}/{to}",
            bars.ranged,
        ),
        Route("GET", "/v2/reference/news", news.news),
        Route("GET", "/v1/marketstatus/now", news.status),
    ),
    refusals=REFUSALS,
    authorise=authorise,
    spell=spell,
)
