"""One source that is believed alone: what the consensus is to be better than."""

from collections.abc import Mapping

import numpy as np
from attrs import evolve, field, frozen

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.scores import Scores
from argo_core.backtest.bars.verdicts import Verdicts
from argo_core.backtest.strategies.consensus import RECOMPUTED
from argo_core.backtest.strategies.market_facts import FactsOf
from argo_core.consensus.opinion import STEPS, SourceName
from argo_core.errors import InvalidInput


@frozen
class Alone:
    """Buys where the source's strength is at `theta_bp` or above, sells where at its negative.

    Without `recorded` scores the source must be one that bars tell. There is no quorum of one, so
    that the live engine would never trade this.
    """

    source: SourceName
    theta_bp: int = 7_500
    horizon_bars: int = 60
    recorded: Scores | None = None
    name: str = field(init=False)

    @name.default
    def _named(self) -> str:
        return f"alone-{self.source.replace('_', '-')}"

    def __attrs_post_init__(self) -> None:
        if self.recorded is None and self.source not in RECOMPUTED:
            problem = f"bars do not tell what {self.source} said"
            raise InvalidInput(
                "source", problem, f"give its scores, or use {', '.join(RECOMPUTED)}"
            )
        if not 0 < self.theta_bp <= STEPS:
            raise InvalidInput("theta_bp", f"{self.theta_bp} is out of range", "give 1 to 10000")

    @property
    def parameters(self) -> Mapping[str, str]:
        """What it was made with."""
        return {
            "source": self.source,
            "theta_bp": str(self.theta_bp),
            "horizon_bars": str(self.horizon_bars),
            "recorded": self.recorded.sha256 if self.recorded else "",
        }

    def upto(self, rows: int) -> "Alone":
        """The same as it could have been made when `rows` rows were known."""
        return self if self.recorded is None else evolve(self, recorded=self.recorded.upto(rows))

    def verdicts(self, panel: Panel) -> Verdicts:
        """What the source says at every close."""
        facts = FactsOf(panel, self.horizon_bars)
        series = facts.series
        if self.recorded is None:
            told = RECOMPUTED[self.source](series)
        else:
            told = series.flat(self.recorded.strength)
        confidence = np.rint(np.nan_to_num(told) * STEPS).astype(np.int16)
        strong = np.abs(confidence) >= self.theta_bp
        return Verdicts(
            direction=series.table(np.where(strong, np.sign(confidence), 0), 0),
            confidence_bp=series.table(confidence, 0),
            stray_ppm=facts.strays,
            adv=facts.average_daily_values,
        )
