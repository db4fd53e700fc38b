"""Money in whole ten-thousandths of a dollar, so that arrays of it are exact.

A price, an amount and a fee are whole numbers of `UNIT`; a share of an amount is given in
millionths (ppm). Everything stays below 2^63 while accounts are below ten billion dollars, prices
below ten million and fills below the account.
"""

from decimal import ROUND_HALF_EVEN, Decimal

from argo_core.errors import InvalidInput

UNIT = Decimal("0.0001")
UNITS = 10_000
"""To the dollar."""

PPM = 1_000_000
HIGHEST_PRICE = 10_000_000 * UNITS
HIGHEST_AMOUNT = 10_000_000_000 * UNITS

MOST_BARS = 100_000_000
"""Rows times symbols; half a kilobyte of it is one bar's, with all that is computed from it."""


def to_units(name: str, amount: Decimal) -> int:
    """The nearest whole number of units, ties to even.

    Raises:
        InvalidInput: it is not finite, or beyond ten billion dollars.
    """
    if not amount.is_finite() or abs(amount) > HIGHEST_AMOUNT * UNIT:
        problem = f"{amount:.6g} cannot be reckoned with"
        raise InvalidInput(name, problem, "give a finite amount of at most ten billion")
    return int((amount / UNIT).quantize(Decimal(1), ROUND_HALF_EVEN))


def from_units(units: int) -> Decimal:
    """The amount in dollars, with four decimals."""
    return units * UNIT
