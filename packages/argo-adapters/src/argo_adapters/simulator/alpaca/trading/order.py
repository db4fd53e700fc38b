"""An order on the exchange, and the words for where it stands."""

from decimal import Decimal

from attrs import define, field

BUY, SELL = "buy", "sell"

NEW = "new"
PARTIALLY_FILLED = "partially_filled"
FILLED = "filled"
CANCELED = "canceled"
EXPIRED = "expired"
REPLACED = "replaced"
REJECTED = "rejected"
ACCEPTED = "accepted"
PENDING_NEW = "pending_new"
PENDING_CANCEL = "pending_cancel"
PENDING_REPLACE = "pending_replace"
HELD = "held"

ENDS = frozenset({FILLED, CANCELED, EXPIRED, REPLACED, REJECTED})
WORKING = frozenset({NEW, PARTIALLY_FILLED, PENDING_CANCEL, PENDING_REPLACE})
"""In these an order may be filled."""


@define
class Times:
    """When things happened to an order, in nanoseconds; None for what did not."""

    created: int
    updated: int
    filled: int | None = None
    expired: int | None = None
    canceled: int | None = None
    failed: int | None = None
    replaced: int | None = None
    expires: int | None = None


@define(eq=False)
class Order:
    """One order. `legs` are those that wait for it, or the other half of an OCO.

    `filled` shares cost `cost` in all. `reserved` is the price at which an open buy lays claim to
    buying power. A stop that has been reached is `triggered`.
    """

    id: str
    number: int
    client_id: str
    symbol: str
    side: str
    type: str
    tif: str
    quantity: Decimal
    order_class: str
    status: str
    times: Times
    limit: Decimal | None = None
    stop: Decimal | None = None
    extended: bool = False
    opens: bool = True
    reserved: Decimal = Decimal(0)
    filled: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)
    triggered: bool = False
    replaces: str | None = None
    replaced_by: str | None = None
    parent: "Order | None" = None
    legs: list["Order"] = field(factory=list)

    @property
    def is_open(self) -> bool:
        return self.status not in ENDS

    @property
    def left(self) -> Decimal:
        """Shares still to be filled."""
        return self.quantity - self.filled

    @property
    def average(self) -> Decimal | None:
        """What a share has cost; None while there is none."""
        return self.cost / self.filled if self.filled else None

    @property
    def sign(self) -> int:
        """What a filled share adds to the position."""
        return 1 if self.side == BUY else -1

    def rivals(self) -> "list[Order]":
        """The orders of which only one is to be filled, besides this one."""
        if self.order_class == "oco":
            return [one for one in _family(self) if one is not self]
        return [one for one in self.parent.legs if one is not self] if self.parent else []


def _family(order: Order) -> list[Order]:
    head = order.parent or order
    return [head, *head.legs]
