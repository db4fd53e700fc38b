"""The signals of two engines at the same beats: equal where what they rested on was equally fresh.

Two decisions on a symbol had equally fresh inputs when both had heard the same sources, and the
vendors' times of each pair of opinions lie within a beat of each other; prices are asked for in
every beat by both. What differs then is a difference of the engines. What differs otherwise is the
price of asking less often, and is counted by the source whose opinion was older.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from attrs import define, field

from argo_core.consensus.opinion import Opinion, SourceName
from argo_core.consensus.pool import pool
from argo_core.consensus.reasons import Direction
from argo_core.consensus.verdict import judge
from argo_core.engine.engine import Engine
from argo_core.engine.picture import Decision
from argo_core.market.instrument import Symbol


def equally_fresh(
    one: Mapping[SourceName, Opinion], other: Mapping[SourceName, Opinion], beat_s: float
) -> bool:
    """Whether both heard the same sources within one beat."""
    return one.keys() == other.keys() and not set(older(one, other, beat_s))


def older(
    before: Mapping[SourceName, Opinion], after: Mapping[SourceName, Opinion], beat_s: float
) -> list[SourceName]:
    """The sources heard more than a beat apart, or by one side alone."""
    return [
        name
        for name in sorted(before.keys() | after.keys())
        if name not in before
        or name not in after
        or abs((before[name].as_of - after[name].as_of).total_seconds()) > beat_s
    ]


@define
class Comparison:
    """Directions of `before` and `after`, beat by beat and symbol by symbol."""

    beat_s: float
    fresh: Counter[str] = field(factory=Counter)
    others: Counter[str] = field(factory=Counter)
    unskipped: Counter[str] = field(factory=Counter)
    because: Counter[str] = field(factory=Counter)
    directions: dict[str, Counter[str]] = field(
        factory=lambda: {"before": Counter(), "after": Counter()}
    )

    def add(
        self,
        before: Mapping[Symbol, Decision],
        after: Mapping[Symbol, Decision],
        engine: Engine,
    ) -> None:
        """One beat of both; `engine` is that of `after`, as it is right after the beat."""
        for symbol, mine in after.items():
            other = before[symbol]
            self.directions["before"][other.direction.value] += 1
            self.directions["after"][mine.direction.value] += 1
            heard, known = other.basis.opinions, mine.basis.opinions
            verdict = _same(other.direction, mine.direction)
            if equally_fresh(heard, known, self.beat_s):
                self.fresh[verdict] += 1
            else:
                self.others[verdict] += 1
                if verdict == "differ":
                    self.because.update(older(heard, known, self.beat_s))
            if mine.view is not None:
                view = pool(known.values(), engine.profile, mine.evaluated_at)
                anew = judge(view, engine.profile, mine.basis.failed)
                self.unskipped[_same(anew.direction, mine.direction)] += 1

    def told(self) -> dict[str, Any]:
        """`same` and `differ` are of equally fresh inputs; the rest explains."""
        return {
            "same": self.fresh["same"],
            "differ": self.fresh["differ"],
            "not_equally_fresh": {key: self.others[key] for key in ("same", "differ")},
            "differ_where_older": dict(self.because),
            "evaluated_anew": {key: self.unskipped[key] for key in ("same", "differ")},
            "directions": {kind: dict(each) for kind, each in self.directions.items()},
        }


def _same(one: Direction, other: Direction) -> str:
    return "same" if one is other else "differ"
