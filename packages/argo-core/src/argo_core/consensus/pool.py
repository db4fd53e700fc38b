"""Weighted Consensus v6.0: many opinions on one symbol become one view with exact attribution.

With base weight b, age and strength x of each opinion, refresh age r, half-life h::

    u = b · 2^(-max(0, age - r)/h)  while age ≤ r + 4h, otherwise and when missing 0
    κ = Σu          P = Σu·max(x, 0)/κ     N = Σu·max(-x, 0)/κ            S = P - N     G = P + N
    A = |S|/G  (1 if G = 0)                ρ = (1 + τ)κ/(κ + τ)
    C = ρ · A^λ · S                        φ = ρ · A^λ · u·x/κ            Σφ = C
"""

from collections.abc import Iterable
from datetime import datetime
from math import fsum, trunc

from attrs import frozen

from argo_core.consensus.opinion import STEPS, Opinion, SourceName
from argo_core.consensus.profile import Profile, SourcePolicy
from argo_core.errors import InvalidInput


@frozen
class Share:
    """One counted opinion: its faded `weight` u, and its contribution φ in signed basis points."""

    source: SourceName
    strength: float
    weight: float
    age_s: float
    phi_bp: int
    raw_sha256: str


@frozen
class View:
    """What the sources together think of one symbol.

    `confidence_bp` is C in signed basis points, rounded before anything is compared with it; the
    shares' `phi_bp` add up to it exactly. `coverage` κ and `agreement` A are in [0, 1]; `buy` P and
    `sell` N are the two sides' strengths; `shrink` is ρ. `faded` sources spoke too long ago to
    count, `missing` ones have not spoken.
    """

    confidence_bp: int
    coverage: float
    agreement: float
    shrink: float
    buy: float
    sell: float
    shares: tuple[Share, ...]
    faded: tuple[SourceName, ...]
    missing: tuple[SourceName, ...]


def fade(policy: SourcePolicy, age_s: float) -> float:
    """The weight u an opinion of that age still has; zero past the source's greatest age."""
    if age_s > policy.max_age_s:
        return 0.0
    overdue = age_s - policy.refresh_after_s
    return policy.weight if overdue <= 0 else policy.weight * 2.0 ** (-overdue / policy.half_life_s)


def pool(opinions: Iterable[Opinion], profile: Profile, now: datetime) -> View:
    """The sources' common view at `now`. Order does not matter; sums are exactly rounded.

    Raises:
        InvalidInput: an opinion's source is not in the profile, or two come from the same source.
    """
    counted: list[tuple[Opinion, float, float]] = []
    faded: list[SourceName] = []
    seen: set[SourceName] = set()
    for opinion in sorted(opinions, key=_by_source):
        policy = profile.sources.get(opinion.source)
        if policy is None or opinion.source in seen:
            raise InvalidInput(
                "opinions",
                f"{opinion.source} is {'doubled' if policy else 'not in the profile'}",
                "give at most one opinion of each enabled source",
            )
        seen.add(opinion.source)
        age = opinion.age_s(now)
        weight = fade(policy, age)
        if weight > 0:
            counted.append((opinion, weight, age))
        else:
            faded.append(opinion.source)
    missing = tuple(sorted(name for name in profile.sources if name not in seen))
    return _combine(counted, profile, tuple(faded), missing)


def _by_source(opinion: Opinion) -> str:
    return opinion.source


def _combine(
    counted: list[tuple[Opinion, float, float]],
    profile: Profile,
    faded: tuple[SourceName, ...],
    missing: tuple[SourceName, ...],
) -> View:
    coverage = min(1.0, fsum(weight for _, weight, _ in counted))
    if not counted:
        return View(0, 0.0, 1.0, 0.0, 0.0, 0.0, (), faded, missing)
    parts = [weight * opinion.strength / coverage for opinion, weight, _ in counted]
    buy = fsum(part for part in parts if part > 0)
    sell = fsum(-part for part in parts if part < 0)
    agreement = abs(buy - sell) / (buy + sell) if buy + sell > 0 else 1.0
    shrink = (1 + profile.tau) * coverage / (coverage + profile.tau)
    # A tie has agreement 0, and 0 to the power 0 would wrongly keep a side that does not exist.
    scale = shrink * agreement**profile.lam * STEPS if agreement > 0 else 0.0
    confidence_bp = round(scale * (buy - sell))
    exact = [scale * part for part in parts]
    shares = tuple(
        Share(opinion.source, opinion.strength, weight, age, phi_bp, opinion.raw_sha256)
        for (opinion, weight, age), phi_bp in zip(
            counted, _apportion(exact, confidence_bp), strict=True
        )
    )
    return View(confidence_bp, coverage, agreement, shrink, buy, sell, shares, faded, missing)


def _apportion(exact: list[float], total: int) -> list[int]:
    """Integers that sum to `total`, each within one of its exact value (largest remainder).

    Starting from truncation instead of the floor keeps the result odd: negating every value
    negates every integer.
    """
    whole = [trunc(value) for value in exact]
    owed = total - sum(whole)
    sign = 1 if owed > 0 else -1
    order = sorted(range(len(exact)), key=lambda i: (-sign * (exact[i] - whole[i]), i))
    for i in order[: abs(owed)]:
        whole[i] += sign
    return whole
