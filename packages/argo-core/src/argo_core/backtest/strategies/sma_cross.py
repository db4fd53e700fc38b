"""Long while a short moving average of closes is above a long one."""

from collections.abc import Mapping

import numpy as np
from attrs import field, frozen

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.verdicts import Verdicts
from argo_core.backtest.strategies.market_facts import average_daily_values, strays
from argo_core.backtest.strategies.series import series_of
from argo_core.errors import InvalidInput

SURE_BP = 10_000


@frozen
class SmaCross:
    """Buys at closes where the mean of `fast` closes is above that of `slow`, sells where below.

    Means are over the bars that a symbol has. `horizon_bars` is what stops and targets are meant
    for. Before `slow` bars it holds.
    """

    fast: int = 10
    slow: int = 30
    horizon_bars: int = 20
    name: str = field(default="sma-cross", init=False)

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.fast < self.slow:
            problem = f"{self.fast} is not below slow {self.slow}"
            raise InvalidInput("fast", problem, "give 1 <= fast < slow")
        if self.horizon_bars < 1:
            raise InvalidInput("horizon_bars", f"{self.horizon_bars}", "give 1 or more")

    @property
    def parameters(self) -> Mapping[str, str]:
        """What it was made with."""
        return {name: str(getattr(self, name)) for name in ("fast", "slow", "horizon_bars")}

    def verdicts(self, panel: Panel) -> Verdicts:
        """What it says at every close; sums of whole units, so that nothing is rounded."""
        direction = np.zeros(panel.close.shape, dtype=np.int8)
        complete = (panel.close > 0).all(axis=0)
        whole = np.flatnonzero(complete)
        if len(whole) and panel.rows >= self.slow:
            direction[:, whole] = self._crossed(panel.close[:, whole])
        for place in np.flatnonzero(~complete):
            rows = np.flatnonzero(panel.close[:, place])
            if len(rows) >= self.slow:
                direction[rows, place] = self._crossed(panel.close[rows, place][:, None])[:, 0]
        series = series_of(panel)
        return Verdicts(
            direction=direction,
            confidence_bp=direction.astype(np.int16) * SURE_BP,
            stray_ppm=strays(series, self.horizon_bars),
            adv=average_daily_values(series),
        )

    def _crossed(self, close: np.ndarray) -> np.ndarray:
        sums = np.zeros((len(close) + 1, close.shape[1]), dtype=np.int64)
        np.cumsum(close, axis=0, out=sums[1:])
        first, fast, slow = self.slow, self.fast, self.slow
        short = (sums[first:] - sums[first - fast : -fast]) * slow
        long = (sums[first:] - sums[first - slow : -slow]) * fast
        crossed = np.zeros(close.shape, dtype=np.int8)
        crossed[first - 1 :] = np.sign(short - long)
        return crossed
