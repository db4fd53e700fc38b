"""Why no signal: the smallest single changes that would have produced one.

For a HOLD every single change is tried: one source at another strength, one opinion fresher, one
absent source present, the threshold or the quorum relaxed. Of each, the least that makes a BUY or a
SELL is kept, on the grid it lives on: strengths on 1/10,000, ages by whole seconds, the threshold
on basis points. `Change.apply` makes the change, so anybody can recompute.

Unlike changes are compared by `size`, the share of its full range that each one moves:

- a strength lies in [-1, 1]: half its difference;
- a fresher opinion regains weight: the difference of u;
- an absent source brings all its weight and its strength: b + |x|/2;
- threshold and quorum lie in [0, 1]: their difference.

Searching by halves is exact because C rises with every strength; because coverage and freshness,
and so the quorum, only grow as one opinion gets fresher; and because C as a function of one weight
has at most one peak, so that the ages that make a signal have no gap between them.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from attrs import evolve, frozen

from argo_core.consensus.mix import fade
from argo_core.consensus.opinion import STEPS, Opinion, SourceName
from argo_core.consensus.pool import View, pool
from argo_core.consensus.profile import Profile
from argo_core.consensus.reasons import Direction
from argo_core.consensus.verdict import has_quorum, judge
from argo_core.market.instrument import Symbol


class ChangeKind(StrEnum):
    """What is changed; the last two are rules of the profile and named as there."""

    STRENGTH = "strength"
    FRESHER = "fresher"
    PRESENT = "present"
    THETA = "theta_bp"
    QUORUM = "quorum"


@frozen
class Change:
    """One change that turns the HOLD into `direction`.

    `before` and `after` are strengths for `strength` and `present` (None before, because absent),
    ages in seconds for `fresher`, basis points for `theta_bp` and a share for `quorum`. A change
    of a source carries the `opinion` it would have had; a change of a rule has none.
    """

    kind: ChangeKind
    direction: Direction
    before: float | None
    after: float
    size: float
    opinion: Opinion | None = None

    @property
    def source(self) -> SourceName | None:
        """The source concerned, None for a rule."""
        return None if self.opinion is None else self.opinion.source

    def apply(
        self, opinions: Iterable[Opinion], profile: Profile
    ) -> tuple[tuple[Opinion, ...], Profile]:
        """The opinions and the profile with this change made, and nothing else."""
        if self.opinion is not None:
            others = (other for other in opinions if other.source != self.opinion.source)
            return (*others, self.opinion), profile
        if self.kind is ChangeKind.THETA:
            return tuple(opinions), evolve(profile, theta_bp=int(self.after))
        return tuple(opinions), evolve(profile, quorum=self.after)

    def __str__(self) -> str:
        """The change in a sentence of printable ASCII."""
        what = _WORDS[self.kind].format(self.source, self.after, self.before)
        return f"{what} would have made it a {self.direction}"


_WORDS = {
    ChangeKind.STRENGTH: "{} at {:+.4f} instead of {:+.4f}",
    ChangeKind.FRESHER: "{} {:.0f} s old instead of {:.0f} s",
    ChangeKind.PRESENT: "{} present at {:+.4f}",
    ChangeKind.THETA: "a threshold of {1:.0f} basis points instead of {2:.0f}",
    ChangeKind.QUORUM: "a quorum of {1:.4f} instead of {2:.4f}",
}


def why_not(opinions: Iterable[Opinion], profile: Profile, now: datetime) -> tuple[Change, ...]:
    """What would have made a signal of the HOLD at `now`, the smallest change first.

    Empty when it is a signal already, and when no single change would do.

    Raises:
        InvalidInput: a source is not in the profile, or two opinions come from the same one.
    """
    known = tuple(opinions)
    view = pool(known, profile, now)
    if judge(view, profile).direction is not Direction.HOLD:
        return ()
    case = _Case({opinion.source: opinion for opinion in known}, profile, now)
    changes = [
        *_rules(view, profile),
        *(_strength(case, opinion, side) for opinion in known for side in _SIDES),
        *(_fresher(case, opinion, side) for opinion in known for side in _SIDES),
        *(_present(case, name, side) for name in (*view.missing, *view.faded) for side in _SIDES),
    ]
    found = [change for change in changes if change is not None]
    return tuple(sorted(found, key=lambda one: (one.size, one.kind, one.source or "", one.after)))


@frozen
class _Side:
    """The direction a change would have to produce, and the sign C has there."""

    sign: int
    direction: Direction


_SIDES = (_Side(1, Direction.BUY), _Side(-1, Direction.SELL))


@frozen
class _Case:
    """The decision to explain, and what it would have been with one opinion put in its place."""

    known: Mapping[SourceName, Opinion]
    profile: Profile
    now: datetime

    def view(self, opinion: Opinion) -> View:
        return pool({**self.known, opinion.source: opinion}.values(), self.profile, self.now)

    def makes(self, opinion: Opinion, side: _Side) -> bool:
        return judge(self.view(opinion), self.profile).direction is side.direction


def _first(low: int, high: int, works: Callable[[int], bool]) -> int | None:
    """The least n with low < n <= high that works, if what works keeps working up to `high`."""
    if low >= high or not works(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if works(middle) else (middle, high)
    return high


def _rules(view: View, profile: Profile) -> Iterator[Change]:
    side = _SIDES[0] if view.confidence_bp > 0 else _SIDES[1]
    reached = abs(view.confidence_bp)
    lacking = profile.quorum - view.coverage
    if reached > 0 and has_quorum(view, profile):
        size = (profile.theta_bp - reached) / STEPS
        yield Change(ChangeKind.THETA, side.direction, profile.theta_bp, reached, size)
    if lacking <= 0:
        return
    relaxed = evolve(profile, quorum=view.coverage)
    if judge(view, relaxed).direction is side.direction:
        yield Change(ChangeKind.QUORUM, side.direction, profile.quorum, view.coverage, lacking)


def _strength(case: _Case, opinion: Opinion, side: _Side) -> Change | None:
    def at(steps: int) -> Opinion:
        return evolve(opinion, strength=side.sign * steps / STEPS)

    before = opinion.strength
    steps = _first(round(side.sign * before * STEPS), STEPS, lambda n: case.makes(at(n), side))
    if steps is None:
        return None
    after = at(steps)
    size = abs(after.strength - before) / 2
    return Change(ChangeKind.STRENGTH, side.direction, before, after.strength, size, after)


def _present(case: _Case, source: SourceName, side: _Side) -> Change | None:
    symbol = next((opinion.symbol for opinion in case.known.values()), Symbol("ANY"))

    def at(steps: int) -> Opinion:
        strength = side.sign * steps / STEPS
        return Opinion(
            source, symbol, strength, case.now, case.profile.horizon_s, "0" * 64, "supposed"
        )

    steps = _first(-1, STEPS, lambda n: case.makes(at(n), side))
    if steps is None:
        return None
    after = at(steps)
    size = case.profile.sources[source].weight + abs(after.strength) / 2
    return Change(ChangeKind.PRESENT, side.direction, None, after.strength, size, after)


def _fresher(case: _Case, opinion: Opinion, side: _Side) -> Change | None:
    def by(seconds: int) -> Opinion:
        return evolve(opinion, as_of=min(opinion.as_of + timedelta(seconds=seconds), case.now))

    policy = case.profile.sources[opinion.source]
    age = opinion.age_s(case.now)
    seconds = _least_fresher(
        quorate=lambda n: has_quorum(case.view(by(n)), case.profile),
        works=lambda n: case.makes(by(n), side),
        height=lambda n: side.sign * _unrounded(case.view(by(n)), case.profile),
        # Before the first, the opinion still counts for nothing; after the last, it is fresh.
        span=(max(0, math.ceil(age - policy.max_age_s)), math.ceil(age - policy.refresh_after_s)),
    )
    if seconds is None:
        return None
    after = by(seconds)
    weight = fade(policy, after.age_s(case.now)) - fade(policy, age)
    return Change(ChangeKind.FRESHER, side.direction, age, after.age_s(case.now), weight, after)


def _least_fresher(
    *,
    quorate: Callable[[int], bool],
    works: Callable[[int], bool],
    height: Callable[[int], float],
    span: tuple[int, int],
) -> int | None:
    first, last = span
    start = _first(first - 1, last, quorate)
    if start is None or works(start):
        return start
    if works(last):
        return _first(start, last, works)
    # Only the top of the one peak in between may still reach the threshold.
    top = _first(start, last, lambda n: n == last or height(n + 1) <= height(n))
    return None if top is None else _first(start, top, works)


def _unrounded(view: View, profile: Profile) -> float:
    return view.shrink * math.pow(view.agreement, profile.lam) * (view.buy - view.sell)
