"""Long while a short moving average of closes is above a long one."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from argo_core.backtest.bars.arrays import Ints
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.verdicts import Verdicts
from argo_core.backtest.kernel.crossing import crossed
from argo_core.backtest.strategies.market_facts import FactsOf
from argo_core.errors import InvalidInput

SURE_BP = 10_000
Said = tuple[npt.NDArray[np.int8], npt.NDArray[np.int16]]


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
        # Written by columns of the whole table: holes are filled with what is computed again below.
        said = _nothing(panel.close.shape)
        self._cross(panel.close, said)
        for place in np.flatnonzero((panel.close == 0).any(axis=0)):
            rows = np.flatnonzero(panel.close[:, place])
            again = _nothing((len(rows), 1))
            self._cross(np.ascontiguousarray(panel.close[rows, place][:, None]), again)
            for table in (0, 1):
                said[table][:, place] = 0
                said[table][rows, place] = again[table][:, 0]
        direction, confidence = said
        # Theirs alone, so that no copy is needed to keep it so.
        direction.flags.writeable = confidence.flags.writeable = False
        facts = FactsOf(panel, self.horizon_bars)
        return Verdicts(
            direction=direction,
            confidence_bp=confidence,
            stray_ppm=facts.strays,
            adv=facts.average_daily_values,
        )

    def _cross(self, close: Ints, said: Said) -> None:
        crossed(close, self.fast, self.slow, SURE_BP, said)


def _nothing(shape: tuple[int, ...]) -> Said:
    return np.zeros(shape, dtype=np.int8), np.zeros(shape, dtype=np.int16)
