"""Everything that reaches the engine's desk from outside, in the order it came.

The desk is pure, so the same inputs in the same order give the same entries to the byte: written
down they are the recording that a replay plays.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeAlias

from attrs import frozen

from argo_core.consensus.opinion import Opinion, SourceName
from argo_core.market.bar import Bar
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.market.session import Phase


@frozen
class Started:
    """The log stood at `size` and the strategy at `next_seq`; `models` form its opinions.

    `standing` are the newest signals of the record, `unresolved` those without an outcome and
    `unrevealed` those only committed to: canonical bytes by index.
    """

    at: datetime
    size: int
    next_seq: int
    models: Mapping[SourceName, str]
    standing: Mapping[int, bytes]
    unresolved: Mapping[int, bytes]
    unrevealed: Mapping[int, bytes]


@frozen
class Warmed:
    """Past bars, sorted by symbol and time, came to start the markets with."""

    bars: tuple[Bar, ...]


@frozen
class Observed:
    """A feed gave prices."""

    at: datetime
    quotes: tuple[Quote, ...]


@frozen
class Learned:
    """A source, or a cache of its answers, gave opinions."""

    at: datetime
    source: SourceName
    opinions: tuple[Opinion, ...]


@frozen
class Recovered:
    """A vendor answered an ask."""

    source: SourceName


@frozen
class Failed:
    """A vendor failed an ask: `error` is the class in the error tree."""

    at: datetime
    source: SourceName
    error: str
    problem: str
    retry_after_s: float | None


@frozen
class Decided:
    """A cycle decided at that moment, with markets in these phases."""

    at: datetime
    phases: Mapping[Symbol, Phase]


@frozen
class Worded:
    """What the signals just decided say: by id a text and who wrote it."""

    words: Mapping[str, tuple[str, str]]


@frozen
class Settled:
    """The log took the batch just made, and has `size` entries; or, with None, refused it."""

    size: int | None


@frozen
class Witnessed:
    """A witness first saw the signal at `index` at that second since 1970."""

    index: int
    time_s: int


@frozen
class Stopped:
    """The engine stopped; the last stretch of silence is written down."""

    at: datetime


Input: TypeAlias = (
    Started
    | Warmed
    | Observed
    | Learned
    | Recovered
    | Failed
    | Decided
    | Worded
    | Settled
    | Witnessed
    | Stopped
)

Journal: TypeAlias = Callable[[Input], None]
"""Takes every input as it comes; never blocks, never raises."""


def unrecorded(_input: Input) -> None:
    """Nobody writes the inputs down."""
