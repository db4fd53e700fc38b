"""`/v2/orders` and what lies below."""

from typing import Literal

from argo_adapters.simulator.alpaca.trading.exchange import Exchange
from argo_adapters.simulator.alpaca.trading.order import Order
from argo_adapters.simulator.alpaca.trading.patch import patch
from argo_adapters.simulator.alpaca.trading.refusals import malformed
from argo_adapters.simulator.alpaca.trading.shown import Row, order_row
from argo_adapters.simulator.alpaca.trading.ticket import parse, ticket
from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.paging import whole
from argo_adapters.simulator.stamps import parse_iso
from argo_adapters.simulator.wire import Ask, RefusedError, Reply, answer

MOST, USUAL = 500, 50


class OrdersDesk:
    """Requests about orders. The reply shows an order as it was before the market answered."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def submit(self, lens: Lens, ask: Ask) -> Reply:
        """`POST /v2/orders`."""
        order = self._exchange.submit(ticket(parse(ask.body)))
        return answer(order_row(order, nested=True))

    def listed(self, lens: Lens, ask: Ask) -> Reply:
        """`GET /v2/orders`."""
        query = ask.query
        limit = whole(query, "limit", USUAL, MOST)
        if limit is None:
            malformed(f"limit must be between 1 and {MOST}")
        for name in ("before_order_id", "after_order_id"):
            if name in query:
                self._exchange.register.find(query[name])
        nested = _flag(ask, "nested")
        chosen = [one for one in self._exchange.register.orders.values() if self._fits(one, ask)]
        if nested:
            inside = {leg.id for one in chosen for leg in one.legs}
            chosen = [one for one in chosen if one.id not in inside]
        chosen.sort(key=_when, reverse=query.get("direction", "desc") != "asc")
        return answer([order_row(one, nested=nested) for one in chosen[:limit]])

    def one(self, lens: Lens, ask: Ask) -> Reply:
        """`GET /v2/orders/{id}`."""
        order = self._exchange.register.find(ask.match["id"])
        return answer(order_row(order, nested=_flag(ask, "nested")))

    def by_client(self, lens: Lens, ask: Ask) -> Reply:
        """`GET /v2/orders:by_client_order_id`."""
        order = self._exchange.register.find_by_client(ask.query.get("client_order_id", ""))
        return answer(order_row(order, nested=_flag(ask, "nested")))

    def replace(self, lens: Lens, ask: Ask) -> Reply:
        """`PATCH /v2/orders/{id}`."""
        order = self._exchange.register.find(ask.match["id"])
        new = self._exchange.replace(order, patch(parse(ask.body)))
        return answer(order_row(new, nested=True))

    def cancel(self, lens: Lens, ask: Ask) -> Reply:
        """`DELETE /v2/orders/{id}`: 204 says that it was asked for, no more."""
        self._exchange.cancel(self._exchange.register.find(ask.match["id"]))
        return Reply(204, b"")

    def cancel_all(self, lens: Lens, ask: Ask) -> Reply:
        """`DELETE /v2/orders`."""
        return answer(self.cancel_each(), 207)

    def cancel_each(self) -> list[Row]:
        """Ask for the end of every open order that has no parent to take it along."""
        rows: list[Row] = []
        for order in self._exchange.register.working():
            if order.is_open and not (order.parent and order.parent.is_open):
                row: Row = {"id": order.id, "status": 200}
                try:
                    self._exchange.cancel(order)
                except RefusedError as refused:
                    row["status"] = refused.reply.status
                rows.append(row)
        return rows

    def _fits(self, order: Order, ask: Ask) -> bool:
        query, at = ask.query, order.times.created
        status = query.get("status", "open")
        if status not in {"open", "closed", "all"}:
            malformed("invalid status")
        if status != "all" and order.is_open != (status == "open"):
            return False
        if query.get("symbols") and order.symbol not in query["symbols"].split(","):
            return False
        if query.get("side", order.side) != order.side:
            return False
        after, until = _bound(ask, "after"), _bound(ask, "until")
        if (after is not None and at <= after) or (until is not None and at > until):
            return False
        return self._beside(order, ask, "before", -1) and self._beside(order, ask, "after", 1)

    def _beside(self, order: Order, ask: Ask, name: Literal["before", "after"], way: int) -> bool:
        mark = ask.query.get(f"{name}_order_id")
        if mark is None:
            return True
        return (order.number - self._exchange.register.find(mark).number) * way > 0


def _flag(ask: Ask, name: str) -> bool:
    return ask.query.get(name, "").lower() == "true"


def _bound(ask: Ask, name: str) -> int | None:
    if not ask.query.get(name):
        return None
    moment = parse_iso(ask.query[name])
    if moment is None:
        malformed(f"invalid {name}")
    return moment


def _when(order: Order) -> tuple[int, int]:
    return order.times.created, order.number
