"""How much each source counts, how fast it fades, and when the sum is a signal."""

import math
from collections.abc import Mapping

from attrs import evolve, field, frozen

from argo_core.consensus.opinion import (
    ALPHA_VANTAGE,
    GROK,
    MASSIVE,
    SONAR,
    STEPS,
    SourceName,
    finite,
)
from argo_core.errors import InvalidInput

# Decimal shares such as 0.1 are not exact in binary; their sum is 1 to within far less than this.
ROUNDING = 1e-9


@frozen
class SourcePolicy:
    """One source's standing in the consensus and in the refresh plan.

    `weight` is its base share b. Decay starts past `refresh_after_s` with `half_life_s`; an opinion
    older than refresh_after + 4 half-lives is no opinion. `min_interval_s` bounds how often a price
    move may ask again. `max_symbols` bounds one ask. `timeout_s` is wall-clock seconds per ask.
    `market_data` marks sources that look at prices, `paid_ai` those the gate may spare.
    """

    weight: float
    half_life_s: float
    refresh_after_s: float
    min_interval_s: float
    timeout_s: float
    max_symbols: int
    market_data: bool = False
    paid_ai: bool = False

    def __attrs_post_init__(self) -> None:
        for name in (
            "half_life_s",
            "refresh_after_s",
            "min_interval_s",
            "timeout_s",
            "max_symbols",
        ):
            if finite(name, getattr(self, name)) <= 0:
                raise InvalidInput(
                    name, f"{getattr(self, name)} is not positive", "give a value > 0"
                )
        if not 0 < finite("weight", self.weight) <= 1:
            raise InvalidInput("weight", f"{self.weight} is not a share", "give a value in (0, 1]")

    @property
    def max_age_s(self) -> float:
        """The age in seconds past which an opinion counts as missing."""
        return self.refresh_after_s + 4 * self.half_life_s


def _seed_sources() -> dict[SourceName, SourcePolicy]:
    return {
        MASSIVE: SourcePolicy(0.40, 30, 15, 5, 4, 10_000, market_data=True),
        ALPHA_VANTAGE: SourcePolicy(0.25, 300, 150, 30, 10, 10_000, market_data=True),
        GROK: SourcePolicy(0.20, 120, 120, 30, 60, 40, paid_ai=True),
        SONAR: SourcePolicy(0.15, 300, 300, 60, 60, 40, paid_ai=True),
    }


@frozen
class Profile:
    """Weighted Consensus v6.0, with every number it uses.

    `tau` shrinks thin coverage, `lam` punishes disagreement, `quorum` is the least coverage,
    `theta_bp` the confidence in basis points at which a view becomes a signal. `horizon_s` is how
    far ahead signals look. `publish_move` is the relative price move that refreshes a standing
    signal, `publish_step_bp` the change of confidence that does. `max_quote_age_s` is the exchange
    age past which a price is stale. A cycle begins every `beat_s` and waits `price_deadline_s` for
    prices; an ask for them is given up after `price_timeout_s`, and a fallback feed is asked every
    `fallback_interval_s` at most. `name` changes with the set of enabled sources.
    """

    sources: Mapping[SourceName, SourcePolicy] = field(factory=_seed_sources)
    name: str = "weighted-consensus-6.0"
    tau: float = 0.25
    lam: float = 0.5
    quorum: float = 0.50
    theta_bp: int = 7_500
    horizon_s: int = 3_600
    publish_move: float = 0.005
    publish_step_bp: int = 100
    max_quote_age_s: float = 300.0
    beat_s: float = 5.0
    price_deadline_s: float = 0.25
    price_timeout_s: float = 4.0
    fallback_interval_s: float = 60.0

    def __attrs_post_init__(self) -> None:
        if not self.sources:
            raise InvalidInput("sources", "no source is enabled", "enable at least one")
        total = math.fsum(policy.weight for policy in self.sources.values())
        if abs(total - 1) > ROUNDING:
            problem = f"the weights sum to {total:.6g}"
            raise InvalidInput("weights", problem, "make the enabled sources' weights sum to 1")
        for name in ("tau", "lam", "quorum", "publish_move", "max_quote_age_s", "beat_s"):
            if finite(name, getattr(self, name)) < 0:
                raise InvalidInput(name, f"{getattr(self, name)} is negative", "give zero or more")
        if not 0 < self.theta_bp <= STEPS:
            raise InvalidInput("theta_bp", f"{self.theta_bp} is out of range", "give 1 to 10000")

    def without(self, *disabled: SourceName) -> "Profile":
        """The profile with sources switched off by the operator: renormalised, its name stamped.

        A source that merely *failed* stays in the profile and lowers coverage instead.
        """
        kept = {name: policy for name, policy in self.sources.items() if name not in disabled}
        if len(kept) == len(self.sources):
            return self
        total = math.fsum(policy.weight for policy in kept.values()) or 1.0
        scaled = {n: evolve(p, weight=p.weight / total) for n, p in kept.items()}
        stamp = "".join(f"-no-{name}" for name in sorted(set(disabled) & set(self.sources)))
        return evolve(self, sources=scaled, name=self.name + stamp)
