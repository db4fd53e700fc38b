"""`/v2/account` and `/v2/positions`, and what lies below."""

from decimal import Decimal

import orjson

from argo_adapters.simulator.alpaca.trading import ids
from argo_adapters.simulator.alpaca.trading.decimals import SHARE, number
from argo_adapters.simulator.alpaca.trading.exchange import Exchange
from argo_adapters.simulator.alpaca.trading.order import BUY, SELL, Order
from argo_adapters.simulator.alpaca.trading.orders_desk import OrdersDesk
from argo_adapters.simulator.alpaca.trading.refusals import malformed, no_position
from argo_adapters.simulator.alpaca.trading.shown import (
    Row,
    account_row,
    fill_row,
    flow_row,
    order_row,
    position_row,
)
from argo_adapters.simulator.alpaca.trading.ticket import Ticket
from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.paging import whole
from argo_adapters.simulator.stamps import DAY, new_york_day, parse_iso
from argo_adapters.simulator.wire import Ask, RefusedError, Reply, answer

PAGE = 100
_PERCENT = Decimal(100)


class BooksDesk:
    """Requests about what the account has, and what has happened to it."""

    def __init__(self, exchange: Exchange, orders: OrdersDesk) -> None:
        self._exchange = exchange
        self._orders = orders

    def account(self, lens: Lens, ask: Ask) -> Reply:
        """`GET /v2/account`."""
        return answer(account_row(self._exchange))

    def positions(self, lens: Lens, ask: Ask) -> Reply:
        """`GET /v2/positions`."""
        symbols = sorted(self._exchange.account.holdings)
        return answer([position_row(self._exchange, symbol) for symbol in symbols])

    def position(self, lens: Lens, ask: Ask) -> Reply:
        """`GET /v2/positions/{symbol}`."""
        return answer(position_row(self._exchange, self._held(ask)))

    def close(self, lens: Lens, ask: Ask) -> Reply:
        """`DELETE /v2/positions/{symbol}`: a market order for it, or for a part."""
        symbol = self._held(ask)
        held = abs(self._exchange.account.held(symbol))
        asked = {
            name: number(ask.query[name]) for name in ("qty", "percentage") if name in ask.query
        }
        if len(asked) > 1 or any(one is None or one <= 0 for one in asked.values()):
            malformed("qty or percentage must be a positive number")
        quantity = asked.get("qty") or held
        if share := asked.get("percentage"):
            quantity = (held * share / _PERCENT).quantize(SHARE)
        return answer(order_row(self._sold(symbol, quantity), nested=True))

    def close_all(self, lens: Lens, ask: Ask) -> Reply:
        """`DELETE /v2/positions`."""
        if ask.query.get("cancel_orders", "").lower() == "true":
            self._orders.cancel_each()
            self._exchange.look(self._exchange.floor.now)
        rows: list[Row] = []
        for symbol, holding in sorted(self._exchange.account.holdings.items()):
            try:
                order = self._sold(symbol, abs(holding.quantity))
            except RefusedError as refused:
                rows.append({"symbol": symbol, **_refused(refused)})
            else:
                rows.append(
                    {"symbol": symbol, "status": 200, "body": order_row(order, nested=True)}
                )
        return answer(rows, 207)

    def activities(self, lens: Lens, ask: Ask) -> Reply:
        """`GET /v2/account/activities` and `/v2/account/activities/{type}`, newest first."""
        query, limit = ask.query, whole(ask.query, "page_size", PAGE, PAGE)
        if limit is None:
            malformed(f"page_size must be between 1 and {PAGE}")
        since, until = _span(ask)
        found = [(one.at, fill_row(one)) for one in self._exchange.floor.fills]
        found += [(one.at, flow_row(one)) for one in self._exchange.account.flows]
        kinds = ask.match.get("type") or query.get("activity_types")
        rows = [
            row
            for at, row in sorted(found, key=lambda one: one[0])
            if (not kinds or row["activity_type"] in kinds.split(",")) and since < at < until
        ]
        if query.get("direction", "desc") != "asc":
            rows.reverse()
        if token := query.get("page_token"):
            places = [place for place, row in enumerate(rows) if row["id"] == token]
            if not places:
                malformed("invalid page_token")
            rows = rows[places[0] + 1 :]
        return answer(rows[:limit])

    def _held(self, ask: Ask) -> str:
        name, held = ask.match["symbol"], self._exchange.account.holdings
        found = next((one for one in held if name in {one, ids.asset(one)}), None)
        return found or no_position()

    def _sold(self, symbol: str, quantity: Decimal) -> Order:
        side = SELL if self._exchange.account.held(symbol) > 0 else BUY
        sale = Ticket(
            symbol, side, "market", "day", quantity, "simple", None, None, None, False, None, None
        )
        return self._exchange.submit(sale)


def _refused(refused: RefusedError) -> Row:
    return {"status": refused.reply.status, "body": orjson.loads(refused.reply.body)}


def _span(ask: Ask) -> tuple[int, int]:
    """The stamps between which activities are wanted, neither included."""
    if day := ask.query.get("date"):
        start = new_york_day(day)
        if start is None:
            malformed("invalid date")
        return start - 1, start + DAY
    bounds = []
    for name, default in (("after", -1), ("until", 1 << 62)):
        text = ask.query.get(name)
        moment = parse_iso(text) if text else default
        if moment is None:
            malformed(f"invalid {name}")
        bounds.append(moment)
    return bounds[0], bounds[1]
