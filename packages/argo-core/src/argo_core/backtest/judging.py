"""What scores on bars came to, for the skill of their sources."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.scores import Scores
from argo_core.consensus.regime import Regime
from argo_core.errors import InvalidInput
from argo_core.market.moment import from_micros
from argo_core.signals.skill.judged import Judged

_MICRO = 1_000_000


def judged(
    panel: Panel,
    scores: Sequence[Scores],
    horizon_bars: int,
    moods: npt.NDArray[np.str_] | None = None,
) -> Iterator[Judged]:
    """Every `horizon_bars`-th opinion of each source on each symbol, and whether the price rose.

    A horizon is counted in bars that the symbol has, from close to close, and the next begins where
    it ends, so that no two of them overlap. What a source did not say and a price that ended where
    it began judge nobody. Its length in seconds is that of so many bars. `moods` (T, N) are the
    market's, as `argo_core.backtest.strategies.moods` tells them; without them they are unknown.

    Raises:
        InvalidInput: the scores are of other bars, or the horizon is not ahead.
    """
    if horizon_bars < 1:
        raise InvalidInput("horizon_bars", f"{horizon_bars} is not ahead", "give 1 or more")
    for one in scores:
        if one.strength.shape != panel.close.shape:
            problem = f"{one.source}'s shape is {one.strength.shape}"
            raise InvalidInput("scores", problem, "give the scores of these bars")
    for place, symbol in enumerate(panel.symbols):
        rows = np.flatnonzero(panel.close[:, place])[::horizon_bars]
        for begin, end in zip(rows[:-1].tolist(), rows[1:].tolist(), strict=True):
            moved = int(panel.close[end, place] - panel.close[begin, place])
            for one in scores:
                strength = float(one.strength[begin, place])
                if moved and not math.isnan(strength):
                    yield Judged(
                        source=one.source,
                        symbol=symbol,
                        horizon_s=horizon_bars * panel.bar_s,
                        regime=Regime.UNKNOWN if moods is None else Regime(moods[begin, place]),
                        strength=strength,
                        went_up=moved > 0,
                        at=from_micros(int(panel.known_us[begin])),
                    )
