"""The bars to work on: real stocks where they are beside the project, else random walks.

`ARGO_BAR_DATA` may name another folder of data.
"""

import os
from pathlib import Path

import numpy as np
from benchmarks._work import TABLES, Work, walk

from argo_core.backtest.bars.panel import Panel
from argo_core.market.instrument import Symbol

DAYS = 1_258
BESIDE = Path(__file__).parents[4] / "shared" / "data"
STOCKS = "sp500_daily_5y"


def stocks(symbols: int, rows: int = DAYS) -> Work:
    """So many symbols that have a bar on each of the last `rows` days."""
    folder = Path(os.environ.get("ARGO_BAR_DATA", BESIDE)) / STOCKS
    try:
        # Benchmarks may use what stands above the package that they measure.
        from argo_adapters.bars.parquet import read_parquet  # noqa: PLC0415
    except ImportError:
        return walk(rows, symbols, bar_s=86_400, seed=500)
    if not folder.is_dir():
        return walk(rows, symbols, bar_s=86_400, seed=500)
    panel = read_parquet(folder)
    panel = panel.cut(panel.rows - rows, panel.rows)
    whole = np.flatnonzero(panel.there.all(axis=0))
    # Some have holes, which everybody treats differently; others stand in for them a second time.
    places = np.resize(whole, symbols)
    again = max(0, symbols - len(whole))
    told = f"{STOCKS}, the last {rows} days of {min(symbols, len(whole))} stocks that have them all"
    if again:
        told += f", {again} of them a second time under other names"
    names = [panel.symbols[place] for place in places]
    return Work(
        origin=told,
        bar_s=panel.bar_s,
        symbols=tuple(f"{one}2" if at >= len(whole) else one for at, one in enumerate(names)),
        known_us=panel.known_us,
        session=panel.session,
        **{name: np.ascontiguousarray(getattr(panel, name)[:, places]) for name in TABLES},
    )


def minutes(rows: int) -> Work:
    """One symbol's minutes, 390 a day."""
    return walk(rows, 1, bar_s=60, seed=100)


def panel_of(work: Work) -> Panel:
    """The same bars as Argo has them."""
    return Panel(
        name="benchmark",
        origin=work.origin,
        symbols=tuple(Symbol(one) for one in work.symbols),
        bar_s=work.bar_s,
        known_us=work.known_us,
        session=work.session,
        **{name: getattr(work, name) for name in TABLES},
    )
