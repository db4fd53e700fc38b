"""pybroker: one portfolio, a function that is asked for each symbol and bar."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pybroker
from benchmarks._work import FAST, ORDER, SLOW, Work
from pybroker import ExecContext, PriceType, Strategy, StrategyConfig


def averages(bars: int) -> pybroker.Indicator:
    def average(data: pybroker.BarData) -> np.ndarray:
        return pd.Series(data.close).rolling(bars).mean().to_numpy()

    return pybroker.indicator(f"average_{bars}", average)


def crossing(ctx: ExecContext) -> None:
    fast, slow = ctx.indicator(f"average_{FAST}")[-1], ctx.indicator(f"average_{SLOW}")[-1]
    held = ctx.long_pos()
    if not held and fast > slow:
        ctx.buy_shares = int(ORDER // ctx.close[-1])
        ctx.buy_fill_price = PriceType.OPEN
    elif held and fast < slow:
        ctx.sell_all_shares()
        ctx.sell_fill_price = PriceType.OPEN


def prepare(work: Work) -> Callable[[], float]:
    pybroker.disable_logging()
    pybroker.disable_progress_bar()
    times = pd.to_datetime(work.known_us, unit="us").astype("datetime64[ns]")
    frame = pd.DataFrame(
        {
            "symbol": np.repeat(work.symbols, work.rows),
            "date": np.tile(times, len(work.symbols)),
            **{name: work.dollars(name).T.ravel() for name in ("open", "high", "low", "close")},
            "volume": work.volume.T.ravel(),
        }
    )
    config = StrategyConfig(
        initial_cash=work.capital, round_fill_price=False, round_test_result=False
    )
    indicators = [averages(bars) for bars in (FAST, SLOW)]

    def run() -> float:
        strategy = Strategy(frame, times[0], times[-1], config)
        strategy.add_execution(crossing, list(work.symbols), indicators=indicators)
        found = strategy.backtest(calc_bootstrap=False)
        return float(found.portfolio["equity"].iloc[-1])

    return run
