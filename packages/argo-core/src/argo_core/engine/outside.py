"""What the engine needs from outside, and what the record says of it."""

from collections.abc import Sequence

from attrs import frozen

from argo_core.ports import (
    Calendar,
    Clock,
    History,
    Observer,
    OpinionSource,
    Quotes,
    SignalIndex,
    SignalLog,
)


@frozen
class Registration:
    """What the record says of this engine: origin, strategy, code and configuration by hash.

    `seed` is the only chance the engine knows: it picks the asks that explore past the gate.
    """

    log: str
    strategy: str
    code_sha256: str
    config_sha256: str
    seed: int = 0


@frozen
class Outside:
    """Everything the engine needs from outside; `quotes` are the primary feed, then fallbacks."""

    sources: Sequence[OpinionSource]
    quotes: Sequence[Quotes]
    calendar: Calendar
    log: SignalLog
    index: SignalIndex
    clock: Clock
    observer: Observer
    history: History | None = None
