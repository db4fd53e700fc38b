"""Alpha Vantage: one path, the function in the query."""

from argo_adapters.simulator.alpha_vantage import quotes
from argo_adapters.simulator.alpha_vantage.news import news
from argo_adapters.simulator.alpha_vantage.words import REFUSALS, authorise, spell
from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.vendor import Handler, Route, Vendor
from argo_adapters.simulator.wire import Ask, Limit, Reply, answer

_FUNCTIONS: dict[str, Handler] = {
    "REALTIME_BULK_QUOTES": quotes.bulk,
    "GLOBAL_QUOTE": quotes.quote,
    "CURRENCY_EXCHANGE_RATE": quotes.rate,
    "TIME_SERIES_INTRADAY": quotes.intraday,
    "CRYPTO_INTRADAY": quotes.crypto_intraday,
    "MARKET_STATUS": quotes.status,
    "NEWS_SENTIMENT": news,
}


def query(lens: Lens, ask: Ask) -> Reply:
    """`GET /query?function=...`."""
    name = ask.query.get("function", "")
    function = _FUNCTIONS.get(name)
    if function is None:
        return answer({"Error Message": f"This API function ({name[:40]}) does not exist."})
    return function(lens, ask)


def _label(ask: Ask) -> str:
    name = ask.query.get("function", "")
    return f"/query?function={name if name in _FUNCTIONS else '?'}"


ALPHA_VANTAGE = Vendor(
    name="alpha_vantage",
    latency_s=0.250,
    limit=Limit(600, 60),
    routes=(Route("GET", "/query", query, label=_label),),
    refusals=REFUSALS,
    authorise=authorise,
    spell=spell,
)
