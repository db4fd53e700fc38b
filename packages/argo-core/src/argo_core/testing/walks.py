"""Minute bars that go where a test says."""

import math
from collections.abc import Iterable
from datetime import datetime

from argo_core.market.bar import MINUTE, Bar
from argo_core.market.instrument import Symbol
from argo_core.testing.strategies import NOON


def walk(
    moves: Iterable[float],
    *,
    symbol: str = "NVR",
    start: datetime = NOON,
    price: float = 100.0,
    wick: float = 0.0002,
    volume: float = 1_000.0,
) -> tuple[Bar, ...]:
    """One bar for each log return in `moves`, minute after minute from `start` at `price`.

    `wick` is how far, in log units, each bar reaches beyond its open and close on both sides.
    """
    bars: list[Bar] = []
    for count, move in enumerate(moves):
        opened, price = price, price * math.exp(move)
        low, high = min(opened, price) * math.exp(-wick), max(opened, price) * math.exp(wick)
        at = start + count * MINUTE
        bars.append(Bar(Symbol(symbol), at, opened, high, low, price, volume))
    return tuple(bars)


def mirrored(bars: Iterable[Bar]) -> tuple[Bar, ...]:
    """The same bars upside down: every price p becomes 1 / p, highs and lows change places."""
    return tuple(
        Bar(
            bar.symbol,
            bar.start,
            1 / bar.open,
            1 / bar.low,
            1 / bar.high,
            1 / bar.close,
            bar.volume,
        )
        for bar in bars
    )
