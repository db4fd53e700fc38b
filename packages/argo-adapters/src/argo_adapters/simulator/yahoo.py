"""Yahoo's chart, which the yfinance library reads; no key, and a very small patience."""

from collections.abc import Collection, Sequence
from typing import NoReturn

from argo_adapters.simulator.bars import gathered
from argo_adapters.simulator.faults import Fault
from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.market import View
from argo_adapters.simulator.stamps import DAY, HOUR, MINUTE, SECOND, eastern, midnight
from argo_adapters.simulator.tally import Candle
from argo_adapters.simulator.vendor import Route, Vendor
from argo_adapters.simulator.wire import Ask, Limit, Reply, answer, refuse
from argo_core.market.instrument import AssetClass, Symbol

_RANGES = {"1d": 1, "5d": 5, "1mo": 30, "3mo": 90, "6mo": 180, "1y": 365, "max": 3_650}
_INTERVALS = {
    "1m": (1, "minute"),
    "2m": (2, "minute"),
    "5m": (5, "minute"),
    "15m": (15, "minute"),
    "30m": (30, "minute"),
    "60m": (60, "minute"),
    "1h": (1, "hour"),
    "1d": (1, "day"),
}
# Unix seconds have as many digits until the year 2286.
_DIGITS = 10
_HALF_PAST_NINE = 9 * HOUR + 30 * MINUTE


def spell(symbol: Symbol) -> str:
    """`BTC/USD` as `BTC-USD`, `BRK.B` as `BRK-B`."""
    return symbol.replace("/", "-").replace(".", "-")


