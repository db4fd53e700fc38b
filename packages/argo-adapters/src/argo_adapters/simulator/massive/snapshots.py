"""Massive's snapshots: the whole market, some of it, and the universal one."""

from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.market import View
from argo_adapters.simulator.massive.candles import prices
from argo_adapters.simulator.massive.pages import next_url, resumed
from argo_adapters.simulator.massive.words import bad, read, spell
from argo_adapters.simulator.paging import whole
from argo_adapters.simulator.stamps import SECOND
from argo_adapters.simulator.tally import Candle
from argo_adapters.simulator.wire import Ask, Reply, answer
from argo_core.market.instrument import AssetClass, Symbol
from argo_core.market.session import Phase

MOST = 250

_STATUS = {
    Phase.CLOSED: "closed",
    Phase.PRE: "early_trading",
    Phase.REGULAR: "open",
    Phase.POST: "late_trading",
}
_TYPES = {AssetClass.STOCK: "stocks", AssetClass.CRYPTO: "crypto"}
_EMPTY_DAY = {"o": 0, "h": 0, "l": 0, "c": 0, "v": 0, "vw": 0}
_EMPTY_MINUTE = {"av": 0, "t": 0, "n": 0} | _EMPTY_DAY


def stocks(lens: Lens, ask: Ask) -> Reply:
    """`/v2/snapshot/locale/us/markets/stocks/tickers`; without `tickers` the whole market."""
    return _tickers(lens, ask, AssetClass.STOCK)


def crypto(lens: Lens, ask: Ask) -> Reply:
    """The crypto twin, which has no quotes and stamps trades in milliseconds."""
    return _tickers(lens, ask, AssetClass.CRYPTO)


def universal(lens: Lens, ask: Ask) -> Reply:
    """`/v3/snapshot`, 10 tickers a page unless `limit` says otherwise, 250 at most."""
    query, start = resumed(ask)
    limit = whole(query, "limit", 10, MOST)
    if limit is None:
        bad(ask, f"'limit' must be a number from 1 to {MOST}")
    asked = _asked(lens, ask, query)
    if query.get("order", "asc") == "desc":
        asked.reverse()
    page = asked[start : start + limit]
    payload = {
        "status": "OK",
        "request_id": ask.id,
        "results": [_universal_row(lens, ticker) for ticker in page],
    }
    if start + limit < len(asked):
        payload["next_url"] = next_url(ask, "/v3/snapshot", query, start + limit)
    return answer(payload)


def _asked(lens: Lens, ask: Ask, query: dict[str, str]) -> list[str]:
    wanted = query.get("type")
    if wanted is not None and wanted not in _TYPES.values():
        bad(ask, "'type' must be stocks or crypto here")
    if "ticker.any_of" in query:
        asked = sorted({name for name in query["ticker.any_of"].split(",") if name})
        if len(asked) > MOST:
            bad(ask, f"'ticker.any_of' takes at most {MOST} tickers")
        return asked
    classes = [one for one, name in _TYPES.items() if wanted in (None, name)]
    return sorted(spell(symbol) for one in classes for symbol in lens.symbols(one))


def _tickers(lens: Lens, ask: Ask, asset_class: AssetClass) -> Reply:
    if "tickers" in ask.query:
        asked = [read(name) for name in ask.query["tickers"].split(",")]
        symbols = [one for one in dict.fromkeys(asked) if _is(lens, one, asset_class)]
    else:
        symbols = lens.symbols(asset_class)
    rows = [_row(view) for symbol in symbols if (view := lens.view(symbol))]
    return answer({"status": "OK", "count": len(rows), "tickers": rows})


def _is(lens: Lens, symbol: Symbol, asset_class: AssetClass) -> bool:
    instrument = lens.instrument(symbol)
    return instrument is not None and instrument.asset_class is asset_class


def _row(view: View) -> dict[str, object]:
    stock = view.instrument.asset_class is AssetClass.STOCK
    today, before = view.today, view.before[0] if view.before else None
    change, percent = _change(view)
    row: dict[str, object] = {
        "ticker": spell(view.symbol),
        "todaysChange": change,
        "todaysChangePerc": percent,
        "updated": view.quoted,
        "day": _day(today),
        "prevDay": _day(before),
        "min": _minute(view.minute, today),
        "lastTrade": {
            "c": [14] if stock else [1],
            "i": str(view.traded // SECOND),
            "p": view.price,
            "s": view.size,
            "t": view.traded if stock else view.traded // 1_000_000,
            "x": 4 if stock else 1,
        },
    }
    if stock:
        row["lastQuote"] = {
            "P": view.ask,
            "S": view.ask_size,
            "p": view.bid,
            "s": view.bid_size,
            "t": view.quoted,
        }
    return row


def _day(candle: Candle | None) -> dict[str, float]:
    return dict(_EMPTY_DAY) if candle is None else prices(candle)


def _minute(candle: Candle | None, today: Candle | None) -> dict[str, float]:
    if candle is None:
        return dict(_EMPTY_MINUTE)
    volume = today.volume if today else candle.volume
    own = {"av": volume, "t": candle.start // 1_000_000, "n": candle.count}
    return own | prices(candle)


def _change(view: View) -> tuple[float, float]:
    """Today's change and its percentage; zero before today's first trade."""
    if view.today is None or not view.before:
        return 0, 0
    previous = view.before[0].close
    change = view.price - previous
    return round(change, 4), round(100 * change / previous, 4)


def _universal_row(lens: Lens, ticker: str) -> dict[str, object]:
    symbol = read(ticker)
    instrument = lens.instrument(symbol)
    if instrument is None or spell(symbol) != ticker:
        return {"ticker": ticker, "error": "NOT_FOUND", "message": "Ticker not found."}
    row: dict[str, object] = {
        "ticker": ticker,
        "type": _TYPES[instrument.asset_class],
        "name": f"{symbol} (simulated)",
        "market_status": _STATUS[lens.phase(instrument)],
    }
    view = lens.view(symbol)
    if view is None:
        return row
    row["session"] = _session(view)
    row["last_quote"] = {
        "ask": view.ask,
        "ask_size": view.ask_size,
        "bid": view.bid,
        "bid_size": view.bid_size,
        "midpoint": round((view.ask + view.bid) / 2, 8),
        "last_updated": view.quoted,
        "timeframe": "REAL-TIME",
    }
    row["last_trade"] = {
        "id": str(view.traded // SECOND),
        "price": view.price,
        "size": view.size,
        "exchange": 4,
        "conditions": [14],
        "participant_timestamp": view.traded,
        "sip_timestamp": view.traded,
        "last_updated": view.traded,
        "timeframe": "REAL-TIME",
    }
    if view.minute:
        row["last_minute"] = {
            "open": view.minute.open,
            "high": view.minute.high,
            "low": view.minute.low,
            "close": view.minute.close,
            "volume": view.minute.volume,
            "vwap": view.minute.vwap,
            "transactions": view.minute.count,
            "last_updated": view.minute.start,
        }
    return row


def _session(view: View) -> dict[str, float]:
    today = view.today
    change, percent = _change(view)
    return {
        "price": view.price,
        "change": change,
        "change_percent": percent,
        "early_trading_change": 0,
        "early_trading_change_percent": 0,
        "regular_trading_change": change,
        "regular_trading_change_percent": percent,
        "late_trading_change": 0,
        "late_trading_change_percent": 0,
        "open": today.open if today else 0,
        "high": today.high if today else 0,
        "low": today.low if today else 0,
        "close": today.close if today else 0,
        "previous_close": view.before[0].close if view.before else 0,
        "volume": today.volume if today else 0,
    }
