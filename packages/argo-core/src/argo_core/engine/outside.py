"""What the engine needs from outside, and what the record says of it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from attrs import field, frozen

from argo_core.consensus.formed import Formed
from argo_core.consensus.opinion import SourceName
from argo_core.engine.inputs import Journal, unrecorded
from argo_core.engine.price_life import PriceLife
from argo_core.engine.publication import Publication
from argo_core.engine.seen import Seen
from argo_core.engine.shards.sharding import Sharding
from argo_core.engine.shield import Shield, middle
from argo_core.engine.untraced import UNTRACED
from argo_core.errors import InvalidSetting
from argo_core.market.quote import Quote
from argo_core.ports import (
    Cache,
    Calendar,
    Clock,
    FlightLocks,
    History,
    Observer,
    OpinionSource,
    Quotes,
    Reasoner,
    SignalIndex,
    SignalLog,
    Tracer,
)
from argo_core.signals.prose import Prose
from argo_core.signals.signal import Signal
from argo_core.trading.trade import Trade


@frozen
class Registration:
    """What the record says of this engine: origin, strategy, code and configuration by hash.

    `seed` is the only chance the engine knows: it picks the asks that explore past the gate. With
    `reveal_after_s` above 0 signals are committed to at once and shown that many seconds later;
    their nonces are made with the `reveal_key`.
    """

    log: str
    strategy: str
    code_sha256: str
    config_sha256: str
    seed: int = 0
    reveal_after_s: int = 0
    reveal_key: bytes | None = field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.reveal_after_s and self.reveal_key is None:
            problem = "signals are to be shown later, and there is no key"
            raise InvalidSetting("reveal_key", problem, "give 32 random bytes")


@frozen
class Writing:
    """Who puts signals into words, behind what, for how long, and how many at a time.

    Asks and their cost are told under the name `payer`, apart from what the same vendor is asked
    for opinions. `cache` is shared with other processes, or not; `timeout_s` is on the wall.
    """

    reasoner: Reasoner
    payer: SourceName
    shield: Shield = Shield()
    cache: Cache[Prose] | None = None
    timeout_s: float = 60.0
    at_once: int = 4


def nobody_refuses() -> None:
    """Let everything be written: there is no other process that might."""


class Trading(Protocol):
    """Whoever trades on what the engine publishes; nothing here waits for anything.

    The engine learns what is to be on record, and nothing of brokers, orders or money.
    """

    @property
    def recorded(self) -> int:
        """Before this index of the log there is nothing of what is due.

        That is one past the last index of which `logged` was durably noted, 0 where none was.
        """
        ...

    def taken_up(self, standing: Sequence[tuple[int, Signal]]) -> None:
        """The engine starts, and these are its newest signals, with the indices of the log's.

        The last of them may have been published by a run that ended before it could show them.
        """
        ...

    def due(self) -> tuple[Trade, ...]:
        """Trades that the record is to have and that were not handed over yet, in order."""
        ...

    def logged(self, indices: Mapping[int, int]) -> None:
        """The log has these trades, by their numbers, at these indices; told in order of index."""
        ...

    def seen(self, seen: Seen) -> None:
        """A cycle is over: this is what it published, and what is known."""
        ...


@frozen
class Outside:
    """Everything the engine needs from outside; `quotes` are the primary feed, then fallbacks.

    All after the observer may be left out. `history` warms markets up. `life` says how long a price
    may go unobserved. `writing` puts signals into words. `publication` has witnesses cosign what is
    written and then shows it; without it nothing is shown. The caches and `locks` are shared with
    other processes, or not. A vendor without a `shields` entry is asked without limits of ours.
    `chance` draws from [0, 1). `journal` takes down what the decisions are made of. `trading` acts
    on what is published. `refuse_to_write` raises LogFenced once another process may write. Where
    `recorded` prices are played, witnesses cosign on another day than
    theirs, and outcomes do not wait for it. `tracer` is told which piece of work took how long.
    With `sharding` other processes decide, otherwise this one.
    """

    sources: Sequence[OpinionSource]
    quotes: Sequence[Quotes]
    calendar: Calendar
    log: SignalLog
    index: SignalIndex
    clock: Clock
    observer: Observer
    history: History | None = None
    life: PriceLife | None = None
    opinion_cache: Cache[Formed] | None = None
    quote_cache: Cache[tuple[Quote, ...]] | None = None
    writing: Writing | None = None
    publication: Publication | None = None
    locks: FlightLocks | None = None
    shields: Mapping[SourceName, Shield] = field(factory=dict)
    chance: Callable[[], float] = middle
    journal: Journal = unrecorded
    trading: Trading | None = None
    refuse_to_write: Callable[[], None] = nobody_refuses
    recorded: bool = False
    tracer: Tracer = UNTRACED
    sharding: Sharding | None = None
