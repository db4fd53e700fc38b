"""Is a paid opinion worth asking for? Not when no answer could make a signal.

Set every unanswered source to +1 at age zero, then to -1: C lies between the two results whatever
subset answers, and whatever it says. Two properties of the formula make that sound: C rises with
every strength, and adding weight at +1 never lowers it. A source that has spoken before and does
not answer keeps its old opinion, which lies between the two as well.
"""

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from attrs import frozen

from argo_core.consensus.mix import Mix, fade, mix, refused
from argo_core.consensus.opinion import STEPS, Opinion, SourceName
from argo_core.consensus.profile import Profile
from argo_core.consensus.verdict import LEAST_SOURCES, looks

EXPLORE_ONE_IN = 20

# Two ways to the same C may differ in their last bit, and rounding to basis points may make that
# one whole basis point.
_NOISE_BP = 1


@frozen
class Reach:
    """C in signed basis points lies in `lo_bp` to `hi_bp`, ends included, whoever answers."""

    lo_bp: int
    hi_bp: int


def reach(
    opinions: Iterable[Opinion],
    profile: Profile,
    now: datetime,
    unanswered: Collection[SourceName],
) -> Reach:
    """How far the `unanswered` sources could still move the consensus at `now`.

    Raises:
        InvalidInput: a source is not in the profile, or two opinions come from the same one.
    """
    panel = _panel(opinions, profile, now, unanswered)
    lowest, highest = panel.supposing(-1.0, profile), panel.supposing(1.0, profile)
    return _between(lowest, highest)


def worth_asking(
    opinions: Iterable[Opinion],
    profile: Profile,
    now: datetime,
    unanswered: Collection[SourceName],
) -> bool:
    """Whether some answers of the `unanswered` could make a BUY or a SELL at `now`.

    False when C cannot reach the threshold, and when even all answers together make no quorum:
    coverage, the count of sources and their freshness only grow as answers come in.

    Raises:
        InvalidInput: a source is not in the profile, or two opinions come from the same one.
    """
    panel = _panel(opinions, profile, now, unanswered)
    if len(panel.weights) + len(panel.supposed) < LEAST_SOURCES or not panel.looked:
        return False
    highest = panel.supposing(1.0, profile)
    if highest.coverage < profile.quorum:
        return False
    # C falls when an answer changes from +1 to -1, so mostly one end settles it.
    theta = profile.theta_bp - _NOISE_BP
    return highest.confidence_bp >= theta or (
        panel.supposing(-1.0, profile).confidence_bp <= -theta
    )


def explores(seed: int, source: SourceName, asks_before: int) -> bool:
    """Whether this ask bypasses the gate: the first after start, and a seeded 1 in 20 later ones.

    Skill measured on these alone is not biased by what the gate lets through.
    """
    if asks_before == 0:
        return True
    digest = hashlib.sha256(f"{seed}\n{source}\n{asks_before}\n".encode()).digest()
    return int.from_bytes(digest[:8], "big") % EXPLORE_ONE_IN == 0


def _between(lowest: Mix, highest: Mix) -> Reach:
    return Reach(
        lo_bp=max(-STEPS, lowest.confidence_bp - _NOISE_BP),
        hi_bp=min(STEPS, highest.confidence_bp + _NOISE_BP),
    )


class _Panel(NamedTuple):
    """Weights and strengths of who has spoken, and the weights of who is supposed to speak now.

    `looked` says that one of them has seen the market lately. Numbers alone: a beat of thousands of
    symbols puts this question thousands of times, and throws everything but the answer away.
    """

    weights: list[float]
    strengths: list[float]
    supposed: list[float]
    looked: bool

    def supposing(self, strength: float, profile: Profile) -> Mix:
        """The view if everybody who is supposed to speak said this."""
        strengths = [*self.strengths, *[strength] * len(self.supposed)]
        return mix([*self.weights, *self.supposed], strengths, profile)


def _panel(
    opinions: Iterable[Opinion],
    profile: Profile,
    now: datetime,
    unanswered: Collection[SourceName],
) -> _Panel:
    sources = profile.sources
    weights: list[float] = []
    strengths: list[float] = []
    seen: list[SourceName] = []
    looked = False
    for opinion in opinions:
        source = opinion.source
        if source in unanswered:
            continue
        if source not in sources or source in seen:
            raise refused(source, sources)
        seen.append(source)
        policy = sources[source]
        weight = fade(policy, opinion.age_s(now))
        if weight > 0:
            weights.append(weight)
            strengths.append(opinion.strength)
            looked = looked or looks(policy, weight)
    supposed: list[float] = []
    for source in {*unanswered}:
        if source not in sources:
            raise refused(source, sources)
        policy = sources[source]
        supposed.append(policy.weight)
        looked = looked or policy.market_data
    return _Panel(weights, strengths, supposed, looked)
