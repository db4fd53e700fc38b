"""Our orders by every name they have, with what was asked of them and what became of it."""

from collections import deque
from datetime import datetime, timedelta

from attrs import evolve, frozen

from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.trading.book_order import BookOrder
from argo_core.trading.broker_view import BrokerOrder
from argo_core.trading.certificate import Certificate
from argo_core.trading.fact import Told
from argo_core.trading.holding import Holding
from argo_core.trading.order import Leg, OrderRequest, OrderType, Status
from argo_core.trading.outbox import Outbox
from argo_core.trading.views import Placed

DAY = timedelta(hours=24)
KEPT_ORDERS = 2_000
KEPT_NAMES = 20_000
# Refusals further apart than this are not the same trouble.
SAME_TROUBLE = timedelta(minutes=15)


@frozen
class Refusal:
    """When a symbol's order was last refused or ended unasked, and how often in a row."""

    at: datetime
    times: int


class OrdersKept:
    """Ended orders beyond the newest 2,000 are forgotten here; the journal keeps them all.

    `refused` is by symbol and leg, of what protects or ends a position.
    """

    def __init__(self, broker: str) -> None:
        self.orders: dict[str, BookOrder] = {}
        self.by_broker_id: dict[str, str] = {}
        self.placed: deque[Placed] = deque()
        self.refused: dict[tuple[Symbol, Leg], Refusal] = {}
        self.revisions: dict[tuple[str, Leg], int] = {}
        self.outbox = Outbox(broker)
        self._certificates: dict[str, Certificate] = {}
        self._plans: dict[str, Holding] = {}

    def open_orders(self, symbol: Symbol | None = None) -> tuple[BookOrder, ...]:
        """Orders that may still be filled, oldest first."""
        every = (one for one in self.orders.values() if one.is_open)
        return tuple(one for one in every if symbol is None or one.request.symbol == symbol)

    def is_to_end(self, entry: BookOrder) -> bool:
        """Whether what the entry brings is to be closed at once, so that it is not wanted."""
        plan = self._plans.get(entry.id)
        return plan is not None and plan.exit is not None

    def order_at(self, broker_id: str) -> BookOrder | None:
        """The order that the broker knows by that id."""
        return self.orders.get(self.by_broker_id.get(broker_id, ""))

    def check(self, fact: Told) -> None:
        """Try what the broker said, and change nothing: what is written down has to fit in.

        Raises:
            InvalidInput: it cannot be taken in.
        """
        order = self.orders.get(fact.order.id) or self._adopt(fact)
        heard, fill = order.told(fact.order, fact.execution, 0, fact.at)
        Outbox("nobody").told(order, heard, fill, 0, fact.at)

    def _place(
        self,
        request: OrderRequest,
        leg: Leg,
        at: datetime,
        signal: tuple[str, int | None],
        replaces: BookOrder | None = None,
    ) -> None:
        signal_id, signal_index = signal
        key = signal_id, leg
        # The names used last stand last, so that the oldest are forgotten.
        self.revisions[key] = self.revisions.pop(key, 0) + 1
        if len(self.revisions) > KEPT_NAMES:
            del self.revisions[next(iter(self.revisions))]
        certificate = self._certificates.pop(request.id, None)
        self._put(
            BookOrder(
                *(request.id, request, leg, Status.INTENDED, at, at, signal_id, signal_index),
                parent=replaces.parent if replaces else None,
                replaces=replaces.id if replaces else None,
                certificate=certificate,
            )
        )
        self.placed.append(Placed(at, request.symbol, leg.opens))
        while self.placed[0].at < at - DAY:
            self.placed.popleft()

    def _adopt(self, fact: Told) -> BookOrder:
        """The order that came with one of ours, such as a bracket's leg."""
        said, leg = fact.order, fact.leg
        parent = self.order_at(said.parent or "") or self.order_at(said.replaces or "")
        if leg is None or parent is None:
            problem = f"{said.id} is not an order of ours"
            raise InvalidInput("order", problem, "intend it first, or say which leg of ours it is")
        return BookOrder(
            id=said.id,
            request=OrderRequest(
                id=said.id,
                symbol=said.symbol,
                side=said.side,
                quantity=said.quantity,
                type=said.type,
                limit=said.limit if said.type is OrderType.LIMIT else None,
                stop=said.stop if said.type is OrderType.STOP else None,
                good_till=parent.request.good_till,
            ),
            leg=leg,
            status=Status.INTENDED,
            placed_at=fact.at,
            updated_at=fact.at,
            signal_id=parent.signal_id,
            signal_index=parent.signal_index,
        )

    def _linked(self, order: BookOrder, said: BrokerOrder) -> BookOrder:
        """The order with its relatives, as far as the broker names them and we know them."""
        names = self.by_broker_id
        return evolve(
            order,
            parent=order.parent or names.get(said.parent or ""),
            replaces=order.replaces or names.get(said.replaces or ""),
            replaced_by=order.replaced_by or names.get(said.replaced_by or ""),
        )

    def _replaced(self, new: BookOrder, number: int, at: datetime) -> None:
        """The order before it in its chain.

        A replacement that was answered may fail still, so the old order ends by the broker's word;
        but where the new one was filled the old one is gone.
        """
        old = self.orders.get(new.replaces or "")
        if old is None:
            return
        ended = old
        if old.is_open and new.filled:
            ended = evolve(old, status=Status.REPLACED, updated_at=max(at, old.updated_at))
        if ended.status is Status.REPLACED:
            ended = evolve(ended, replaced_by=new.id)
        self._put(ended)
        self.outbox.replaced(old, ended, number, at)

    def _rest(self, order: BookOrder, at: datetime) -> None:
        key = order.request.symbol, order.leg
        last = self.refused.get(key)
        times = last.times + 1 if last and at - last.at < SAME_TROUBLE else 1
        self.refused[key] = Refusal(at, times)

    def _known(self, order_id: str) -> BookOrder:
        if order_id not in self.orders:
            raise InvalidInput("order_id", f"{order_id} is not in the book", "intend it first")
        return self.orders[order_id]

    def _put(self, order: BookOrder) -> None:
        self.orders[order.id] = order
        if order.broker_id is not None:
            self.by_broker_id[order.broker_id] = order.id

    def _forget_oldest(self) -> None:
        while len(self.orders) > KEPT_ORDERS:
            oldest = next((one for one in self.orders.values() if not one.is_open), None)
            if oldest is None:
                return
            del self.orders[oldest.id]
            self._plans.pop(oldest.id, None)
            self.by_broker_id.pop(oldest.broker_id or "", None)


def is_ours(book: OrdersKept, said: BrokerOrder) -> bool:
    """Whether the broker's order is one of ours, or a leg or successor of one.

    What is of another symbol is something else, whatever it is called.
    """
    known = book.orders.get(said.id)
    if known is not None:
        return (known.request.symbol, known.request.side) == (said.symbol, said.side)
    relatives = (book.order_at(name) for name in (said.parent, said.replaces) if name)
    return any(one is not None and one.request.symbol == said.symbol for one in relatives)
