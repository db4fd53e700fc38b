"""backtrader: one broker, a feed for each symbol."""

from collections.abc import Callable

import backtrader as bt
import pandas as pd
from benchmarks._work import FAST, ORDER, SLOW, Work


class Crossing(bt.Strategy):
    def __init__(self) -> None:
        self.averages = [
            (data, bt.indicators.SMA(data.close, period=FAST), bt.indicators.SMA(data, period=SLOW))
            for data in self.datas
        ]

    def next(self) -> None:
        for data, fast, slow in self.averages:
            held = self.getposition(data).size
            if not held and fast[0] > slow[0]:
                shares = int(ORDER // data.close[0])
                if shares:
                    self.buy(data=data, size=shares)
            elif held and fast[0] < slow[0]:
                self.close(data=data)


def prepare(work: Work) -> Callable[[], float]:
    times = pd.to_datetime(work.known_us, unit="us")
    columns = {name: work.dollars(name) for name in ("open", "high", "low", "close")}
    columns["volume"] = work.volume.astype(float)
    frames = [
        pd.DataFrame({name: table[:, one] for name, table in columns.items()}, index=times)
        for one in range(len(work.symbols))
    ]

    def run() -> float:
        cerebro = bt.Cerebro(stdstats=False)
        cerebro.addstrategy(Crossing)
        for frame in frames:
            cerebro.adddata(bt.feeds.PandasData(dataname=frame))
        cerebro.broker.setcash(work.capital)
        cerebro.run()
        return float(cerebro.broker.getvalue())

    return run
