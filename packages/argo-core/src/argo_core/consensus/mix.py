"""The formula of Weighted Consensus on bare numbers: what the whole view and the gate share.

With weight u and strength x of each opinion that counts::

    κ = Σu          P = Σu·max(x, 0)/κ     N = Σu·max(-x, 0)/κ            S = P - N     G = P + N
    A = |S|/G  (1 if G = 0)                ρ = (1 + τ)κ/(κ + τ)
    C = ρ · A^λ · S                        φ = ρ · A^λ · u·x/κ            Σφ = C
"""

from collections.abc import Collection, Sequence
from math import fsum
from typing import NamedTuple

from argo_core.consensus.opinion import STEPS, SourceName
from argo_core.consensus.profile import Profile, SourcePolicy
from argo_core.errors import InvalidInput


class Mix(NamedTuple):
    """What some weights and strengths amount to; `exact` are their φ in unrounded basis points.

    A tuple, because the gate makes thousands of them a beat and keeps none.
    """

    confidence_bp: int
    coverage: float
    agreement: float
    shrink: float
    buy: float
    sell: float
    exact: list[float]


_SILENCE = Mix(0, 0.0, 1.0, 0.0, 0.0, 0.0, [])


def fade(policy: SourcePolicy, age_s: float) -> float:
    """The weight u an opinion of that age still has; zero past the source's greatest age."""
    overdue = age_s - policy.refresh_after_s
    if overdue <= 0:
        return policy.weight
    if age_s > policy.max_age_s:
        return 0.0
    left: float = 2.0 ** (-overdue / policy.half_life_s)
    return policy.weight * left


def refused(source: SourceName, sources: Collection[SourceName]) -> InvalidInput:
    """The error of an opinion that cannot be counted: a stranger's, or a second of one source."""
    return InvalidInput(
        "opinions",
        f"{source} is {'doubled' if source in sources else 'not in the profile'}",
        "give at most one opinion of each enabled source",
    )


def mix(weights: Sequence[float], strengths: Sequence[float], profile: Profile) -> Mix:
    """As many weights above zero as strengths, as one. Order does not matter: sums are exact.

    This runs for every symbol whose opinions change and twice for every question to the gate.
    """
    if not weights:
        return _SILENCE
    coverage = min(1.0, fsum(weights))
    parts, buys, sells = [], [], []
    for weight, strength in zip(weights, strengths, strict=True):
        part = weight * strength / coverage
        parts.append(part)
        if part > 0:
            buys.append(part)
        elif part < 0:
            sells.append(-part)
    buy, sell = fsum(buys), fsum(sells)
    net, gross = buy - sell, buy + sell
    agreement = abs(net) / gross if gross > 0 else 1.0
    tau = profile.tau
    shrink = (1 + tau) * coverage / (coverage + tau)
    # A tie has agreement 0, and 0 to the power 0 would wrongly keep a side that does not exist.
    scale = shrink * agreement**profile.lam * STEPS if agreement > 0 else 0.0
    exact = [scale * part for part in parts]
    return Mix(round(scale * net), coverage, agreement, shrink, buy, sell, exact)
