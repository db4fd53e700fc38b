"""bt: it fills at the only price that a row has, so rows are opens, and one of last closes."""

from collections.abc import Callable

import bt
import numpy as np
import pandas as pd
from benchmarks._work import FAST, ORDER, SLOW, Work


class Cross(bt.Algo):
    """Buys and sells what has crossed, by the shares."""

    def __init__(self, close: pd.DataFrame) -> None:
        super().__init__()
        fast, slow = close.rolling(FAST).mean(), close.rolling(SLOW).mean()
        # What a close says is done at the next row's price.
        self._up = (fast > slow).shift(1, fill_value=False).to_numpy()
        self._down = (fast < slow).shift(1, fill_value=False).to_numpy()
        self._size = np.floor(ORDER / close.shift(1)).to_numpy()
        self._rows = {time: row for row, time in enumerate(close.index)}
        self._names = list(close.columns)
        self._held = np.zeros(len(self._names), dtype=bool)

    def __call__(self, target: bt.Strategy) -> bool:
        row = self._rows.get(target.now)
        if row is None:
            return True
        begun, ended = ~self._held & self._up[row], self._held & self._down[row]
        for one in np.flatnonzero(begun):
            if self._size[row, one]:
                target.transact(self._size[row, one], child=self._names[one])
        for one in np.flatnonzero(ended):
            target.close(self._names[one])
        self._held[begun], self._held[ended] = True, False
        return True


def prepare(work: Work) -> Callable[[], float]:
    times = pd.to_datetime(work.known_us, unit="us")
    close = pd.DataFrame(work.dollars("close"), index=times, columns=list(work.symbols))
    prices = pd.DataFrame(work.dollars("open"), index=times, columns=list(work.symbols))
    prices.loc[times[-1] + pd.Timedelta(seconds=work.bar_s)] = close.iloc[-1]

    def run() -> float:
        strategy = bt.Strategy("crossing", [Cross(close)])
        test = bt.Backtest(strategy, prices, initial_capital=work.capital, progress_bar=False)
        test.run()
        return float(test.strategy.value)

    return run
