"""The Argo strategy on bars: Weighted Consensus of what can be known from them."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from attrs import evolve, field, frozen

from argo_core.backtest.bars.arrays import Floats
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.scores import Scores
from argo_core.backtest.bars.verdicts import Verdicts
from argo_core.backtest.kernel.pooling import Formula, pool_all
from argo_core.backtest.strategies.market_facts import FactsOf
from argo_core.backtest.strategies.series import series_of
from argo_core.backtest.strategies.technical_scores import alpha_vantage, massive
from argo_core.consensus.opinion import ALPHA_VANTAGE, MASSIVE, SourceName
from argo_core.consensus.profile import Profile
from argo_core.errors import InvalidInput

RECOMPUTED = {MASSIVE: massive, ALPHA_VANTAGE: alpha_vantage}
"""Sources whose opinions bars tell; language models have read the future and are never asked."""


@frozen
class Consensus:
    """Massive's and Alpha Vantage's opinions computed again, others as `recorded`.

    A source of the profile that has neither is disabled and stamped on the profile; the quorum is
    checked as always. `recorded` are scores on the very rows of the panel. `horizon_bars` is what
    stops and targets are meant for.
    """

    profile: Profile = field(factory=Profile)
    horizon_bars: int = 60
    recorded: tuple[Scores, ...] = ()
    name: str = field(default="consensus", init=False)

    def __attrs_post_init__(self) -> None:
        if self.horizon_bars < 1:
            raise InvalidInput("horizon_bars", f"{self.horizon_bars}", "give 1 or more")
        names = [one.source for one in self.recorded]
        strangers = [one for one in names if one not in self.profile.sources]
        if strangers or len(set(names)) < len(names):
            problem = f"{', '.join(strangers) or 'one source'} is unknown or doubled"
            raise InvalidInput("recorded", problem, "give one table for each source of the profile")

    @property
    def stamped(self) -> Profile:
        """The profile without the sources that nobody can hear here."""
        heard = {*RECOMPUTED, *(one.source for one in self.recorded)}
        return self.profile.without(*(name for name in self.profile.sources if name not in heard))

    @property
    def parameters(self) -> Mapping[str, str]:
        """What it was made with."""
        profile = self.stamped
        sources = " ".join(
            f"{name}={one.weight!r}/{one.refresh_after_s:g}s/{one.half_life_s:g}s"
            + ("/market" if one.market_data else "")
            for name, one in sorted(profile.sources.items())
        )
        return {
            "profile": profile.name,
            "sources": sources,
            "theta_bp": str(profile.theta_bp),
            "tau": repr(profile.tau),
            "lam": repr(profile.lam),
            "quorum": repr(profile.quorum),
            "horizon_bars": str(self.horizon_bars),
            "recorded": " ".join(sorted(f"{one.source}={one.sha256}" for one in self.recorded)),
        }

    def scores(self, panel: Panel) -> tuple[Scores, ...]:
        """What each source says at every close, in order of their names."""
        series = series_of(panel)
        told = {one.source: one for one in self.recorded}
        for source in self._recomputed():
            told[source] = Scores(source, series.table(RECOMPUTED[source](series), math.nan))
        return tuple(told[source] for source in sorted(told))

    def verdicts(self, panel: Panel) -> Verdicts:
        """What the sources together say at every close."""
        facts = FactsOf(panel, self.horizon_bars)
        series = facts.series
        voices = [Voice(name, RECOMPUTED[name](series), None) for name in self._recomputed()]
        for one in self.recorded:
            age_s = None if one.age_s is None else series.flat(one.age_s)
            voices.append(Voice(one.source, series.flat(one.strength), age_s))
        direction, confidence = pooled(voices, self.stamped)
        return Verdicts(
            direction=series.table(direction, 0),
            confidence_bp=series.table(confidence, 0),
            stray_ppm=facts.strays,
            adv=facts.average_daily_values,
        )

    def _recomputed(self) -> list[SourceName]:
        recorded = {one.source for one in self.recorded}
        return [
            name for name in RECOMPUTED if name in self.stamped.sources and name not in recorded
        ]

    def upto(self, rows: int) -> "Consensus":
        """The same as it could have been made when `rows` rows were known."""
        return evolve(self, recorded=tuple(one.upto(rows) for one in self.recorded))


class Voice(NamedTuple):
    """What one source says of K bars: strengths, NaN where it is silent, and ages in seconds.

    `age_s` is None where every opinion is fresh.
    """

    source: SourceName
    strength: Floats
    age_s: Floats | None


def pooled(
    voices: Sequence[Voice], profile: Profile
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int16]]:
    """Directions and signed confidence (K) of views of K bars."""
    policies = [profile.sources[one.source] for one in voices]
    formula = Formula(
        weights=np.array([one.weight for one in policies]),
        refresh_after_s=np.array([float(one.refresh_after_s) for one in policies]),
        half_life_s=np.array([float(one.half_life_s) for one in policies]),
        max_age_s=np.array([float(one.max_age_s) for one in policies]),
        market_data=np.array([one.market_data for one in policies]),
        tau=profile.tau,
        lam=profile.lam,
        quorum=profile.quorum,
        theta_bp=profile.theta_bp,
    )
    strength = np.array([one.strength for one in voices])
    age_s = np.empty((len(voices), 0))
    if any(one.age_s is not None for one in voices):
        fresh = np.zeros(strength.shape[1])
        age_s = np.array([fresh if one.age_s is None else one.age_s for one in voices])
    confidence = np.zeros(strength.shape[1], dtype=np.int16)
    direction = np.zeros(strength.shape[1], dtype=np.int8)
    pool_all(strength, age_s, formula, confidence, direction)
    return direction, confidence
