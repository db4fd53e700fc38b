"""What an account owns, waits for and has done, and how a fill changes it."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from attrs import evolve, field, frozen

from argo_core.backtest.bars.trading_result import FillReason
from argo_core.backtest.plain.amounts import ZERO
from argo_core.backtest.plain.row import Place
from argo_core.trading.order import Side


@frozen
class Leaving:
    """An exit that was decided at the close of a row, and why."""

    reason: FillReason
    row: int


@frozen(kw_only=True)
class PlainPosition:
    """`quantity` shares of a symbol bought, or sold short, and where that shall end.

    `stop` and `target` are kept even where a plan does not use them. `best` is the price that a
    trailing stop follows. `until` is None without a horizon.
    """

    place: Place
    side: Side
    quantity: int
    stop: Decimal
    target: Decimal
    best: Decimal
    until: datetime | None
    leaving: Leaving | None = None


@frozen(kw_only=True)
class WaitingEntry:
    """An entry decided at the close `reference` of a row, to be filled at the next open."""

    place: Place
    side: Side
    quantity: int
    reference: Decimal
    stop: Decimal
    target: Decimal
    until: datetime | None
    row: int

    @property
    def worth(self) -> Decimal:
        return self.quantity * self.reference


@frozen(kw_only=True)
class PlainFill:
    """Shares that changed hands; `stop` is the new position's, None for all but a stopped entry."""

    row: int
    place: Place
    side: Side
    quantity: int
    price: Decimal
    fee: Decimal
    reason: FillReason
    decided: int
    stop: Decimal | None = None

    @property
    def cash(self) -> Decimal:
        """What it adds to the account."""
        return -self.side.sign * self.quantity * self.price - self.fee


@frozen
class Ending:
    """When the last position in a symbol ended, and whether its last fill was a stop."""

    at: datetime
    stopped: bool


@frozen(kw_only=True)
class Account:
    """`opening` is the session's opening equity, `high` the greatest so far.

    `reduced` allows no entry until the next session, `halted` never again. `positions` are in the
    panel's order, `lasts` the last closes of what was held after the last row. `fills` are those of
    the row in hand; `fees` and `borrow` were paid since the start.
    """

    cash: Decimal
    equity: Decimal
    opening: Decimal
    high: Decimal
    gross: Decimal = ZERO
    reduced: bool = False
    halted: bool = False
    positions: Mapping[Place, PlainPosition] = field(factory=dict)
    lasts: Mapping[Place, Decimal] = field(factory=dict)
    waiting: tuple[WaitingEntry, ...] = ()
    endings: Mapping[Place, Ending] = field(factory=dict)
    fills: tuple[PlainFill, ...] = ()
    fees: Decimal = ZERO
    borrow: Decimal = ZERO

    def filled(self, place: Place) -> int:
        """Shares of a symbol that changed hands in this row."""
        return sum(fill.quantity for fill in self.fills if fill.place == place)

    def keeping(self, position: PlainPosition) -> "Account":
        """With a position that is new or has changed."""
        changed = {**self.positions, position.place: position}
        if position.place not in self.positions:
            changed = dict(sorted(changed.items()))
        return evolve(self, positions=changed)

    def without(self, place: Place, ending: Ending) -> "Account":
        """After a position has ended."""
        left = dict(self.positions)
        del left[place]
        return evolve(self, positions=left, endings={**self.endings, place: ending})

    def paying(self, fill: PlainFill) -> "Account":
        """After a fill's money has moved; its shares are the caller's."""
        return evolve(
            self,
            cash=self.cash + fill.cash,
            fees=self.fees + fill.fee,
            fills=(*self.fills, fill),
        )
