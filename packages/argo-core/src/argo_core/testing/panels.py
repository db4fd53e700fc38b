"""Bars of random walks over sessions, as the live rules take them and as a panel."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.units import UNITS
from argo_core.market.bar import Bar
from argo_core.market.instrument import Symbol
from argo_core.market.moment import to_micros

OPEN = datetime(2024, 3, 4, 14, 30, tzinfo=UTC)
MINUTE_S, DAY_S = 60, 86_400


def sessions_of_bars(
    seed: int, count: int, *, symbol: str = "ACME", traded: float = 0.9, day: int = 390
) -> list[Bar]:
    """Minute bars over several sessions of `day` minutes, some minutes without a trade."""
    chance = np.random.default_rng(seed)
    bars: list[Bar] = []
    price, minute = 100.0, 0
    while len(bars) < count:
        session, within = divmod(minute, day)
        minute += 1
        if within == 0:
            price *= 1 + chance.normal(0, 0.01)
        if chance.random() > traded:
            continue
        prices = [price]
        for _ in range(3):
            prices.append(prices[-1] * (1 + chance.normal(0, 0.0007)))
        rounded = [round(float(each), 2) for each in prices]
        price = prices[-1]
        start = OPEN + timedelta(days=session, minutes=within)
        volume = float(chance.integers(100, 5_000))
        bars.append(
            Bar(Symbol(symbol), start, rounded[0], max(rounded), min(rounded), rounded[-1], volume)
        )
    return bars


def panel_of(many: Sequence[Sequence[Bar]], *, bar_s: int = MINUTE_S) -> Panel:
    """Rows of all moments that any of them has a bar in."""
    starts = sorted({to_micros(bar.start) for bars in many for bar in bars})
    rows = {start: row for row, start in enumerate(starts)}
    tables = {
        name: np.zeros((len(starts), len(many)), dtype=np.int64)
        for name in ("open", "high", "low", "close", "volume")
    }
    for place, bars in enumerate(many):
        for bar in bars:
            row = rows[to_micros(bar.start)]
            for name in ("open", "high", "low", "close"):
                tables[name][row, place] = int(Decimal(repr(getattr(bar, name))) * UNITS)
            tables["volume"][row, place] = int(bar.volume)
    known = np.array(starts, dtype=np.int64) + bar_s * 1_000_000
    return Panel(
        name="walk",
        origin="seeded",
        symbols=tuple(bars[0].symbol for bars in many),
        bar_s=bar_s,
        known_us=known,
        session=known // (DAY_S * 1_000_000),
        open=tables["open"],
        high=tables["high"],
        low=tables["low"],
        close=tables["close"],
        volume=tables["volume"],
    )
