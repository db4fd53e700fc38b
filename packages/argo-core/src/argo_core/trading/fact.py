"""What happened in trading, one frozen fact after another: the book is what they add up to.

They are written down durably before anybody acts on them, so a crash at any moment leaves either a
fact and its consequences or neither.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from attrs import field, frozen

from argo_core.market.instrument import Symbol
from argo_core.trading.broker_view import BrokerAccount, BrokerOrder, CashFlow, Execution
from argo_core.trading.certificate import Certificate
from argo_core.trading.holding import ExitReason, Holding
from argo_core.trading.order import Leg, OrderRequest
from argo_core.trading.state import Cause


@frozen
class Judged:
    """The risk rules allowed or denied an order."""

    at: datetime
    certificate: Certificate


@frozen
class Intended:
    """We are about to send an order; `signal_index` is where the log has its signal."""

    at: datetime
    request: OrderRequest
    leg: Leg
    signal_id: str
    signal_index: int | None = None
    holding: Holding | None = None


@frozen
class Told:
    """The broker said how an order stands, by a reply, its stream or a look at its books.

    `leg` is there where the order is not one that we intended but one that came with it, such as
    a bracket's. `execution` is the fill it tells, None where we only saw that there was one.
    """

    at: datetime
    order: BrokerOrder
    leg: Leg | None = None
    execution: Execution | None = None


@frozen
class Refused:
    """The broker will not have an order, or it never got there (`lost`)."""

    at: datetime
    order_id: str
    problem: str
    lost: bool = False


@frozen
class CancelAsked:
    """We are about to cancel an order."""

    at: datetime
    order_id: str


@frozen
class ReplaceAsked:
    """We are about to replace an open order by `request`, which has an id of its own."""

    at: datetime
    order_id: str
    request: OrderRequest


@frozen
class ExitWanted:
    """A position is to be closed."""

    at: datetime
    symbol: Symbol
    reason: ExitReason
    why: str = ""


@frozen
class Trailed:
    """A position's best price moved, and its stop with it."""

    at: datetime
    symbol: Symbol
    best: Decimal
    stop: Decimal


@frozen
class CauseRaised:
    """Trading is held back from now on; `why` shows the difference or the loss."""

    at: datetime
    cause: Cause
    why: str


@frozen
class CauseCleared:
    """A cause stands no more; `why` is the operator's reason, or what was found."""

    at: datetime
    cause: Cause
    why: str


@frozen
class Accounted:
    """The broker's account, as it was read."""

    at: datetime
    account: BrokerAccount


@frozen
class DayClosed:
    """The official close of a session: the equity that the next day's loss is counted from."""

    at: datetime
    day: date
    equity: Decimal


@frozen
class HighWater:
    """Equity was never as high, flows apart."""

    at: datetime
    equity: Decimal


@frozen
class Flowed:
    """Money came in or went out."""

    at: datetime
    flow: CashFlow


@frozen
class SplitApplied:
    """Shares were split on that `day`: quantity, cost and levels were converted."""

    at: datetime
    symbol: Symbol
    new: Decimal
    old: Decimal
    day: date


@frozen
class Recorded:
    """The signal log has these facts, by their numbers, at these indices."""

    at: datetime
    indices: Mapping[int, int] = field(factory=dict)


Fact: TypeAlias = (
    Judged
    | Intended
    | Told
    | Refused
    | CancelAsked
    | ReplaceAsked
    | ExitWanted
    | Trailed
    | CauseRaised
    | CauseCleared
    | Accounted
    | DayClosed
    | HighWater
    | Flowed
    | SplitApplied
    | Recorded
)


@frozen
class Numbered:
    """A fact and its number, from 1 on without a gap."""

    number: int
    fact: Fact


def order_of(fact: Fact) -> str | None:
    """The order that a fact is about, by our id; None where it is about none."""
    match fact:
        case Judged():
            return fact.certificate.order_id
        case Intended():
            return fact.request.id
        case Told():
            return fact.order.id
        case Refused() | CancelAsked() | ReplaceAsked():
            return fact.order_id
        case _:
            return None