def chart(lens: Lens, ask: Ask) -> Reply:
    """`/v8/finance/chart/{symbol}`; minutes without a trade are nulls between others."""
    view = _view(lens, ask.match["symbol"])
    interval, span = ask.query.get("interval", "1d"), ask.query.get("range", "1d")
    if interval not in _INTERVALS:
        _error(422, "Unprocessable Entity", f"Invalid input - interval={interval[:20]}")
    since, until = _span(lens, ask, span)
    if view is None or since > lens.now:
        _error(404, "Not Found", "No data found, symbol may be delisted")
    multiplier, timespan = _INTERVALS[interval]
    minutes = lens.minutes(view.symbol, since, until)
    rows = _filled(gathered(minutes, multiplier, timespan), interval)
    stamps = [at // SECOND for at, _ in rows]
    candles = [candle for _, candle in rows]
    return answer(
        {
            "chart": {
                "result": [
                    {
                        "meta": _meta(lens, view, interval, span),
                        "timestamp": stamps,
                        "indicators": {
                            "quote": [_columns(candles)],
                            "adjclose": [{"adjclose": _columns(candles)["close"]}],
                        },
                    }
                ],
                "error": None,
            }
        }
    )


def crumb(lens: Lens, ask: Ask) -> Reply:
    """`/v1/test/getcrumb`, which the library asks for first."""
    return Reply(200, b"simulated", content_type="text/plain")


def _view(lens: Lens, name: str) -> View | None:
    symbols = (one for one in lens.market.instruments if spell(one) == name)
    symbol = next(symbols, None)
    return lens.view(symbol) if symbol else None


def _span(lens: Lens, ask: Ask, span: str) -> tuple[int, int]:
    if "period1" in ask.query:
        edges = ask.query["period1"], ask.query.get("period2", str(lens.now // SECOND))
        if not all(edge.isdecimal() and len(edge) <= _DIGITS for edge in edges):
            _error(422, "Unprocessable Entity", "Invalid input - period1, period2")
        return int(edges[0]) * SECOND, min(int(edges[1]) * SECOND, lens.now)
    if span not in _RANGES:
        _error(422, "Unprocessable Entity", f"Invalid input - range={span[:20]}")
    return midnight(lens.now) - (_RANGES[span] - 1) * DAY, lens.now


def _filled(rows: Sequence[Candle], interval: str) -> list[tuple[int, Candle | None]]:
    """Rows with a hole wherever a minute of the same day is missing between two others."""
    found: list[tuple[int, Candle | None]] = []
    for candle in rows:
        before = found[-1][0] if found else None
        if interval == "1m" and before and midnight(before) == midnight(candle.start):
            found += [(at, None) for at in range(before + MINUTE, candle.start, MINUTE)]
        found.append((candle.start, candle))
    return found


def _columns(candles: Sequence[Candle | None]) -> dict[str, list[float | None]]:
    return {
        name: [getattr(one, name) if one else None for one in candles]
        for name in ("open", "high", "low", "close", "volume")
    }


def _meta(lens: Lens, view: View, interval: str, span: str) -> dict[str, object]:
    stock = view.instrument.asset_class is AssetClass.STOCK
    offset, zone = 0, "UTC"
    start, end = lens.now // DAY * DAY, lens.now // DAY * DAY + DAY
    if stock:
        local = eastern(lens.now)
        shift = local.utcoffset()
        offset, zone = int(shift.total_seconds()) if shift else 0, str(local.tzname())
        start = midnight(lens.now) + _HALF_PAST_NINE
        end = lens.market.close_of_day(midnight(lens.now)) or start + 13 * HOUR // 2
    times = {"timezone": zone, "gmtoffset": offset}
    regular = times | {"start": start // SECOND, "end": end // SECOND}
    before = times | {"start": (start - 11 * HOUR // 2) // SECOND, "end": start // SECOND}
    after = times | {"start": end // SECOND, "end": (end + 4 * HOUR) // SECOND}
    return {
        "currency": view.symbol.partition("/")[2] or "USD",
        "symbol": spell(view.symbol),
        "exchangeName": "NYQ" if stock else "CCC",
        "instrumentType": "EQUITY" if stock else "CRYPTOCURRENCY",
        "firstTradeDate": 0,
        "regularMarketTime": view.traded // SECOND,
        "gmtoffset": offset,
        "timezone": zone,
        "exchangeTimezoneName": "America/New_York" if stock else "UTC",
        "regularMarketPrice": view.price,
        "chartPreviousClose": view.before[0].close if view.before else view.price,
        "priceHint": 2,
        "currentTradingPeriod": {"pre": before, "regular": regular, "post": after},
        "tradingPeriods": [[regular]],
        "dataGranularity": interval,
        "range": span,
        "validRanges": list(_RANGES),
    }


def _error(status: int, code: str, description: str) -> NoReturn:
    error = {"code": code, "description": description}
    refuse({"chart": {"result": None, "error": error}}, status)


def _open_to_all(ask: Ask, keys: Collection[str]) -> Reply | None:
    return None


_BLOCKED = Reply(429, b"Too Many Requests\r\n", content_type="text/plain")
_FORBIDDEN = {"code": "Unauthorized", "description": "Invalid Crumb"}
_INTERNAL = {"code": "internal-error", "description": "Internal error"}

YAHOO = Vendor(
    name="yahoo",
    latency_s=0.200,
    limit=Limit(360, 3_600),
    routes=(
        Route("GET", "/v8/finance/chart/{symbol}", chart),
        Route("GET", "/v1/test/getcrumb", crumb),
    ),
    refusals={
        Fault.THROTTLED: (_BLOCKED,),
        Fault.SERVER_ERROR: (Reply(500, b"", content_type="text/html"),),
        Fault.WRONG_KEY: (answer({"chart": {"result": None, "error": _FORBIDDEN}}, 401),),
        Fault.NOT_ENTITLED: (answer({"chart": {"result": None, "error": _FORBIDDEN}}, 401),),
        Fault.OUT_OF_CREDIT: (_BLOCKED,),
        Fault.REFUSED_OK: (answer({"chart": {"result": None, "error": _INTERNAL}}),),
    },
    authorise=_open_to_all,
    spell=spell,
)
