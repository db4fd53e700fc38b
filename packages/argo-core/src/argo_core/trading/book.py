"""What we know of our orders, positions and money: the sum of all facts, and nothing else."""

from collections import deque
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import singledispatchmethod

from attrs import evolve, frozen

from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.trading.book_order import BookOrder, Fill
from argo_core.trading.broker_view import BrokerAccount, BrokerOrder
from argo_core.trading.certificate import Certificate
from argo_core.trading.fact import (
    Accounted,
    CancelAsked,
    CauseCleared,
    CauseRaised,
    DayClosed,
    ExitWanted,
    Fact,
    Flowed,
    HighWater,
    Intended,
    Judged,
    Numbered,
    Recorded,
    Refused,
    ReplaceAsked,
    SplitApplied,
    Told,
    Trailed,
)
from argo_core.trading.holding import ExitReason, Holding
from argo_core.trading.order import Leg, OrderRequest, OrderType, Status
from argo_core.trading.outbox import Outbox
from argo_core.trading.position import Position
from argo_core.trading.splits import convert_holding, convert_position
from argo_core.trading.state import Cause, TradingState, state_of
from argo_core.trading.views import Closed, Placed

DAY = timedelta(hours=24)
KEPT_ORDERS = 2_000
KEPT_FILLS = 2_000
KEPT_DENIALS = 500
KEPT_NAMES = 20_000
# As long as limits may look back; what happened before is counted by no rule.
KEPT_CLOSED = timedelta(days=7)
# Refusals further apart than this are not the same trouble.
SAME_TROUBLE = timedelta(minutes=15)
ZERO = Decimal(0)
_URGENCY = tuple(ExitReason)


@frozen
class Refusal:
    """When a symbol's order was last refused or ended unasked, and how often in a row."""

    at: datetime
    times: int


