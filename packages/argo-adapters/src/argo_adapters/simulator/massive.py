"""Massive, formerly Polygon.io."""

from argo_adapters.simulator import massive_bars, massive_news, massive_snapshots
from argo_adapters.simulator.massive_words import REFUSALS, authorise, spell
from argo_adapters.simulator.vendor import Route, Vendor
from argo_adapters.simulator.wire import Limit

_SNAPSHOT = "/v2/snapshot/locale/{}/tickers"
_GROUPED = "/v2/aggs/grouped/locale/{}/{{date}}"

MASSIVE = Vendor(
    name="massive",
    latency_s=0.120,
    limit=Limit(100, 1),
    routes=(
        Route("GET", "/v3/snapshot", massive_snapshots.universal),
        Route("GET", _SNAPSHOT.format("us/markets/stocks"), massive_snapshots.stocks),
        Route("GET", _SNAPSHOT.format("global/markets/crypto"), massive_snapshots.crypto),
        Route("GET", _GROUPED.format("us/market/stocks"), massive_bars.grouped_stocks),
        Route("GET", _GROUPED.format("global/market/crypto"), massive_bars.grouped_crypto),
        Route(
            "GET",
            "/v2/aggs/ticker/{ticker}/range/{multiplier}/{timespan}/{from}/{to}",
            massive_bars.ranged,
        ),
        Route("GET", "/v2/reference/news", massive_news.news),
        Route("GET", "/v1/marketstatus/now", massive_news.status),
    ),
    refusals=REFUSALS,
    authorise=authorise,
    spell=spell,
)
