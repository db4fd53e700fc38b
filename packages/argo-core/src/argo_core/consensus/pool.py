"""Weighted Consensus v6.0: many opinions on one symbol become one view with exact attribution.

With base weight b, age and strength x of each opinion, refresh age r, half-life h::

    u = b · 2^(-max(0, age - r)/h)  while age ≤ r + 4h, otherwise and when missing 0
    κ = Σu          P = Σu·max(x, 0)/κ     N = Σu·max(-x, 0)/κ            S = P - N     G = P + N
    A = |S|/G  (1 if G = 0)                ρ = (1 + τ)κ/(κ + τ)
    C = ρ · A^λ · S                        φ = ρ · A^λ · u·x/κ            Σφ = C
"""

from collections.abc import Iterable
from datetime import datetime
from math import inf, trunc
from operator import attrgetter
from typing import NamedTuple

from argo_core.consensus.mix import fade, mix, refused
from argo_core.consensus.opinion import Opinion, SourceName
from argo_core.consensus.profile import Profile

_by_source = attrgetter("source")


class Share(NamedTuple):
    """One counted opinion: its faded `weight` u, and its contribution φ in signed basis points.

    A tuple, because that is made in half the time and there are four of them to every view.
    """

    source: SourceName
    strength: float
    weight: float
    age_s: float
    phi_bp: int
    raw_sha256: str


class View(NamedTuple):
    """What the sources together think of one symbol; a tuple for the same reason.

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


def pool(opinions: Iterable[Opinion], profile: Profile, now: datetime) -> View:
    """The sources' common view at `now`. Order does not matter; sums are exactly rounded.

    Raises:
        InvalidInput: an opinion's source is not in the profile, or two come from the same source.
    """
    sources = profile.sources
    counted: list[Opinion] = []
    weights: list[float] = []
    strengths: list[float] = []
    ages: list[float] = []
    faded: list[SourceName] = []
    before: SourceName | None = None
    for opinion in sorted(opinions, key=_by_source):
        source = opinion.source
        policy = sources.get(source)
        if policy is None or source == before:
            raise refused(source, sources)
        before = source
        age = opinion.age_s(now)
        # What is fresh, as most of them are, is not worth a call.
        weight = policy.weight if age <= policy.refresh_after_s else fade(policy, age)
        if weight > 0:
            counted.append(opinion)
            weights.append(weight)
            strengths.append(opinion.strength)
            ages.append(age)
        else:
            faded.append(source)
    confidence_bp, coverage, agreement, shrink, buy, sell, exact = mix(weights, strengths, profile)
    shares = [
        Share(one.source, one.strength, weight, age, phi_bp, one.raw_sha256)
        for one, weight, age, phi_bp in zip(
            counted, weights, ages, _apportion(exact, confidence_bp), strict=True
        )
    ]
    silent = len(sources) > len(shares) + len(faded)
    missing = _missing(sources, shares, faded) if silent else ()
    return View(
        confidence_bp, coverage, agreement, shrink, buy, sell, tuple(shares), tuple(faded), missing
    )


def _missing(
    sources: Iterable[SourceName], shares: list[Share], faded: list[SourceName]
) -> tuple[SourceName, ...]:
    return tuple(sorted({*sources}.difference([one.source for one in shares], faded)))


def _apportion(exact: list[float], total: int) -> list[int]:
    """Integers that sum to `total`, each within one of its exact value (largest remainder).

    Starting from truncation instead of the floor keeps the result odd: negating every value
    negates every integer.
    """
    whole, left = [], []
    for value in exact:
        part = trunc(value)
        whole.append(part)
        left.append(value - part)
    owed = total - sum(whole)
    # Less than one each is owed to a handful, so looking for the next one beats sorting them all.
    sign, furthest, taken = (1, max, -inf) if owed > 0 else (-1, min, inf)
    for _ in range(abs(owed)):
        i = left.index(furthest(left))
        whole[i] += sign
        left[i] = taken
    return whole
