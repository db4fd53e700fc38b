"""A small honest broker that is slow: it knows orders, brackets, fills, cancels, replacements.

It has its own arithmetic, in fractions, so that it is a second opinion. What it says is collected
in `messages`, for whoever delivers them, late, twice, in another order or never.
"""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from attrs import evolve

from argo_core.errors import BrokerRefused
from argo_core.market.instrument import Symbol
from argo_core.trading.broker_view import BrokerOrder, BrokerUpdate, Execution
from argo_core.trading.order import OrderRequest, OrderType, Side, Status

ZERO = Decimal(0)
_FILLABLE = {Status.WORKING, Status.CANCELLING}


class ModelBroker:
    """`orders` are by the broker's id; `waiting` are those whose cancel or replacement is asked."""

    def __init__(self, cash: Decimal) -> None:
        self.orders: dict[str, BrokerOrder] = {}
        self.cash = Fraction(cash)
        self.positions: dict[Symbol, Decimal] = defaultdict(Decimal)
        self.messages: list[BrokerUpdate] = []
        self.waiting: list[str] = []
        self.executions = 0
        self._spent: dict[str, Fraction] = defaultdict(Fraction)

    def open(self, symbol: Symbol) -> tuple[BrokerOrder, ...]:
        """What may still be filled, or is to take the place of something that may."""
        every = (one for one in self.orders.values() if one.symbol == symbol)
        return tuple(one for one in every if one.status.is_open)

    def fillable(self) -> tuple[BrokerOrder, ...]:
        """What is in the market."""
        return tuple(
            one
            for one in self.orders.values()
            if one.status in _FILLABLE and not self._is_pending(one)
        )

    def find(self, id_: str) -> BrokerOrder | None:
        """The order with that client's id."""
        return next((one for one in self.orders.values() if one.id == id_), None)

    def free(self, symbol: Symbol, *but: BrokerOrder) -> Decimal:
        """Shares that no order holds but these; the legs of one bracket hold the same ones."""
        groups: dict[str, Decimal] = defaultdict(Decimal)
        for one in self.fillable():
            if (one.symbol, one.side) == (symbol, Side.SELL):
                group = one.parent or one.broker_id
                groups[group] = max(groups[group], one.quantity - one.filled)
        for one in but:
            groups.pop(one.parent or one.broker_id, None)
        return self.positions[symbol] - sum(groups.values(), ZERO)

    def submit(self, request: OrderRequest, now: datetime) -> BrokerOrder:
        """Take an order; one that is there already stays as it is."""
        known = self.find(request.id)
        if known is not None:
            return known
        if request.side is Side.SELL and self.free(request.symbol) < request.quantity:
            raise BrokerRefused("model", "too few shares are free")
        entry = self._add(request, now)
        if request.bracket is not None:
            for type_, price in (
                (OrderType.STOP, request.bracket.stop),
                (OrderType.LIMIT, request.bracket.target),
            ):
                name = f"leg-{len(self.orders) + 1}"
                leg = evolve(
                    entry,
                    id=name,
                    broker_id=name,
                    side=request.side.opposite,
                    type=type_,
                    status=Status.HELD,
                    limit=price if type_ is OrderType.LIMIT else None,
                    stop=price if type_ is OrderType.STOP else None,
                    parent=entry.broker_id,
                )
                self._tell(leg)
        return entry

    def cancel(self, broker_id: str, now: datetime) -> None:
        """Ask for an end, which comes with `answer`."""
        one = self._changeable(broker_id)
        self._tell(evolve(one, status=Status.CANCELLING, at=now))
        self.waiting.append(broker_id)

    def replace(self, broker_id: str, request: OrderRequest, now: datetime) -> BrokerOrder:
        """Ask for a replacement, which comes or fails with `answer`."""
        known = self.find(request.id)
        if known is not None:
            return known
        old = self._changeable(broker_id)
        if (old.quantity - old.filled, old.stop) == (request.quantity, request.stop):
            raise BrokerRefused("model", "nothing would change")
        new = self._add(request, now, replaces=old.broker_id, parent=old.parent)
        self.waiting.append(new.broker_id)
        return new

    def answer(self, broker_id: str, now: datetime, *, willing: bool = True) -> None:
        """Do what was asked, unless it is too late or the market is not `willing`."""
        self.waiting.remove(broker_id)
        one = self.orders[broker_id]
        if self._was_to_replace(one):
            self._replace(one, now, willing=willing)
        elif one.status is Status.CANCELLING:
            if willing:
                self._end(one, Status.CANCELLED, now)
            else:
                self._tell(evolve(one, status=Status.WORKING, at=now))

    def fill(
        self, broker_id: str, quantity: Decimal, price: Decimal, fee: Decimal, now: datetime
    ) -> None:
        """Execute so many shares of an order that is in the market."""
        one = self.orders[broker_id]
        self.executions += 1
        self._spent[broker_id] += Fraction(quantity) * Fraction(price)
        self.cash -= one.side.sign * Fraction(quantity) * Fraction(price) + Fraction(fee)
        self.positions[one.symbol] += quantity * one.side.sign
        filled = one.filled + quantity
        whole = filled == one.quantity
        average = self._spent[broker_id] / Fraction(filled)
        one = evolve(
            one,
            filled=filled,
            average=Decimal(average.numerator) / Decimal(average.denominator),
            fees=one.fees + fee,
            status=Status.FILLED if whole else one.status,
            at=now,
        )
        self._tell(one, Execution(f"x{self.executions}", quantity, price, now, fee))
        if whole:
            self._release(one, now)
        for rival in self._rivals(one):
            if whole:
                self._tell(evolve(rival, status=Status.CANCELLED, at=now))
            else:
                self._tell(evolve(rival, quantity=rival.quantity - quantity, at=now))

    def _is_pending(self, one: BrokerOrder) -> bool:
        return one.broker_id in self.waiting and one.status is not Status.CANCELLING

    def _was_to_replace(self, one: BrokerOrder) -> bool:
        return one.status is Status.WORKING and one.replaces is not None

    def _replace(self, new: BrokerOrder, now: datetime, *, willing: bool) -> None:
        old = self.orders[new.replaces or ""]
        free = self.free(new.symbol, old, new) >= new.quantity or new.side is Side.BUY
        if not willing or not free or not old.status.is_open:
            self._tell(evolve(new, status=Status.REJECTED, at=now))
            return
        ended = evolve(old, status=Status.REPLACED, replaced_by=new.broker_id, at=now)
        self._tell(ended)
        self._tell(evolve(new, at=now))

    def _changeable(self, broker_id: str) -> BrokerOrder:
        one = self.orders.get(broker_id)
        busy = {self.orders[name].replaces for name in self.waiting} | set(self.waiting)
        if one is None or not one.status.is_open or broker_id in busy:
            raise BrokerRefused("model", "it is not open, or something is under way")
        return one

    def _add(
        self,
        request: OrderRequest,
        now: datetime,
        *,
        replaces: str | None = None,
        parent: str | None = None,
    ) -> BrokerOrder:
        one = BrokerOrder(
            id=request.id,
            broker_id=f"model-{len(self.orders) + 1}",
            symbol=request.symbol,
            side=request.side,
            type=request.type,
            quantity=request.quantity,
            status=Status.WORKING,
            at=now,
            limit=request.limit,
            stop=request.stop,
            parent=parent,
            replaces=replaces,
        )
        self._tell(one)
        return one

    def _end(self, one: BrokerOrder, status: Status, now: datetime) -> None:
        self._tell(evolve(one, status=status, at=now))
        for other in (*self._legs(one), *self._rivals(one)):
            self._tell(evolve(other, status=Status.CANCELLED, at=now))

    def _legs(self, entry: BrokerOrder) -> tuple[BrokerOrder, ...]:
        every = (one for one in self.orders.values() if one.parent == entry.broker_id)
        return tuple(one for one in every if one.status is Status.HELD)

    def _release(self, entry: BrokerOrder, now: datetime) -> None:
        for leg in self._legs(entry):
            self._tell(evolve(leg, status=Status.WORKING, at=now))

    def _rivals(self, leg: BrokerOrder) -> tuple[BrokerOrder, ...]:
        """The other leg of the same bracket."""
        if leg.parent is None:
            return ()
        return tuple(
            one
            for one in self.orders.values()
            if one.parent == leg.parent
            and one.broker_id != leg.broker_id
            and one.status in _FILLABLE
            and not self._is_pending(one)
        )

    def _tell(self, one: BrokerOrder, execution: Execution | None = None) -> None:
        self.orders[one.broker_id] = one
        self.messages.append(BrokerUpdate(one, execution))
