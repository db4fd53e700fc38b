"""backtesting.py: one symbol at a time, each with its own cash; the accounts are added up."""

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy
from benchmarks._work import FAST, ORDER, SLOW, Work


def average(close: pd.Series, bars: int) -> np.ndarray:
    # It skips rows in which an indicator is NaN, and the one after them too.
    return np.nan_to_num(pd.Series(close).rolling(bars).mean().to_numpy())


class Crossing(Strategy):
    def init(self) -> None:
        self.fast = self.I(average, self.data.Close, FAST)
        self.slow = self.I(average, self.data.Close, SLOW)

    def next(self) -> None:
        if self.slow[-1] == 0:
            return
        if not self.position and self.fast[-1] > self.slow[-1]:
            shares = int(ORDER // self.data.Close[-1])
            if shares:
                self.buy(size=shares)
        elif self.position and self.fast[-1] < self.slow[-1]:
            self.position.close()


def prepare(work: Work) -> Callable[[], float]:
    warnings.simplefilter("ignore")
    times = pd.to_datetime(work.known_us, unit="us")
    columns = {name.capitalize(): work.dollars(name) for name in ("open", "high", "low", "close")}
    columns["Volume"] = work.volume.astype(float)
    frames = [
        pd.DataFrame({name: table[:, one] for name, table in columns.items()}, index=times)
        for one in range(len(work.symbols))
    ]

    def run() -> float:
        return sum(
            float(Backtest(frame, Crossing, cash=2 * ORDER).run()["Equity Final [$]"])
            for frame in frames
        )

    return run
