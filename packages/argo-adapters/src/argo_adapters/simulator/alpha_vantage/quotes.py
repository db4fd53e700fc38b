"""Alpha Vantage's prices: bulk and single quotes, exchange rates, intraday series, status."""

from argo_adapters.simulator.alpha_vantage.words import (
    PREMIUM,
    entitled,
    invalid,
    number,
    stock,
    wall,
    whole,
)
from argo_adapters.simulator.bars import gathered
from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.market import View
from argo_adapters.simulator.stamps import DAY, eastern, iso
from argo_adapters.simulator.tally import Candle
from argo_adapters.simulator.wire import Ask, Reply, answer
from argo_core.market.instrument import Symbol, instrument
from argo_core.market.session import Phase

BULK_MOST = 100

_COMPACT = 100
_FULL = 30 * DAY
_INTERVALS = {"1min": 1, "5min": 5, "15min": 15, "30min": 30, "60min": 60}
_STOCKS = instrument("ANY")


def bulk(lens: Lens, ask: Ask) -> Reply:
    """REALTIME_BULK_QUOTES: US stocks, the first hundred alone, strangers are left out."""
    asked = [name.strip() for name in ask.query.get("symbol", "").split(",")]
    if not any(asked):
        invalid("REALTIME_BULK_QUOTES")
    if ask.query.get("entitlement") not in {"realtime", "delayed"}:
        # A made-up row, as the vendor sends with other premium functions.
        sample = dict.fromkeys(_row_keys(), "1.00") | {"symbol": "IBM"}
        sample["timestamp"] = "2099-99-99 00:00:00.000"
        return answer({"endpoint": _BULK, "message": PREMIUM, "data": [sample]})
    lens = entitled(lens, ask)
    names = list(dict.fromkeys(asked[:BULK_MOST]))
    views = [lens.view(Symbol(name)) for name in names if stock(lens, name)]
    rows = [_row(lens, view) for view in views if view]
    return answer({"endpoint": _BULK, "message": "", "data": rows})


_BULK = "Realtime Bulk Quotes"


def quote(lens: Lens, ask: Ask) -> Reply:
    """GLOBAL_QUOTE: one stock; an empty object when there is no such."""
    name = ask.query.get("symbol", "")
    if not name:
        invalid("GLOBAL_QUOTE")
    lens = entitled(lens, ask)
    delayed = ask.query.get("entitlement") == "delayed"
    title = "Global Quote" + (" - DATA DELAYED BY 15 MINUTES" if delayed else "")
    view = lens.view(Symbol(name)) if stock(lens, name) else None
    days = _days(view) if view else []
    if view is None or not days:
        return answer({title: {}})
    day, previous = days[0], days[1] if len(days) > 1 else days[0]
    change = view.price - previous.close
    values = {
        "01. symbol": name,
        "02. open": number(day.open),
        "03. high": number(day.high),
        "04. low": number(day.low),
        "05. price": number(view.price),
        "06. volume": whole(day.volume),
        "07. latest trading day": eastern(day.start).strftime("%Y-%m-%d"),
        "08. previous close": number(previous.close),
        "09. change": number(change),
        "10. change percent": f"{100 * change / previous.close:.4f}%",
    }
    return answer({title: values})


def rate(lens: Lens, ask: Ask) -> Reply:
    """CURRENCY_EXCHANGE_RATE of a crypto pair."""
    coin, money = ask.query.get("from_currency", ""), ask.query.get("to_currency", "")
    view = lens.view(Symbol(f"{coin}/{money}"))
    if view is None:
        invalid("CURRENCY_EXCHANGE_RATE")
    values = {
        "1. From_Currency Code": coin,
        "2. From_Currency Name": coin,
        "3. To_Currency Code": money,
        "4. To_Currency Name": money,
        "5. Exchange Rate": number(view.price),
        "6. Last Refreshed": iso(view.traded)[:19].replace("T", " "),
        "7. Time Zone": "UTC",
        "8. Bid Price": number(view.bid),
        "9. Ask Price": number(view.ask),
    }
    return answer({"Realtime Currency Exchange Rate": values})


def intraday(lens: Lens, ask: Ask) -> Reply:
    """TIME_SERIES_INTRADAY: New York's time, the newest first."""
    name, interval = ask.query.get("symbol", ""), ask.query.get("interval", "")
    if interval not in _INTERVALS or stock(lens, name) is None:
        invalid("TIME_SERIES_INTRADAY")
    size, rows = _series(entitled(lens, ask), ask, Symbol(name), _INTERVALS[interval])
    meta = {
        "1. Information": f"Intraday ({interval}) open, high, low, close prices and volume",
        "2. Symbol": name,
        "3. Last Refreshed": wall(rows[0].start) if rows else "",
        "4. Interval": interval,
        "5. Output Size": size,
        "6. Time Zone": "US/Eastern",
    }
    values = {wall(one.start): _ohlcv(one, whole(one.volume)) for one in rows}
    return answer({"Meta Data": meta, f"Time Series ({interval})": values})


