"""The paper broker's books while they are being written: orders, positions, money, messages."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from attrs import evolve

from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.trading.broker_view import BrokerOrder, BrokerUpdate, CashFlow, Execution
from argo_core.trading.order import OrderRequest, OrderType, Status
from argo_core.trading.paper.order import PaperOrder
from argo_core.trading.paper.state import PaperMoney, PaperState
from argo_core.trading.position import Position

FLAT = Position()


class PaperBook:
    """Keeps what it is given, knows what has changed since somebody last asked, decides nothing."""

    def __init__(self, state: PaperState) -> None:
        self.money: PaperMoney = state.money
        self.orders = dict(state.orders)
        self.open = {id_: one for id_, one in self.orders.items() if one.order.status.is_open}
        self.positions = dict(state.positions)
        self.quotes = dict(state.quotes)
        self.flows = state.flows
        self.splits = state.splits
        self._ids = {one.order.id: id_ for id_, one in self.orders.items()}
        self._updates: list[BrokerUpdate] = []
        self._forget_changes()

    def by_client_id(self, id: str) -> PaperOrder | None:  # noqa: A002 - it is the order's id
        return self.orders[self._ids[id]] if id in self._ids else None

    def of_symbol(self, symbol: Symbol) -> tuple[PaperOrder, ...]:
        """The open ones, the oldest first."""
        return tuple(one for one in self.open.values() if one.order.symbol == symbol)

    def legs(self, entry_id: str) -> tuple[PaperOrder, ...]:
        """The open legs of the entry with that broker's id."""
        return tuple(one for one in self.open.values() if one.order.parent == entry_id)

    def related(self, one: PaperOrder) -> Iterator[PaperOrder]:
        """What ends with an order: an entry's legs, and a leg's other leg."""
        for other in tuple(self.open.values()):
            if other.order.parent in {one.order.broker_id, one.group} and other is not one:
                yield other

    def owned(self, symbol: Symbol) -> Decimal:
        return self.positions.get(symbol, FLAT).quantity

    def add(self, request: OrderRequest, status: Status, now: datetime) -> PaperOrder:
        """A new order, of which nothing is told yet."""
        number = self.money.orders + 1
        self.money = evolve(self.money, orders=number)
        order = BrokerOrder(
            id=request.id,
            broker_id=f"{self.money.account}-{number}",
            symbol=request.symbol,
            side=request.side,
            type=request.type,
            quantity=request.quantity,
            status=status,
            at=now,
            limit=request.limit,
            stop=request.stop,
        )
        return PaperOrder(number, order, request.good_till, now, extended=request.extended)

    def add_leg(
        self, entry: PaperOrder, type_: OrderType, price: Decimal, now: datetime
    ) -> PaperOrder:
        """A leg of that entry, held; its client's id is the broker's own."""
        number = self.money.orders + 1
        self.money = evolve(self.money, orders=number)
        id_ = f"{self.money.account}-{number}"
        order = BrokerOrder(
            id=id_,
            broker_id=id_,
            symbol=entry.order.symbol,
            side=entry.order.side.opposite,
            type=type_,
            quantity=entry.order.quantity,
            status=Status.HELD,
            at=now,
            limit=price if type_ is OrderType.LIMIT else None,
            stop=price if type_ is OrderType.STOP else None,
            parent=entry.order.broker_id,
        )
        return PaperOrder(number, order, entry.good_till, now)

    def keep(self, one: PaperOrder) -> None:
        """The order as it is from now on; an ended one is open no more."""
        id_ = one.order.broker_id
        self.orders[id_] = one
        self._ids[one.order.id] = id_
        self._changed.add(id_)
        if one.order.status.is_open:
            self.open[id_] = one
        else:
            self.open.pop(id_, None)

    def tell(self, one: PaperOrder, execution: Execution | None = None) -> None:
        """Keep it, and say so."""
        self.keep(one)
        self._updates.append(BrokerUpdate(one.order, execution))

    def hold(self, symbol: Symbol, position: Position) -> None:
        self.positions[symbol] = position
        self._moved.add(symbol)

    def quote(self, quote: Quote) -> None:
        self.quotes[quote.symbol] = quote
        self._quoted.add(quote.symbol)

    def flow(self, flow: CashFlow) -> None:
        self.flows = (*self.flows, flow)
        self.money = evolve(self.money, cash=self.money.cash + flow.amount)

    def said(self) -> tuple[BrokerUpdate, ...]:
        """What was told since this was last asked."""
        updates, self._updates = tuple(self._updates), []
        return updates

    def dump(self) -> PaperState:
        return PaperState(
            self.money,
            dict(self.orders),
            dict(self.positions),
            dict(self.quotes),
            self.flows,
            self.splits,
        )

    def changes(self) -> PaperState:
        """What is new or other since this was last asked, as the state's parts of that name."""
        changed = sorted((self.orders[id_] for id_ in self._changed), key=lambda one: one.number)
        state = PaperState(
            self.money,
            {one.order.broker_id: one for one in changed},
            {symbol: self.positions[symbol] for symbol in sorted(self._moved)},
            {symbol: self.quotes[symbol] for symbol in sorted(self._quoted)},
            self.flows[self._known_flows :],
            self.splits - self._known_splits,
        )
        self._forget_changes()
        return state

    def _forget_changes(self) -> None:
        self._changed: set[str] = set()
        self._moved: set[Symbol] = set()
        self._quoted: set[Symbol] = set()
        self._known_flows, self._known_splits = len(self.flows), self.splits
