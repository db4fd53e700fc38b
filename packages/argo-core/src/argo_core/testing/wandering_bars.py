"""Panels of bars that wander by chance that is not chance, for tests of research."""

import numpy as np

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.research.chances import chances
from argo_core.market.instrument import Symbol

MONDAY = 19_723
"""2024-01-01, in days since 1970."""

_DAY_US = 86_400_000_000


def wandering_panel(
    rows: int, symbols: int, *, seed: str = "bars", a_day: int = 1, absent: float = 0.0
) -> Panel:
    """Bars around 100 dollars that move by some percent; `a_day` rows to a session.

    A share `absent` of the bars is not there. Rows of a longer panel begin as those of a shorter.
    """
    steps = chances(rows, symbols, seed, "steps") - 0.5
    close = np.rint(1_000_000 * np.exp(np.cumsum(0.04 * steps, axis=0))).astype(np.int64)
    before = np.vstack([np.full((1, symbols), 1_000_000), close[:-1]])
    gap = chances(rows, symbols, seed, "gaps") - 0.5
    opened = np.rint(before * (1 + 0.01 * gap)).astype(np.int64)
    tail = 1 + 0.01 * chances(rows, symbols, seed, "tails")
    high = np.rint(np.maximum(opened, close) * tail).astype(np.int64)
    low = np.rint(np.minimum(opened, close) / tail).astype(np.int64)
    volume = np.rint(50_000 * (1 + chances(rows, symbols, seed, "volume"))).astype(np.int64)
    there = (chances(rows, symbols, seed, "there") >= absent).astype(np.int64)
    session = MONDAY + np.arange(rows) // a_day
    known = session * _DAY_US + (np.arange(rows) % a_day + 1) * (_DAY_US // (2 * a_day))
    return Panel(
        name=f"wandering {seed}",
        origin="made",
        symbols=tuple(Symbol(f"S{number}") for number in range(symbols)),
        bar_s=86_400 // a_day,
        known_us=known,
        session=session,
        open=opened * there,
        high=high * there,
        low=low * there,
        close=close * there,
        volume=volume * there,
    )
