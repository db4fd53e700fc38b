"""vectorbt: all symbols side by side, each with its own cash; the accounts are added up."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import vectorbt as vbt
from benchmarks._work import FAST, ORDER, SLOW, Work


def prepare(work: Work) -> Callable[[], float]:
    times = pd.to_datetime(work.known_us, unit="us")
    columns = list(work.symbols)
    close = pd.DataFrame(work.dollars("close"), index=times, columns=columns)
    opened = pd.DataFrame(work.dollars("open"), index=times, columns=columns)

    def run() -> float:
        fast = vbt.MA.run(close, FAST).ma.to_numpy()
        slow = vbt.MA.run(close, SLOW).ma.to_numpy()
        # What a close says is done at the next open.
        begun, ended = np.zeros((2, *close.shape), dtype=bool)
        begun[1:], ended[1:] = (fast > slow)[:-1], (fast < slow)[:-1]
        size = np.full(close.shape, np.nan)
        size[1:] = np.floor(ORDER / close.to_numpy()[:-1])
        portfolio = vbt.Portfolio.from_signals(
            close,
            entries=pd.DataFrame(begun, index=times, columns=columns),
            exits=pd.DataFrame(ended, index=times, columns=columns),
            price=opened,
            size=size,
            init_cash=2 * ORDER,
            freq="1D",
        )
        return float(portfolio.value().iloc[-1].sum())

    return run