def crypto_intraday(lens: Lens, ask: Ask) -> Reply:
    """CRYPTO_INTRADAY: UTC, the newest first."""
    coin, money = ask.query.get("symbol", ""), ask.query.get("market", "")
    interval, symbol = ask.query.get("interval", ""), Symbol(f"{coin}/{money}")
    if interval not in _INTERVALS or lens.instrument(symbol) is None:
        invalid("CRYPTO_INTRADAY")
    size, rows = _series(lens, ask, symbol, _INTERVALS[interval])
    stamps = [iso(one.start)[:19].replace("T", " ") for one in rows]
    meta = {
        "1. Information": f"Crypto Intraday ({interval}) Time Series",
        "2. Digital Currency Code": coin,
        "3. Digital Currency Name": coin,
        "4. Market Code": money,
        "5. Market Name": money,
        "6. Last Refreshed": stamps[0] if stamps else "",
        "7. Interval": interval,
        "8. Output Size": size,
        "9. Time Zone": "UTC",
    }
    pairs = zip(stamps, rows, strict=True)
    values = {stamp: _ohlcv(one, f"{one.volume:.8f}") for stamp, one in pairs}
    return answer({"Meta Data": meta, f"Time Series Crypto ({interval})": values})


def status(lens: Lens, ask: Ask) -> Reply:
    """MARKET_STATUS of the United States and of crypto."""
    is_open = lens.phase(_STOCKS) is Phase.REGULAR
    stocks = {
        "market_type": "Equity",
        "region": "United States",
        "primary_exchanges": "NASDAQ, NYSE, AMEX, BATS",
        "local_open": "09:30",
        "local_close": "16:15",
        "current_status": "open" if is_open else "closed",
        "notes": "",
    }
    coins = {
        "market_type": "Cryptocurrency",
        "region": "Global",
        "primary_exchanges": "Global",
        "local_open": "00:00",
        "local_close": "23:59",
        "current_status": "open",
        "notes": "",
    }
    return answer({"endpoint": "Global Market Open & Close Status", "markets": [stocks, coins]})


def _days(view: View) -> list[Candle]:
    """The newest day that has traded first, be it today or an earlier one."""
    return ([view.today] if view.today else []) + list(view.before)


def _row(lens: Lens, view: View) -> dict[str, str]:
    today, previous = view.today, view.before[0] if view.before else None
    late = lens.phase(view.instrument) in {Phase.PRE, Phase.POST} and today is not None
    row = dict.fromkeys(_row_keys(), "")
    row["symbol"] = view.symbol
    row["timestamp"] = eastern(view.traded).strftime("%Y-%m-%d %H:%M:%S.") + "000"
    if today:
        row |= {
            "open": number(today.open),
            "high": number(today.high),
            "low": number(today.low),
            "close": number(view.price),
            "volume": whole(today.volume),
        }
    if previous:
        row["previous_close"] = number(previous.close)
    if today and previous:
        change = view.price - previous.close
        row["change"] = number(change)
        row["change_percent"] = number(100 * change / previous.close)
    if late:
        row["extended_hours_quote"] = number(view.price)
    return row


def _row_keys() -> tuple[str, ...]:
    extended = "extended_hours_quote", "extended_hours_change", "extended_hours_change_percent"
    prices = "open", "high", "low", "close", "volume", "previous_close", "change", "change_percent"
    return "symbol", "timestamp", *prices, *extended


def _series(lens: Lens, ask: Ask, symbol: Symbol, width: int) -> tuple[str, list[Candle]]:
    full = ask.query.get("outputsize", "compact") == "full"
    found = gathered(lens.minutes(symbol, lens.now - _FULL, lens.now), width, "minute")[::-1]
    month = ask.query.get("month")
    if month:
        found = [one for one in found if eastern(one.start).strftime("%Y-%m") == month]
    return ("Full size", found) if full else ("Compact", found[:_COMPACT])


def _ohlcv(candle: Candle, volume: str) -> dict[str, str]:
    return {
        "1. open": number(candle.open),
        "2. high": number(candle.high),
        "3. low": number(candle.low),
        "4. close": number(candle.close),
        "5. volume": volume,
    }
