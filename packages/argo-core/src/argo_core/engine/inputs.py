"""Everything that reaches the engine's desk from outside, in the order it came.

The desk is pure, so the same inputs in the same order give the same entries to the byte: written
down, together with the entries that the log took, they are the recording that a replay plays.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeAlias

from attrs import field, frozen

from argo_core.consensus.opinion import Opinion, SourceName
from argo_core.ledger.record import LoggedSignal, Sealed
from argo_core.market.bar import Bar
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.market.session import Phase
from argo_core.trading.trade import Trade


@frozen
class Hidden:
    """The entry at `index` commits to what is `sealed` and says when it will be shown."""

    index: int
    commit: bytes
    sealed: Sealed


@frozen
class Started:
    """The log stood at `size` and the strategy at `next_seq`; `models` form its opinions.

    `standing` are the newest signals of the record, `unresolved` the strategy's signals without an
    outcome, and `hidden` those of them that it has only committed to.
    """

    at: datetime
    size: int
    next_seq: int
    models: Mapping[SourceName, str]
    standing: tuple[LoggedSignal, ...] = ()
    unresolved: tuple[LoggedSignal, ...] = ()
    hidden: tuple[Hidden, ...] = ()


@frozen
class Warmed:
    """Past bars of one symbol, sorted by time, came to start its market with."""

    bars: tuple[Bar, ...]


@frozen
class Observed:
    """A feed gave prices."""

    at: datetime
    quotes: tuple[Quote, ...]


@frozen
class Learned:
    """A source, or a cache of its answers, gave opinions.

    `raws` are replies word for word, by SHA-256, where the source is a language model.
    """

    at: datetime
    source: SourceName
    opinions: tuple[Opinion, ...]
    raws: Mapping[str, bytes] = field(factory=dict, repr=False)


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
class Missed:
    """These symbols were not decided in time: they have no decision in the cycle just decided."""

    symbols: tuple[Symbol, ...]


@frozen
class Worded:
    """What the signals just decided say: by id a text and who wrote it."""

    words: Mapping[str, tuple[str, str]]


@frozen
class Written:
    """The log took these entries, the first of them at index `first`.

    The desk made them and need not be told: they are what a replay has to come to as well.
    """

    first: int
    entries: tuple[bytes, ...]


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
class Traded:
    """Trading did this, and the record is to have it: each once, in this order."""

    trades: tuple[Trade, ...]


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
    | Missed
    | Worded
    | Written
    | Settled
    | Witnessed
    | Traded
    | Stopped
)

Journal: TypeAlias = Callable[[Input], None]
"""Takes every input as it comes; never blocks, never raises."""


def unrecorded(_input: Input) -> None:
    """Nobody writes the inputs down."""
