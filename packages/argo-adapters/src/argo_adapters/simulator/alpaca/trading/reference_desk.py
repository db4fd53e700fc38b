"""What is the same for every account: clock, calendar, assets, corporate actions."""

from datetime import date, timedelta

from argo_adapters.simulator.alpaca.trading import ids
from argo_adapters.simulator.alpaca.trading.exchange import Exchange
from argo_adapters.simulator.alpaca.trading.records import SplitOf
from argo_adapters.simulator.alpaca.trading.refusals import malformed, no_asset
from argo_adapters.simulator.alpaca.trading.shown import Row
from argo_adapters.simulator.alpaca.words import bad
from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.paging import mark, marked, whole
from argo_adapters.simulator.stamps import eastern
from argo_adapters.simulator.wire import Ask, Reply, answer

ACTIONS_MOST = 1_000
_FORWARD, _REVERSE = "forward_splits", "reverse_splits"


class ReferenceDesk:
    """Requests about the exchange itself."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def clock(self, lens: Lens, ask: Ask) -> Reply:
        """`GET /v2/clock`, in New York's time."""
        hours, now = self._exchange.floor.hours, lens.now
        return answer(
            {
                "timestamp": eastern(now).isoformat(),
                "is_open": hours.regular(now),
                "next_open": eastern(hours.next_open(now)).isoformat(),
                "next_close": eastern(hours.next_close(now)).isoformat(),
            }
        )

    def calendar(self, lens: Lens, ask: Ask) -> Reply:
        """`GET /v2/calendar`: wall time in New York, written in two ways."""
        first, last = _day(ask, "start", date.min), _day(ask, "end", date.max)
        if first is None or last is None:
            malformed("invalid start or end")
        rows: list[Row] = []
        days = self._exchange.floor.hours.days
        for one, following in zip(days, [*days[1:], None], strict=True):
            opens = eastern(one.open)
            if first <= opens.date() <= last:
                settles = eastern(following.open).date() if following else opens.date()
                rows.append(
                    {
                        "date": opens.date().isoformat(),
                        "open": f"{opens:%H:%M}",
                        "close": f"{eastern(one.close):%H:%M}",
                        "session_open": f"{eastern(one.pre):%H%M}",
                        "session_close": f"{eastern(one.post):%H%M}",
                        "settlement_date": settles.isoformat(),
                    }
                )
        return answer(rows)

    def assets(self, lens: Lens, ask: Ask) -> Reply:
        """`GET /v2/assets`."""
        query = ask.query
        if query.get("status", "active") != "active":
            return answer([])
        if query.get("asset_class", "us_equity") != "us_equity":
            return answer([])
        return answer([_asset(symbol) for symbol in self._exchange.floor.prices.symbols()])

    def asset(self, lens: Lens, ask: Ask) -> Reply:
        """`GET /v2/assets/{symbol}`."""
        name, known = ask.match["symbol"], self._exchange.floor.prices.symbols()
        found = next((one for one in known if name in {one, ids.asset(one)}), None)
        return answer(_asset(found or no_asset(name)))

    def actions(self, lens: Lens, ask: Ask) -> Reply:
        """`GET /v1/corporate-actions` of the data host: splits are the only kind."""
        query = ask.query
        limit = whole(query, "limit", 100, ACTIONS_MOST)
        today = eastern(lens.now).date()
        first, last = _day(ask, "start", today), _day(ask, "end", today)
        if limit is None or first is None or last is None or first > last:
            bad("invalid limit, start or end")
        resumed = marked(query["page_token"]) if query.get("page_token") else {"offset": "0"}
        if resumed is None:
            bad("invalid page_token")
        symbols, kinds = _names(ask, "symbols"), _names(ask, "types")
        chosen = [
            one
            for one in sorted(self._exchange.splits, key=_process_date)
            if first <= one.day <= last
            and (not symbols or one.symbol in symbols)
            and (not kinds or _kind(one).removesuffix("s") in kinds)
        ]
        offset = int(resumed["offset"])
        page = chosen[offset : offset + limit]
        found: dict[str, list[Row]] = {}
        for one in page:
            found.setdefault(_kind(one), []).append(_split(one))
        token = mark({}, offset + limit) if len(chosen) > offset + limit else None
        return answer({"corporate_actions": found, "next_page_token": token})


def _asset(symbol: str) -> Row:
    return {
        "id": ids.asset(symbol),
        "class": "us_equity",
        "exchange": "NASDAQ",
        "symbol": symbol,
        "name": f"{symbol} (simulated)",
        "status": "active",
        "tradable": True,
        "marginable": True,
        "shortable": False,
        "easy_to_borrow": False,
        "borrow_status": "not_available",
        "fractionable": True,
        "min_order_size": "0.000000001",
        "min_trade_increment": "0.000000001",
        "price_increment": "0.01",
        "margin_requirement_long": "30",
        "margin_requirement_short": "30",
        "attributes": [],
    }


def _kind(split: SplitOf) -> str:
    return _FORWARD if split.new > split.old else _REVERSE


def _split(one: SplitOf) -> Row:
    # An invented nine-character number that fits no real security.
    cusip = ids.asset(one.symbol)[:8].upper() + "0"
    cusips = {"cusip": cusip}
    if _kind(one) == _REVERSE:
        cusips = {"old_cusip": cusip, "new_cusip": cusip[:-1] + "1"}
    day = one.day.isoformat()
    return {
        "id": ids.made(0, f"split:{one.symbol}", one.midnight),
        "symbol": one.symbol,
        **cusips,
        "new_rate": float(one.new),
        "old_rate": float(one.old),
        "process_date": day,
        "ex_date": day,
        "record_date": (one.day - timedelta(days=1)).isoformat(),
        "payable_date": day,
    }


def _process_date(split: SplitOf) -> tuple[date, str]:
    return split.day, split.symbol


def _day(ask: Ask, name: str, default: date) -> date | None:
    try:
        return date.fromisoformat(ask.query[name][:10]) if ask.query.get(name) else default
    except ValueError:
        return None


def _names(ask: Ask, name: str) -> list[str]:
    return ask.query[name].split(",") if ask.query.get(name) else []
