"""Is paid AI worth asking? Not when no answer could change the outcome."""

from collections.abc import Collection, Iterable
from datetime import datetime
from hashlib import sha256

from attrs import frozen

from argo_core.consensus.opinion import Opinion, SourceName
from argo_core.consensus.pool import pool
from argo_core.consensus.profile import Profile
from argo_core.market.instrument import Symbol

EXPLORE_ONE_IN = 20

# The pool looks at neither; an opinion cannot be made without them.
_ANY_SYMBOL = Symbol("X")
_UNREAD = "0" * 64


@frozen
class Reach:
    """The confidences that stay possible, in signed basis points, both ends included."""

    lo_bp: int
    hi_bp: int


def reach(
    opinions: Iterable[Opinion],
    profile: Profile,
    now: datetime,
    unanswered: Collection[SourceName],
) -> Reach:
    """How far C can go, whichever of the `unanswered` sources answer and whatever they say.

    Every unanswered source is set to +1 and then to -1 at age 0. The true C lies between, because
    C rises with each opinion, and an added opinion at least as high as the rest never lowers it.
    """
    kept = [opinion for opinion in opinions if opinion.source not in unanswered]
    ends = [
        pool([*kept, *_all_say(strength, unanswered, now)], profile, now).confidence_bp
        for strength in (-1.0, 1.0)
    ]
    return Reach(ends[0], ends[1])


def worth_asking(
    opinions: Iterable[Opinion],
    profile: Profile,
    now: datetime,
    unanswered: Collection[SourceName],
) -> bool:
    """Whether some answer could still make a signal."""
    possible = reach(opinions, profile, now, unanswered)
    return possible.hi_bp >= profile.theta_bp or possible.lo_bp <= -profile.theta_bp


def explores(seed: int, source: SourceName, asks_before: int) -> bool:
    """Whether an ask passes the gate unseen: the first after start, then a seeded one in twenty.

    Otherwise skill would be known only where the gate was open.
    """
    if asks_before == 0:
        return True
    draw = sha256(f"explore\n{seed}\n{source}\n{asks_before}".encode()).digest()
    return int.from_bytes(draw[:8], "big") % EXPLORE_ONE_IN == 0


def _all_say(
    strength: float, sources: Collection[SourceName], now: datetime
) -> tuple[Opinion, ...]:
    return tuple(
        Opinion(source, _ANY_SYMBOL, strength, now, 1, _UNREAD, "gate") for source in sources
    )
