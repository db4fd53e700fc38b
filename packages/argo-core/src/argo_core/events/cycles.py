"""The beat: cycles, and the shards they are decided in."""

from datetime import datetime
from decimal import Decimal

from attrs import frozen

from argo_core.consensus.opinion import SourceName


@frozen
class CycleFinished:
    """One beat: every symbol is counted once as signal, hold or skip, or was `missed`.

    `seconds` is the wall time from the beat to the durable batch. `absent` names the sources whose
    last ask failed. Every symbol that trades is looked up at every source: `hits` of `lookups` had
    an opinion that counts. `usd` are the dollars that answers have cost since the cycle before.
    """

    number: int
    at: datetime
    seconds: float
    signals: int
    holds: int
    skips: int
    absent: tuple[SourceName, ...]
    lookups: int = 0
    hits: int = 0
    usd: Decimal = Decimal(0)
    missed: int = 0


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


@frozen
class ShardMissed:
    """A shard of so many `symbols` was not decided in time by `worker`; they miss this cycle."""

    at: datetime
    shard: int
    worker: str
    symbols: int


@frozen
class ShardMoved:
    """A shard is decided by the worker `after` instead of `before`, or, where that is "", here."""

    at: datetime
    shard: int
    before: str
    after: str
    why: str


@frozen
class WorkersChanged:
    """So many other processes are there now to decide shards."""

    at: datetime
    workers: int


CycleEvent = CycleFinished | CycleFailed | BeatMissed | ShardMissed | ShardMoved | WorkersChanged
