"""Prices that nobody ever paid, the same ones in every run."""

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from random import Random

from attrs import frozen

BEGINNING = datetime(2026, 3, 2, tzinfo=UTC)
_DAYS = 200
_DAY = timedelta(days=1)


@frozen
class Instrument:
    """`daily` is the standard deviation of a day's logarithmic return."""

    symbol: str
    begins: float
    daily: float


INSTRUMENTS = (
    Instrument("AAPL", 231.4, 0.013),
    Instrument("AMZN", 224.1, 0.017),
    Instrument("BTC/USD", 84_120.0, 0.026),
    Instrument("ETH/USD", 3_140.0, 0.033),
    Instrument("GOOGL", 186.7, 0.015),
    Instrument("JPM", 252.3, 0.012),
    Instrument("META", 642.0, 0.018),
    Instrument("MSFT", 441.9, 0.012),
    Instrument("NVDA", 148.2, 0.024),
    Instrument("SPY", 588.6, 0.009),
    Instrument("TSLA", 312.5, 0.031),
    Instrument("XOM", 112.8, 0.013),
)


def price(instrument: Instrument, at: datetime) -> Decimal:
    """To the cent."""
    passed = (at - BEGINNING) / _DAY
    day = int(passed)
    before, after = _closes(instrument)[day : day + 2]
    noise = Random(f"{instrument.symbol} {at:%c}").gauss(0, instrument.daily / 8)  # noqa: S311 - it has to come again
    level = math.exp((before + (after - before) * (passed - day)) + noise)
    return cents(Decimal(level * instrument.begins))


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))


@cache
def _closes(instrument: Instrument) -> tuple[float, ...]:
    """Logarithms, beside the first price."""
    chance = Random(instrument.symbol)  # noqa: S311 - it has to come again
    level, closes = 0.0, [0.0]
    for _ in range(_DAYS):
        level += chance.gauss(0.0006, instrument.daily)
        closes.append(level)
    return tuple(closes)
