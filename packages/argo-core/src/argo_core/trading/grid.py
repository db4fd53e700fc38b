"""Prices on the tick, to either side; exact, because no quotient is rounded."""

from decimal import Decimal


def lower(price: Decimal, tick: Decimal) -> Decimal:
    """The price on the grid at or next below `price`."""
    # Decimal's quotient goes towards zero, which is up for what lies below it.
    steps = price // tick - (price % tick < 0)
    return steps * tick


def upper(price: Decimal, tick: Decimal) -> Decimal:
    """The price on the grid at or next above `price`."""
    return -lower(-price, tick)
