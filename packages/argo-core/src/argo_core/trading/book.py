"""What we know of our orders, positions and money: the sum of all facts, and nothing else."""

from collections import deque
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import singledispatchmethod

from attrs import evolve

from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.trading.book_order import BookOrder, Fill
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
from argo_core.trading.money import ZERO, Money
from argo_core.trading.order import Leg, Status
from argo_core.trading.orders_kept import OrdersKept
from argo_core.trading.position import Position
from argo_core.trading.splits import convert_holding, convert_position
from argo_core.trading.state import Cause, TradingState, state_of
from argo_core.trading.views import Closed

KEPT_FILLS = 2_000
KEPT_DENIALS = 500
# As long as limits may look back; what happened before is counted by no rule.
KEPT_CLOSED = timedelta(days=7)
_URGENCY = tuple(ExitReason)


class Book(OrdersKept, Money):
    """Apply facts in their order; read everything, change nothing else.

    Ended orders beyond the newest 2,000 are forgotten here, as are fills and denials; the journal
    keeps them all. `began` is when the account was first read: money that came before is in it.
    `refused` is by symbol and leg, of what protects or ends a position. `marks` are prices to value
    positions with, and no facts: they are set by whoever sees the market.
    """

    def __init__(self, broker: str) -> None:
        OrdersKept.__init__(self, broker)
        Money.__init__(self)
        self.number = 0
        self.fills: deque[Fill] = deque(maxlen=KEPT_FILLS)
        self.positions: dict[Symbol, Position] = {}
        self.holdings: dict[Symbol, Holding] = {}
        self.causes: dict[Cause, tuple[datetime, str]] = {}
        self.denied: deque[Certificate] = deque(maxlen=KEPT_DENIALS)
        self.closed: deque[Closed] = deque()
        self.since: dict[Symbol, datetime] = {}
        self.splits: set[tuple[Symbol, date]] = set()
        self.marks: dict[Symbol, Decimal] = {}

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

    def quantity(self, symbol: Symbol) -> Decimal:
        """Shares held, negative when sold short."""
        held = self.positions.get(symbol)
        return held.quantity if held else ZERO

    def held(self) -> dict[Symbol, Position]:
        """The positions that are not flat."""
        return dict(self._held())

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
        self.account_read(fact)

    @_take.register
    def _day_closed(self, fact: DayClosed, _number: int) -> None:
        self.close_day(fact)

    @_take.register
    def _high_water(self, fact: HighWater, _number: int) -> None:
        self.high = fact.equity

    @_take.register
    def _flowed(self, fact: Flowed, _number: int) -> None:
        self.take_flow(fact)

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

    def _fill(self, fill: Fill, order: BookOrder) -> Fill:
        """Take a fill into position and cash; with what it earned."""
        symbol = fill.symbol
        before = self.positions.get(symbol, Position())
        now = before.after(fill.side, fill.quantity, fill.price, fill.fee)
        fill = evolve(fill, realised=now.realised - before.realised)
        self.positions[symbol] = now
        self.pay(fill)
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

    def _tidy(self, symbol: Symbol) -> None:
        """Forget the plan of what is over, and the oldest orders that ended.

        An entry's own plan stays as long as the entry: it may be filled late.
        """
        if not self.quantity(symbol) and not any(one.leg.opens for one in self.open_orders(symbol)):
            self.holdings.pop(symbol, None)
        self._forget_oldest()


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


def _forget(kept: deque[Closed], since: datetime) -> None:
    while kept and kept[0].at < since:
        kept.popleft()
