"""Alpaca's market data."""

from argo_adapters.simulator.alpaca import bars, snapshots
from argo_adapters.simulator.alpaca.words import REFUSALS, authorise, rate_headers, spell
from argo_adapters.simulator.vendor import Route, Vendor
from argo_adapters.simulator.wire import Limit

ALPACA = Vendor(
    name="alpaca",
    latency_s=0.080,
    limit=Limit(10_000, 60),
    routes=(
        Route("GET", "/v2/stocks/snapshots", snapshots.stock_snapshots),
        Route("GET", "/v1beta3/crypto/us/snapshots", snapshots.crypto_snapshots),
        Route("GET", "/v2/stocks/quotes/latest", snapshots.latest_quotes),
        Route("GET", "/v2/stocks/bars", bars.stock_bars),
        Route("GET", "/v1beta3/crypto/us/bars", bars.crypto_bars),
        Route("GET", "/v1beta1/news", snapshots.news),
    ),
    refusals=REFUSALS,
    authorise=authorise,
    spell=spell,
    rate_headers=rate_headers,
)
