"""Is a paid opinion worth asking for? Not when no answer could make a signal.

Set every unanswered source to +1 at age zero, then to -1: C lies between the two results whatever
subset answers, and whatever it says. Two properties of the formula make that sound: C rises with
every strength, and adding weight at +1 never lowers it. A source that has spoken before and does
not answer keeps its old opinion, which lies between the two as well.
"""

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime

from attrs import frozen

from argo_core.consensus.opinion import STEPS, Opinion, SourceName
from argo_core.consensus.pool import View, pool
from argo_core.consensus.profile import Profile
from argo_core.consensus.verdict import has_quorum
from argo_core.market.instrument import Symbol

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
    known = tuple(opinions)
    lowest = _extreme(known, profile, now, unanswered, -1.0)
    return _between(lowest, _extreme(known, profile, now, unanswered, 1.0))


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
    known = tuple(opinions)
    highest = _extreme(known, profile, now, unanswered, 1.0)
    if not has_quorum(highest, profile):
        return False
    span = _between(_extreme(known, profile, now, unanswered, -1.0), highest)
    return span.hi_bp >= profile.theta_bp or span.lo_bp <= -profile.theta_bp


def explores(seed: int, source: SourceName, asks_before: int) -> bool:
    """Whether this ask bypasses the gate: the first after start, and a seeded 1 in 20 later ones.

    Skill measured on these alone is not biased by what the gate lets through.
    """
    if asks_before == 0:
        return True
    digest = hashlib.sha256(f"{seed}\n{source}\n{asks_before}\n".encode()).digest()
    return int.from_bytes(digest[:8], "big") % EXPLORE_ONE_IN == 0


def _between(lowest: View, highest: View) -> Reach:
    return Reach(
        lo_bp=max(-STEPS, lowest.confidence_bp - _NOISE_BP),
        hi_bp=min(STEPS, highest.confidence_bp + _NOISE_BP),
    )


def _extreme(
    known: tuple[Opinion, ...],
    profile: Profile,
    now: datetime,
    unanswered: Collection[SourceName],
    strength: float,
) -> View:
    kept = [opinion for opinion in known if opinion.source not in unanswered]
    symbol = known[0].symbol if known else Symbol("ANY")
    supposed = [
        Opinion(name, symbol, strength, now, profile.horizon_s, "0" * 64, "supposed")
        for name in set(unanswered)
    ]
    return pool([*kept, *supposed], profile, now)
