"""What a split does to shares, cost and prices: `new` shares for every `old` one.

Brokers do not convert the prices of open orders, so these make room for a stop of our own, and
what we hold and plan is converted here. Shares are whole afterwards: for a
fraction the broker pays cash in lieu.
"""

from collections.abc import Callable
from decimal import Decimal

from attrs import evolve, frozen

from argo_core.trading.grid import lower, upper
from argo_core.trading.holding import Holding
from argo_core.trading.order import Side, positive
from argo_core.trading.position import Position

CENT = Decimal("0.01")


@frozen
class Converted:
    """A position and its plan after a split.

    `left` is the fraction of a share, negative when sold short, that is paid in cash instead, and
    `left_cost` what it had cost: it is no part of the position any more, nor of what it realised.
    """

    position: Position
    holding: Holding | None
    left: Decimal
    left_cost: Decimal


def convert(
    position: Position,
    holding: Holding | None,
    new: Decimal,
    old: Decimal,
    tick: Decimal = CENT,
) -> Converted:
    """Everything that is known of a position, after the split.

    Raises:
        InvalidInput: a side of the ratio is not positive.
    """
    after = convert_position(position, new, old)
    left = position.quantity * new % old / old
    plan = None if holding is None else convert_holding(holding, new, old, tick)
    return Converted(after, plan, left, left * position.average * old / new)


def convert_position(position: Position, new: Decimal, old: Decimal) -> Position:
    """The same cost in whole shares, but for the fraction that is paid in cash.

    Raises:
        InvalidInput: a side of the ratio is not positive.
    """
    _check(new, old)
    quantity = position.quantity * new // old
    average = position.average * old / new if quantity else Decimal(0)
    return evolve(position, quantity=quantity, average=average)


def convert_holding(holding: Holding, new: Decimal, old: Decimal, tick: Decimal = CENT) -> Holding:
    """The plan at the new prices, on the tick and never below one.

    Stop and target are rounded away from the price, and the trail is rounded up, so that no exit
    comes nearer by rounding.

    Raises:
        InvalidInput: a side of the ratio is not positive.
    """
    _check(new, old)
    scale = _Scale(new, old, tick)
    long = holding.side is Side.BUY
    return evolve(
        holding,
        stop=scale.lower(holding.stop) if long else scale.upper(holding.stop),
        target=_each(holding.target, scale.upper if long else scale.lower),
        best=scale.lower(holding.best) if long else scale.upper(holding.best),
        trail=_each(holding.trail, scale.upper),
    )


@frozen
class _Scale:
    """Prices after the split, on the tick and at least one."""

    new: Decimal
    old: Decimal
    tick: Decimal

    def lower(self, price: Decimal) -> Decimal:
        return max(self.tick, lower(price * self.old / self.new, self.tick))

    def upper(self, price: Decimal) -> Decimal:
        return max(self.tick, upper(price * self.old / self.new, self.tick))


def _each(price: Decimal | None, rounded: Callable[[Decimal], Decimal]) -> Decimal | None:
    return None if price is None else rounded(price)


def _check(new: Decimal, old: Decimal) -> None:
    positive("new", new)
    positive("old", old)
