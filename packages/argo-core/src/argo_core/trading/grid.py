"""Prices on the tick, to either side; exact, for no division is rounded."""

from decimal import ROUND_FLOOR, Decimal


def lower(price: Decimal, tick: Decimal) -> Decimal:
    """The price on the grid at or next below `price`."""
    return (price / tick).to_integral_value(ROUND_FLOOR) * tick


def upper(price: Decimal, tick: Decimal) -> Decimal:
    """The price on the grid at or next above `price`."""
    return -lower(-price, tick)
