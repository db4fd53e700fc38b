"""One thing to be done at the broker, and how long such things may take."""

from datetime import timedelta
from typing import TypeAlias

from attrs import frozen

from argo_core.market.instrument import Symbol
from argo_core.trading.book_order import BookOrder
from argo_core.trading.holding import ExitReason
from argo_core.trading.order import Leg, OrderRequest


@frozen
class Pace:
    """How long things may take, in seconds of the market's clock.

    An entry is cancelled after `entry` seconds, filled in part or not at all. After a refusal no
    order of that kind follows for `rest`, twice as long after each further one, `longest` at most.
    An order that was asked to end is asked again after `again`. A leg that should have become live
    with its entry is not relied on after `held`; legs that nobody has told of are waited for until
    the broker's books were read, or for `legs`.
    """

    entry: timedelta = timedelta(seconds=5)
    rest: timedelta = timedelta(seconds=5)
    again: timedelta = timedelta(seconds=10)
    held: timedelta = timedelta(seconds=10)
    legs: timedelta = timedelta(seconds=90)
    longest: timedelta = timedelta(minutes=5)


@frozen
class Submit:
    """Send a new order."""

    request: OrderRequest
    leg: Leg
    signal_id: str
    signal_index: int | None


@frozen
class Cancel:
    """Ask for an order's end."""

    order: BookOrder


@frozen
class Replace:
    """Have an order replaced by another of that quantity and price."""

    order: BookOrder
    request: OrderRequest


@frozen
class Want:
    """A position has to be closed: write that down first."""

    symbol: Symbol
    reason: ExitReason
    why: str


Step: TypeAlias = Submit | Cancel | Replace | Want
