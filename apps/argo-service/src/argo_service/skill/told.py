"""The skill of a strategy's sources, with what was looked at to tell it."""

from collections.abc import Callable, Mapping
from typing import Final

from attrs import frozen

from argo_core.consensus.opinion import SourceName
from argo_core.errors import SharedAway
from argo_core.signals.skill.judged_log import Track
from argo_core.signals.skill.price import Spent
from argo_core.signals.skill.skill import Skill, skill_of

SpentSoFar = Callable[[], Mapping[SourceName, Spent]]
"""What each source has cost, and since when; may block."""

SEED: Final = 0
"""Whoever asks again gets the same intervals."""

EXPLORED: Final = "explored asks are not told apart: the log does not say which bypassed the gate"
NO_BOOK: Final = "there are no prices: what was spent cannot be read"


def nothing_spent() -> Mapping[SourceName, Spent]:
    """What sources cost that cost nothing, or of which nobody knows."""
    return {}


@frozen
class ToldSkill:
    """How good the sources of one strategy were, by its signals that were judged.

    Only BUY and SELL signals have outcomes, so that sources are judged where the consensus had one.
    `signals` were judged; `void` had no price in their horizon, `unmoved` ended where they began,
    and `waiting` ones are shown and not judged yet. `notes` say what could not be told.
    """

    strategy: str
    signals: int
    void: int
    unmoved: int
    waiting: int
    seed: int
    skill: Skill
    notes: tuple[str, ...]


def tell(strategy: str, track: Track, spent: SpentSoFar, seed: int = SEED) -> ToldSkill:
    """The skill in what is known of that strategy; takes seconds for hundreds of thousands."""
    known = {one.source for one in track.opinions} | track.weights.keys()
    notes: tuple[str, ...] = (EXPLORED,)
    try:
        paid = {source: one for source, one in spent().items() if source in known}
    except SharedAway:
        paid, notes = {}, (EXPLORED, NO_BOOK)
    weights = track.weights if any(track.weights.values()) else None
    return ToldSkill(
        strategy=strategy,
        signals=track.signals,
        void=track.void,
        unmoved=track.unmoved,
        waiting=track.waiting,
        seed=seed,
        skill=skill_of(track.opinions, weights, paid, seed=seed),
        notes=notes,
    )
