"""Massive's bars: ranges of one ticker, and one day of everything."""

from argo_adapters.simulator.bars import WIDTHS, gathered
from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.massive.candles import prices
from argo_adapters.simulator.massive.pages import next_url, resumed
from argo_adapters.simulator.massive.words import bad, read, spell, too_late
from argo_adapters.simulator.paging import whole
from argo_adapters.simulator.stamps import DAY, new_york_day
from argo_adapters.simulator.tally import Candle
from argo_adapters.simulator.wire import Ask, Reply, answer
from argo_core.market.instrument import AssetClass

BASE_MOST = 50_000

_MILLISECOND = 1_000_000


def ranged(lens: Lens, ask: Ask) -> Reply:
    """`/v2/aggs/ticker/{T}/range/{n}/{timespan}/{from}/{to}`; empty windows are not emitted."""
    query, start = resumed(ask)
    limit = whole(query, "limit", 5_000, BASE_MOST)
    multiplier = whole(ask.match, "multiplier", 1, 1_000)
    timespan = ask.match["timespan"]
    if limit is None or multiplier is None or timespan not in WIDTHS:
        bad(ask, "'limit', 'multiplier' or 'timespan' is out of range")
    since = _edge(ask, ask.match["from"], 0)
    until = _edge(ask, ask.match["to"], DAY)
    if since > until:
        bad(ask, "'from' must not be after 'to'")
    symbol = read(ask.match["ticker"])
    minutes = lens.minutes(symbol, since, until)
    rows = gathered(minutes, multiplier, timespan)
    if query.get("sort", "asc") == "desc":
        rows.reverse()
    page = rows[start : start + limit]
    payload: dict[str, object] = {
        "ticker": ask.match["ticker"],
        "adjusted": query.get("adjusted", "true") == "true",
        "queryCount": len(minutes),
        "resultsCount": len(page),
        "count": len(page),
        "request_id": ask.id,
        "status": "OK",
    }
    if page:
        payload["results"] = [_row(candle, candle.start) for candle in page]
    if start + limit < len(rows):
        span = "/".join(ask.match[part] for part in ("multiplier", "timespan", "from", "to"))
        path = f"/v2/aggs/ticker/{ask.match['ticker']}/range/{span}"
        payload["next_url"] = next_url(ask, path, query, start + limit)
    return answer(payload)


def grouped_stocks(lens: Lens, ask: Ask) -> Reply:
    """`/v2/aggs/grouped/locale/us/market/stocks/{date}`, stamped with the end of the day."""
    return _grouped(lens, ask, AssetClass.STOCK)


def grouped_crypto(lens: Lens, ask: Ask) -> Reply:
    """The crypto twin."""
    return _grouped(lens, ask, AssetClass.CRYPTO)


def _grouped(lens: Lens, ask: Ask, asset_class: AssetClass) -> Reply:
    start = new_york_day(ask.match["date"])
    if start is None:
        bad(ask, "'date' must be written YYYY-MM-DD")
    end = lens.market.close_of_day(start) if asset_class is AssetClass.STOCK else start + DAY
    if start > lens.now or (end is not None and end > lens.now):
        too_late(ask)
    rows = [
        {"T": spell(symbol)} | _row(day, (end or start + DAY) + lens.shift)
        for symbol in lens.symbols(asset_class)
        for day in lens.days(symbol)
        if day.start == start
    ]
    payload: dict[str, object] = {
        "status": "OK",
        "request_id": ask.id,
        "adjusted": ask.query.get("adjusted", "true") == "true",
        "queryCount": len(rows),
        "resultsCount": len(rows),
        "count": len(rows),
    }
    return answer(payload | ({"results": rows} if rows else {}))


def _edge(ask: Ask, text: str, whole_day: int) -> int:
    """A date in New York or a Unix millisecond; the last moment of a date if `whole_day`."""
    if text.isdecimal() and len(text) <= len("1795186799123"):
        return int(text) * _MILLISECOND
    start = new_york_day(text)
    if start is None:
        bad(ask, "'from' and 'to' are dates YYYY-MM-DD or Unix milliseconds")
    return start + whole_day


def _row(candle: Candle, stamp: int) -> dict[str, float]:
    return prices(candle) | {"t": stamp // _MILLISECOND, "n": candle.count}
