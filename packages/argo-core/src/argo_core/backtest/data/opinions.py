"""Recorded opinions as scores: each row sees what had been said by then, and nothing later."""

from collections.abc import Iterable
from datetime import datetime

import numpy as np
from attrs import field, frozen

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.scores import Scores
from argo_core.consensus.opinion import Opinion, SourceName, quantise
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol, parse_symbol
from argo_core.market.moment import aware, to_micros

_SECOND_US = 1_000_000


@frozen(kw_only=True)
class RecordedOpinion:
    """What a source said of a symbol at `as_of`, its own time, that we had at `available_at`."""

    symbol: Symbol = field(converter=parse_symbol)
    strength: float = field(converter=quantise)
    as_of: datetime
    available_at: datetime

    def __attrs_post_init__(self) -> None:
        aware("as_of", self.as_of)
        aware("available_at", self.available_at)

    @classmethod
    def of(cls, opinion: Opinion, available_at: datetime) -> "RecordedOpinion":
        return cls(
            symbol=opinion.symbol,
            strength=opinion.strength,
            as_of=opinion.as_of,
            available_at=available_at,
        )


def opinions_to_scores(
    panel: Panel, source: SourceName, opinions: Iterable[RecordedOpinion]
) -> Scores:
    """What `source` had said by each row of the panel; opinions of other symbols are ignored.

    An opinion is seen in every row known at or after `available_at`, until one with a later
    `as_of` is; of two with the same `as_of` the one that came later counts, as a correction. An
    older opinion that arrives late never replaces a newer one. The age is the row's known time
    less `as_of`, never below zero, and zero where nothing was said; how long an opinion counts is
    the strategy's to say.

    Raises:
        InvalidInput: two with the same times contradict each other.
    """
    places = {symbol: place for place, symbol in enumerate(panel.symbols)}
    heard: dict[int, list[tuple[int, int, float]]] = {}
    for one in opinions:
        if (place := places.get(one.symbol)) is not None:
            times = to_micros(one.available_at), to_micros(one.as_of)
            heard.setdefault(place, []).append((*times, one.strength))
    strength = np.full(panel.close.shape, np.nan)
    age_s = np.zeros(panel.close.shape)
    for place, each in heard.items():
        available, as_of, said = _newest(panel.symbols[place], each)
        seen = np.searchsorted(available, panel.known_us, side="right") - 1
        rows = np.flatnonzero(seen >= 0)
        strength[rows, place] = said[seen[rows]]
        passed = panel.known_us[rows] - as_of[seen[rows]]
        age_s[rows, place] = np.maximum(passed, 0) / _SECOND_US
    return Scores(source, strength, age_s)


def _newest(
    symbol: Symbol, heard: list[tuple[int, int, float]]
) -> "tuple[np.ndarray, np.ndarray, np.ndarray]":
    """Those that were the newest when they came, in the order in which they came."""
    kept: list[tuple[int, int, float]] = []
    for one in sorted(heard):
        if kept and one[:2] == kept[-1][:2] and one[2] != kept[-1][2]:
            problem = f"{symbol} is both {kept[-1][2]} and {one[2]} at one moment"
            raise InvalidInput("opinions", problem, "keep the true one")
        if not kept or one[1] >= kept[-1][1]:
            kept.append(one)
    available, as_of, said = zip(*kept, strict=True)
    return (
        np.array(available, dtype=np.int64),
        np.array(as_of, dtype=np.int64),
        np.array(said, dtype=np.float64),
    )