class Book:
    """Apply facts in their order; read everything, change nothing else.

    Ended orders beyond the newest 2,000 are forgotten here, as are fills and denials; the journal
    keeps them all. `began` is when the account was first read: money that came before is in it.
    `refused` is by symbol and leg, of what protects or ends a position. `marks` are prices to value
    positions with, and no facts: they are set by whoever sees the market.
    """

    def __init__(self, broker: str) -> None:
        self.number = 0
        self.orders: dict[str, BookOrder] = {}
        self.by_broker_id: dict[str, str] = {}
        self.fills: deque[Fill] = deque(maxlen=KEPT_FILLS)
        self.positions: dict[Symbol, Position] = {}
        self.holdings: dict[Symbol, Holding] = {}
        self.causes: dict[Cause, tuple[datetime, str]] = {}
        self.denied: deque[Certificate] = deque(maxlen=KEPT_DENIALS)
        self.placed: deque[Placed] = deque()
        self.closed: deque[Closed] = deque()
        self.since: dict[Symbol, datetime] = {}
        self.splits: set[tuple[Symbol, date]] = set()
        self.refused: dict[tuple[Symbol, Leg], Refusal] = {}
        self.revisions: dict[tuple[str, Leg], int] = {}
        self.account: BrokerAccount | None = None
        self.accounted_at: datetime | None = None
        self.began: datetime | None = None
        self.cash = ZERO
        self.day_closed: DayClosed | None = None
        self.flows: dict[str, Flowed] = {}
        self.high = ZERO
        self.marks: dict[Symbol, Decimal] = {}
        self.outbox = Outbox(broker)
        self._certificates: dict[str, Certificate] = {}
        self._plans: dict[str, Holding] = {}

    @property
    def state(self) -> TradingState:
        """ACTIVE, REDUCING or HALTED, by the causes that stand."""
        return state_of(self.causes)

    @property
    def equity(self) -> Decimal:
        """Cash and what is held at its marks; at cost where there is no mark."""
        return self.cash + sum(
            (held.quantity * self.marks.get(symbol, held.average) for symbol, held in self._held()),
            ZERO,
        )

    @property
    def opened(self) -> Decimal:
        """Equity at the official close before; until we saw one, what the broker says it was."""
        if self.day_closed is not None:
            return self.day_closed.equity
        return self.account.last_equity if self.account else ZERO

    @property
    def flowed(self) -> Decimal:
        """What came in or went out since that close, neither earned nor lost."""
        since = self.day_closed.at if self.day_closed else None
        every = (one.flow for one in self.flows.values() if not one.flow.earned)
        return sum((each.amount for each in every if since is None or each.at > since), ZERO)

    def quantity(self, symbol: Symbol) -> Decimal:
        """Shares held, negative when sold short."""
        held = self.positions.get(symbol)
        return held.quantity if held else ZERO

    def held(self) -> dict[Symbol, Position]:
        """The positions that are not flat."""
        return dict(self._held())

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

    def apply_all(self, facts: Iterable[Numbered]) -> None:
        """Apply facts in their order."""
        for one in facts:
            self.apply(one)

    def apply(self, numbered: Numbered) -> None:
        """Take one more fact in.

        Raises:
            InvalidInput: its number is not the next, or it is about an order nobody intended.
        """
        if numbered.number != self.number + 1:
            problem = f"{numbered.number} after {self.number}"
            raise InvalidInput("number", problem, "apply every fact once, in order")
        self._take(numbered.fact, numbered.number)
        self.number = numbered.number

    @singledispatchmethod
    def _take(self, fact: Fact, number: int) -> None:
        raise InvalidInput("fact", f"{fact!r} at {number} is none", "give one of `Fact`")

    @_take.register
    def _judged(self, fact: Judged, _number: int) -> None:
        certificate = fact.certificate
        if certificate.allowed:
            self._certificates[certificate.order_id] = certificate
        else:
            self.denied.append(certificate)

    @_take.register
    def _intended(self, fact: Intended, _number: int) -> None:
        self._place(fact.request, fact.leg, fact.at, (fact.signal_id, fact.signal_index))
        if fact.holding is not None:
            self._plans[fact.request.id] = fact.holding

    @_take.register
    def _told(self, fact: Told, number: int) -> None:
        order = self.orders.get(fact.order.id)
        if order is None:
            order = self._adopt(fact)
        heard, fill = order.told(fact.order, fact.execution, number, fact.at)
        heard = self._linked(heard, fact.order)
        self._put(heard)
        if fill is not None:
            fill = self._fill(fill, heard)
        self.outbox.told(order, heard, fill, number, fact.at)
        self._replaced(heard, number, fact.at)
        if _ended_unasked(order, heard):
            self._rest(heard, fact.at)
        self._tidy(heard.request.symbol)

    @_take.register
    def _refused(self, fact: Refused, number: int) -> None:
        order = self._known(fact.order_id)
        status = Status.LOST if fact.lost else Status.REJECTED
        if not order.is_open or (order.broker_id is not None and not fact.lost):
            # The broker has it, whatever it said to another try.
            status = order.status
        heard = evolve(
            order,
            status=status,
            updated_at=max(fact.at, order.updated_at),
            problem=fact.problem,
        )
        self._put(heard)
        self._rest(heard, fact.at)
        self.outbox.told(order, heard, None, number, fact.at)
        self._tidy(order.request.symbol)

    @_take.register
    def _cancel_asked(self, fact: CancelAsked, _number: int) -> None:
        order = self._known(fact.order_id)
        # Of one that nobody has heard of it has to be found out first whether it is there.
        asked = order.is_open and order.status is not Status.INTENDED
        status = Status.CANCELLING if asked else order.status
        self._put(evolve(order, status=status, asked_at=fact.at))

    @_take.register
    def _replace_asked(self, fact: ReplaceAsked, _number: int) -> None:
        old = self._known(fact.order_id)
        self._place(fact.request, old.leg, fact.at, (old.signal_id, old.signal_index), old)

    @_take.register
    def _exit_wanted(self, fact: ExitWanted, _number: int) -> None:
        holding = self.holdings.get(fact.symbol)
        if holding is not None:
            self.holdings[fact.symbol] = _with_exit(holding, fact.reason)
        for entry in self.open_orders(fact.symbol):
            # What an entry may still buy is not wanted either.
            if entry.id in self._plans:
                self._plans[entry.id] = _with_exit(self._plans[entry.id], fact.reason)

    @_take.register
    def _trailed(self, fact: Trailed, _number: int) -> None:
        holding = self.holdings.get(fact.symbol)
        if holding is not None:
            self.holdings[fact.symbol] = evolve(holding, best=fact.best, stop=fact.stop)

    @_take.register
    def _raised(self, fact: CauseRaised, _number: int) -> None:
        self.causes.setdefault(fact.cause, (fact.at, fact.why))

    @_take.register
    def _cleared(self, fact: CauseCleared, _number: int) -> None:
        self.causes.pop(fact.cause, None)

    @_take.register
    def _accounted(self, fact: Accounted, _number: int) -> None:
        self.account, self.accounted_at = fact.account, fact.at
        self.began = self.began or fact.at
        self.cash = fact.account.cash
        self.high = self.high or fact.account.equity

    @_take.register
    def _day_closed(self, fact: DayClosed, _number: int) -> None:
        self.day_closed = fact
        # Flows are asked for from the last accounting on, and must be known again then.
        since = min(fact.at, self.accounted_at or fact.at) - DAY
        self.flows = {name: one for name, one in self.flows.items() if one.flow.at > since}

    @_take.register
    def _high_water(self, fact: HighWater, _number: int) -> None:
        self.high = fact.equity

    @_take.register
    def _flowed(self, fact: Flowed, _number: int) -> None:
        # Money from outside is no gain, and money taken out no loss.
        flow = fact.flow
        if flow.id in self.flows:
            return
        self.flows[flow.id] = fact
        if self.began is not None and flow.at > self.began:
            self.cash += flow.amount
            self.high += ZERO if flow.earned else flow.amount

    @_take.register
    def _split(self, fact: SplitApplied, _number: int) -> None:
        self.splits.add((fact.symbol, fact.day))
        held, holding = self.positions.get(fact.symbol), self.holdings.get(fact.symbol)
        if held is not None:
            self.positions[fact.symbol] = convert_position(held, fact.new, fact.old)
        if holding is not None:
            self.holdings[fact.symbol] = convert_holding(holding, fact.new, fact.old)
        if fact.symbol in self.marks:
            self.marks[fact.symbol] = self.marks[fact.symbol] * fact.old / fact.new
        self._tidy(fact.symbol)

    @_take.register
    def _recorded(self, fact: Recorded, _number: int) -> None:
        self.outbox.recorded(fact.indices)

    def _held(self) -> Iterable[tuple[Symbol, Position]]:
        return ((symbol, one) for symbol, one in self.positions.items() if one.quantity)

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
        _forget(self.placed, at - DAY)

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

    def _fill(self, fill: Fill, order: BookOrder) -> Fill:
        """Take a fill into position and cash; with what it earned."""
        symbol = fill.symbol
        before = self.positions.get(symbol, Position())
        now = before.after(fill.side, fill.quantity, fill.price, fill.fee)
        fill = evolve(fill, realised=now.realised - before.realised)
        self.positions[symbol] = now
        self.cash -= fill.quantity * fill.price * fill.side.sign + fill.fee
        self.fills.append(fill)
        if fill.leg.opens and symbol not in self.holdings and order.id in self._plans:
            self.holdings[symbol] = evolve(self._plans[order.id], best=fill.price)
        turned = before.quantity * now.quantity <= 0
        if turned:
            self.since[symbol] = fill.at
        if before.quantity and turned:
            holding = self.holdings.get(symbol)
            stopped = fill.leg is Leg.STOP or (
                holding is not None and holding.exit is ExitReason.STOP
            )
            self.closed.append(Closed(fill.at, symbol, stopped))
            _forget(self.closed, fill.at - KEPT_CLOSED)
        return fill

    def _known(self, order_id: str) -> BookOrder:
        if order_id not in self.orders:
            raise InvalidInput("order_id", f"{order_id} is not in the book", "intend it first")
        return self.orders[order_id]

    def _put(self, order: BookOrder) -> None:
        self.orders[order.id] = order
        if order.broker_id is not None:
            self.by_broker_id[order.broker_id] = order.id

    def _tidy(self, symbol: Symbol) -> None:
        """Forget the plan of what is over, and the oldest orders that ended.

        An entry's own plan stays as long as the entry: it may be filled late.
        """
        if not self.quantity(symbol) and not any(one.leg.opens for one in self.open_orders(symbol)):
            self.holdings.pop(symbol, None)
        while len(self.orders) > KEPT_ORDERS:
            oldest = next((one for one in self.orders.values() if not one.is_open), None)
            if oldest is None:
                return
            del self.orders[oldest.id]
            self._plans.pop(oldest.id, None)
            self.by_broker_id.pop(oldest.broker_id or "", None)


def is_ours(book: Book, said: BrokerOrder) -> bool:
    """Whether the broker's order is one of ours, or a leg or successor of one."""
    if said.id in book.orders:
        return True
    return any(book.order_at(name) for name in (said.parent, said.replaces) if name)


def _with_exit(holding: Holding, reason: ExitReason) -> Holding:
    """To be closed for that reason, unless there is a more urgent one."""
    wanted = holding.exit
    if wanted is not None and _URGENCY.index(wanted) <= _URGENCY.index(reason):
        return holding
    return evolve(holding, exit=reason)


def _ended_unasked(before: BookOrder, now: BookOrder) -> bool:
    """Whether what protects or ends a position was ended by the broker, not by us.

    A bracket's legs are cancelled with their entry and with each other, which is as it shall be.
    """
    if not before.is_open or now.asked_at is not None:
        return False
    if now.status in {Status.CANCELLED, Status.EXPIRED}:
        return now.parent is None
    return now.status is Status.REJECTED


def _forget(kept: deque[Placed] | deque[Closed], since: datetime) -> None:
    while kept and kept[0].at < since:
        kept.popleft()
