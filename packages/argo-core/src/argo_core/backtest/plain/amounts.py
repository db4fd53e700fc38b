"""Dollars on the grid of 1/10,000, rounded as `docs/reference/backtest.md` says."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from argo_core.backtest.bars.units import PPM, UNIT

ZERO = Decimal(0)


def in_units(amount: Decimal) -> int:
    """Of an amount on the grid, however great."""
    return int(amount / UNIT)


def down(amount: Decimal) -> Decimal:
    return amount.quantize(UNIT, ROUND_FLOOR)


def up(amount: Decimal) -> Decimal:
    return amount.quantize(UNIT, ROUND_CEILING)


def share(amount: Decimal, ppm: int) -> Decimal:
    """`ppm` millionths of an amount."""
    return down(amount * ppm / PPM)


def shares_for(money: Decimal, price: Decimal) -> int:
    """How many whole shares it buys; zero or less where there is no money."""
    return int(money // price)
