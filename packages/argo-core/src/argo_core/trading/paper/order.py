"""An order in the paper broker's books, and the only ways in which its status changes."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from attrs import evolve, frozen

from argo_core.trading.broker_view import BrokerOrder
from argo_core.trading.order import GoodTill, Status

ZERO = Decimal(0)


class Happening(StrEnum):
    """What can happen to an order."""

    RELEASED = "released"
    FILLED_IN_PART = "filled in part"
    FILLED = "filled"
    CANCEL_ASKED = "cancel asked"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REPLACED = "replaced"


# The whole machine: what is not here cannot happen, and no status is set anywhere else.
TABLE: Mapping[tuple[Status, Happening], Status] = {
    (Status.HELD, Happening.RELEASED): Status.WORKING,
    (Status.HELD, Happening.CANCELLED): Status.CANCELLED,
    (Status.HELD, Happening.REPLACED): Status.REPLACED,
    (Status.WORKING, Happening.FILLED_IN_PART): Status.WORKING,
    (Status.WORKING, Happening.FILLED): Status.FILLED,
    (Status.WORKING, Happening.CANCEL_ASKED): Status.CANCELLING,
    (Status.WORKING, Happening.CANCELLED): Status.CANCELLED,
    (Status.WORKING, Happening.EXPIRED): Status.EXPIRED,
    (Status.WORKING, Happening.REPLACED): Status.REPLACED,
    (Status.CANCELLING, Happening.FILLED_IN_PART): Status.CANCELLING,
    (Status.CANCELLING, Happening.FILLED): Status.FILLED,
    (Status.CANCELLING, Happening.CANCELLED): Status.CANCELLED,
    (Status.CANCELLING, Happening.EXPIRED): Status.EXPIRED,
}


@frozen
class PaperOrder:
    """`number` is its age among all orders; `order` is what the broker says of it.

    `order.at` is when it last changed, `placed` when it came. `spent` is what its shares cost or
    earned, without fees. `rested` says that a quote went by without filling it, `triggered` that a
    stop's price was reached, from when on it is a market order. `extended` orders are filled
    outside the regular session as well.
    """

    number: int
    order: BrokerOrder
    good_till: GoodTill
    placed: datetime
    spent: Decimal = ZERO
    rested: bool = False
    triggered: bool = False
    extended: bool = False

    @property
    def remaining(self) -> Decimal:
        return self.order.quantity - self.order.filled

    @property
    def group(self) -> str:
        """What a bracket's two live legs have in common, and nobody else with anybody."""
        return self.order.parent or self.order.broker_id

    @property
    def works(self) -> bool:
        """Whether the market may fill it."""
        return self.order.status in {Status.WORKING, Status.CANCELLING}

    def after(self, happening: Happening, now: datetime) -> "PaperOrder":
        """This order after that; KeyError where the table has no such way."""
        status = TABLE[self.order.status, happening]
        return evolve(self, order=evolve(self.order, status=status, at=now))

    def filled(
        self, quantity: Decimal, price: Decimal, fees: Decimal, now: datetime
    ) -> "PaperOrder":
        """This order after a fill; `fees` are those of the whole order by then."""
        filled, spent = self.order.filled + quantity, self.spent + quantity * price
        complete = filled == self.order.quantity
        ended = self.after(Happening.FILLED if complete else Happening.FILLED_IN_PART, now)
        order = evolve(ended.order, filled=filled, average=spent / filled, fees=fees)
        return evolve(ended, order=order, spent=spent)

    def cut_to(self, remaining: Decimal, now: datetime) -> "PaperOrder":
        """This order with so much less to fill."""
        order = evolve(self.order, quantity=self.order.filled + remaining, at=now)
        return evolve(self, order=order)
