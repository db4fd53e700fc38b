"""What the exchange remembers besides its orders."""

from datetime import date
from decimal import Decimal

from attrs import frozen


@frozen
class Fill:
    """One execution, with the order and the position as they were just after it."""

    id: str
    at: int
    order_id: str
    symbol: str
    side: str
    quantity: Decimal
    price: Decimal
    position: Decimal
    total: Decimal
    left: Decimal


@frozen
class SplitOf:
    """`new` shares for `old` ones from the opening of the day that begins at `midnight`."""

    symbol: str
    new: Decimal
    old: Decimal
    day: date
    midnight: int
