"""What a signal log says about its sources, entry by entry: a read model that can be rebuilt.

Only what every reader of the log sees is looked at: open signals, revealed ones, and outcomes. What
is committed to and not revealed judges nobody, whatever its outcome. Of BUY and SELL signals alone
the log knows what became of them, and it does not say which asks explored.

Nobody is judged before the log has passed the end of the horizon: outcomes that come early are
those of prices that ran, and for an hour there would be no others to set beside them.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from decimal import Decimal
from heapq import heappop, heappush
from typing import Final

import orjson
from attrs import frozen

from argo_core.consensus.opinion import STEPS, SourceName
from argo_core.consensus.regime import Regime
from argo_core.errors import InvalidInput
from argo_core.ledger.entry import Entry, decode_entry
from argo_core.market.instrument import Symbol
from argo_core.market.moment import from_micros
from argo_core.signals.skill.judged import CONSENSUS, Judged

MOST_OPINIONS: Final = 200_000
"""So many of the newest are kept of each strategy; it takes seconds to tell the skill in them."""

_KINDS: Final = frozenset({"strategy", "signal", "reveal", "outcome"})


@frozen
class _Said:
    """A signal that waits for its outcome."""

    symbol: Symbol
    decided_us: int
    horizon_s: int
    regime: Regime
    strengths: tuple[tuple[SourceName, float], ...]


@frozen
class _Came:
    """An outcome: `moved` is the price's change, None where there was no price.

    `official_us` is when its horizon began, None where no witness vouches for that.
    """

    official_us: int | None
    moved: Decimal | None


@frozen
class Track:
    """What is known of one strategy.

    `opinions` are the newest judged ones, in the order in which their horizons ended. `weights` are
    those it registered last, by source. Of its signals `signals` were judged, `void` had no price
    and `unmoved` ended where they began; `waiting` are not judged yet.
    """

    opinions: Sequence[Judged]
    weights: Mapping[SourceName, float]
    signals: int
    void: int
    unmoved: int
    waiting: int


class _Strategy:
    def __init__(self, most: int) -> None:
        self.opinions: deque[Judged] = deque(maxlen=most)
        self.weights: dict[SourceName, float] = {}
        self.said: dict[int, _Said] = {}
        self.came: dict[int, _Came] = {}
        self.shown: set[int] = set()
        # By when its horizon is over and by its place, so that no two are compared further.
        self.early: list[tuple[int, int, list[Judged]]] = []
        self.signals = 0
        self.void = 0
        self.unmoved = 0

    def ripen(self, now_us: int) -> None:
        """Judge those whose horizon is over."""
        while self.early and self.early[0][0] <= now_us:
            self.opinions += heappop(self.early)[2]
            self.signals += 1


class JudgedLog:
    """Take the entries of a log in their order with `take`; what was read before is not needed."""

    def __init__(self, most: int = MOST_OPINIONS) -> None:
        self._most = most
        self._size = 0
        self._now_us = 0
        self._strategies: dict[str, _Strategy] = {}
        self._newest: str | None = None

    @property
    def size(self) -> int:
        """How many entries it has taken, and so the index of the next."""
        return self._size

    @property
    def strategies(self) -> tuple[str, ...]:
        """All strategies that have registered, the one that did so last at the end."""
        others = sorted(self._strategies.keys() - {self._newest})
        return tuple(others) if self._newest is None else (*others, self._newest)

    def track(self, strategy: str) -> Track:
        """What is known of that strategy now.

        Raises:
            InvalidInput: the log has none of that name.
        """
        found = self._strategies.get(strategy)
        if found is None:
            named = ", ".join(self.strategies) or "it has none"
            raise InvalidInput("strategy", f"{strategy[:40]!r} is not in the log", f"see: {named}")
        return Track(
            opinions=tuple(found.opinions),
            weights=dict(found.weights),
            signals=found.signals,
            void=found.void,
            unmoved=found.unmoved,
            waiting=len(found.said) + len(found.early),
        )

    def take(self, index: int, data: bytes) -> None:
        """Read the next entry.

        Raises:
            InvalidInput: it is not the next one, or no entry.
        """
        if index != self._size:
            problem = f"entry {index} does not follow {self._size - 1}"
            raise InvalidInput("index", problem, "give the entries in their order")
        kind, decided_us = _glance(data)
        if kind in _KINDS:
            entry = decode_entry(data)
            strategy = self._strategies.setdefault(entry.strategy, _Strategy(self._most))
            if entry.kind == "strategy":
                self._newest = entry.strategy
                strategy.weights = _weights(entry)
            else:
                _follow(strategy, index, entry)
        self._now_us = max(self._now_us, decided_us)
        for one in self._strategies.values():
            one.ripen(self._now_us)
        self._size += 1


def _follow(strategy: _Strategy, index: int, entry: Entry) -> None:
    place, body = index, entry
    if entry.kind == "outcome":
        place = entry.number("signal_index")
        # What was found out first stands.
        if place in strategy.said or place not in strategy.shown:
            strategy.came.setdefault(place, _came(entry))
    elif entry.kind == "reveal":
        place = entry.number("commit_index")
        body = decode_entry(entry.text("body").encode())
    if entry.kind != "outcome" and place not in strategy.shown:
        strategy.shown.add(place)
        if body.fields["direction"] != "HOLD":
            strategy.said[place] = _said(body)
    _judge(strategy, place)


def _judge(strategy: _Strategy, place: int) -> None:
    """Judge the signal at that place once both it and its outcome can be seen."""
    if place not in strategy.said or place not in strategy.came:
        return
    said, came = strategy.said.pop(place), strategy.came.pop(place)
    if came.moved is None:
        strategy.void += 1
    elif came.moved == 0:
        strategy.unmoved += 1
    else:
        opinions = _judged(said, came, came.moved > 0)
        heappush(strategy.early, (opinions[0].known_us, place, opinions))


def _judged(said: _Said, came: _Came, rose: bool) -> list[Judged]:
    at = from_micros(said.decided_us if came.official_us is None else came.official_us)
    return [
        Judged(source, said.symbol, said.horizon_s, said.regime, strength, rose, at)
        for source, strength in said.strengths
    ]


def _glance(data: bytes) -> tuple[str, int]:
    """An entry's kind, and when it was decided; most entries are not worth a second look."""
    try:
        fields = orjson.loads(data)
        return str(fields["kind"]), int(fields["decided_us"])
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput("data", "it is no entry", "give the entry's bytes") from error


def _weights(entry: Entry) -> dict[SourceName, float]:
    head = "weight_"
    return {
        SourceName(name.removeprefix(head)): float(Decimal(str(value)))
        for name, value in entry.fields.items()
        if name.startswith(head)
    }


def _said(body: Entry) -> _Said:
    head, tail = "strength_", "_e4"
    strengths = [
        (SourceName(name.removeprefix(head).removesuffix(tail)), body.number(name) / STEPS)
        for name in body.fields
        if name.startswith(head) and name.endswith(tail)
    ]
    return _Said(
        symbol=Symbol(body.text("symbol")),
        decided_us=body.decided_us,
        horizon_s=body.number("horizon_s"),
        regime=_regime(body.text("regime")),
        strengths=(*strengths, (CONSENSUS, body.number("confidence_bp") / STEPS)),
    )


def _regime(word: str) -> Regime:
    # A later version may know more of them.
    return Regime(word) if word in set(Regime) else Regime.UNKNOWN


def _came(entry: Entry) -> _Came:
    official = entry.number("official_us") if "official_us" in entry.fields else None
    if "start" not in entry.fields:
        return _Came(official, None)
    return _Came(official, Decimal(entry.text("end")) - Decimal(entry.text("start")))
