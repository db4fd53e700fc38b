"""AdaHedge: weights that follow whoever has lost least, at a rate that it finds itself.

S. de Rooij, T. van Erven, P. D. Grünwald and W. M. Koolen, "Follow the Leader If You Can, Hedge If
You Must" (2014), with a prior b in place of the uniform one::

    h  ∝ b · exp(-η L)      η = ln K / Δ       Δ += h·l - m      m = -1/η ln Σ h exp(-η l)

L are the losses added up, Δ the mixability gaps m added up; while Δ = 0 the prior is divided among
those that have lost least. The regret to expert k is at most Δ · (1 + ln(1/b_k) / ln K).
"""

from collections.abc import Sequence
from math import exp, fsum, inf, log

from attrs import evolve, field, frozen

from argo_core.consensus.profile import ROUNDING
from argo_core.errors import InvalidInput

GAMMA = 0.25
"""How much of the published weights is learned; the rest is as configured."""


@frozen
class AdaHedge:
    """Where it stands after some rounds.

    `prior` are K weights above 0 that add up to 1. `losses` L are added up, and so are the
    mixability gaps, `gap` Δ.
    """

    prior: tuple[float, ...]
    losses: tuple[float, ...] = field()
    gap: float = 0.0

    @losses.default
    def _nothing(self) -> tuple[float, ...]:
        return (0.0,) * len(self.prior)

    def __attrs_post_init__(self) -> None:
        # Asked this way round it refuses NaN as well.
        if not (self.prior and min(self.prior) > 0 and abs(fsum(self.prior) - 1) <= ROUNDING):
            problem = f"{self.prior} are no weights"
            raise InvalidInput("prior", problem, "give weights above 0 that add up to 1")

    @property
    def rate(self) -> float:
        """η, infinite while nothing has been lost by mixing."""
        # Alone, nobody loses by mixing, whatever rounding says.
        mixes = self.gap > 0 and len(self.prior) > 1
        return log(len(self.prior)) / self.gap if mixes else inf

    def weights(self) -> tuple[float, ...]:
        """What each counts for in the next round; they add up to 1."""
        return self._mix(self.rate, self.losses)[0]

    def after(self, losses: Sequence[float | None]) -> "AdaHedge":
        """One round later; None is the loss of who said nothing.

        Those lose what the others lose in the mean by their weights, which tells nothing about
        them: Y. Freund et al., "Using and Combining Predictors That Specialize" (1997).
        """
        weights, before = self._mix(self.rate, self.losses)
        lost = _mean(losses, weights)
        if lost is None:
            lost = _mean(losses, self.prior)
        if lost is None:
            return self
        whole = [lost if one is None else one for one in losses]
        total = tuple(old + new for old, new in zip(self.losses, whole, strict=True))
        _, after = self._mix(self.rate, total)
        hedged = fsum(w * one for w, one in zip(weights, whole, strict=True))
        # Rounding aside a gap is never negative.
        gap = self.gap + max(0.0, hedged - (after - before))
        return evolve(self, losses=total, gap=gap)

    def _mix(self, rate: float, losses: Sequence[float]) -> tuple[tuple[float, ...], float]:
        """The weights at these losses, and the mix loss of all rounds together."""
        least = min(losses)
        if rate == inf:
            heft = [b if one == least else 0.0 for b, one in zip(self.prior, losses, strict=True)]
            total = fsum(heft)
            return tuple(one / total for one in heft), least
        heft = [b * exp(-rate * (one - least)) for b, one in zip(self.prior, losses, strict=True)]
        total = fsum(heft)
        return tuple(one / total for one in heft), least - log(total) / rate


def blend(
    prior: Sequence[float], learned: Sequence[float], gamma: float = GAMMA
) -> tuple[float, ...]:
    """The weights to publish, (1 - γ) b + γ h; none is further from b than γ max(b, 1 - b)."""
    return tuple((1 - gamma) * b + gamma * h for b, h in zip(prior, learned, strict=True))


def _mean(losses: Sequence[float | None], weights: Sequence[float]) -> float | None:
    pairs = [(w, one) for w, one in zip(weights, losses, strict=True) if one is not None]
    awake = fsum(w for w, _ in pairs)
    return fsum(w * one for w, one in pairs) / awake if awake > 0 else None
