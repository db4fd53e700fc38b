"""What happened, as frozen values, for whoever watches. An observer never changes the outcome."""

from datetime import datetime
from decimal import Decimal

from attrs import frozen

from argo_core.consensus.opinion import SourceName
from argo_core.consensus.reasons import Direction
from argo_core.market.instrument import Symbol


@frozen
class SourceAnswered:
    """A guarded vendor ask succeeded: `items` answers, `missing` symbols without one."""

    source: SourceName
    at: datetime
    seconds: float
    calls: int
    usd: Decimal
    items: int
    missing: int


@frozen
class SourceFailed:
    """A guarded vendor ask failed; `error` is the class in the error tree, `problem` its text."""

    source: SourceName
    at: datetime
    seconds: float
    calls: int
    usd: Decimal
    error: str
    problem: str


@frozen
class AskSpared:
    """The gate found that no answer could change the outcome of these `symbols`."""

    source: SourceName
    at: datetime
    symbols: int


@frozen
class SignalPublished:
    """A signal is durably in the log at `index`."""

    symbol: Symbol
    direction: Direction
    confidence_bp: int
    index: int
    at: datetime


@frozen
class CycleFinished:
    """One beat: every symbol is counted once as signal, hold or skip.

    `seconds` is the wall time from the beat to the durable batch. `absent` names the sources whose
    last ask failed.
    """

    number: int
    at: datetime
    seconds: float
    signals: int
    holds: int
    skips: int
    absent: tuple[SourceName, ...]


@frozen
class CycleFailed:
    """A cycle could not store its batch; nothing of it counts as published."""

    number: int
    at: datetime
    error: str
    problem: str


@frozen
class BeatMissed:
    """The previous cycle ran into these many beats; they were dropped, never queued."""

    at: datetime
    beats: int


Event = (
    SourceAnswered
    | SourceFailed
    | AskSpared
    | SignalPublished
    | CycleFinished
    | CycleFailed
    | BeatMissed
)
