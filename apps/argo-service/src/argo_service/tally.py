"""An observer that adds up what happened, for health, the live view and the summary."""

from collections import Counter, deque
from datetime import datetime
from decimal import Decimal
from typing import assert_never

from attrs import Factory, define, field, frozen

from argo_core.consensus.opinion import SourceName
from argo_core.engine.writer import FALLBACK
from argo_core.events import (
    AskSpared,
    BeatMissed,
    BreakerChanged,
    BudgetBooked,
    BudgetRefused,
    CacheLooked,
    CallAdmitted,
    CallRejected,
    CheckpointPublished,
    CycleFailed,
    CycleFinished,
    Event,
    FencedOff,
    KeyRefused,
    LeaseFailed,
    MarketHeard,
    OrderDenied,
    OrderEnded,
    OrderFilled,
    OrderPlaced,
    OutcomeResolved,
    PublicationFailed,
    ReasoningFormed,
    Reconciled,
    Reloaded,
    RoleChanged,
    SecretsFailed,
    SecretsRead,
    ShardMissed,
    ShardMoved,
    SharedStateChanged,
    SignalPublished,
    SourceAnswered,
    SourceFailed,
    TradingAlarm,
    TradingStateChanged,
    WitnessFailed,
    WorkersChanged,
)
from argo_core.ports import Clock
from argo_service.record_tally import RecordTally
from argo_service.source_tally import SourceTally
from argo_service.trading_tally import TradingTally
from argo_service.upkeep_tally import UpkeepTally

RECENT_CYCLES = 720


@frozen
class _Mark:
    """Where the totals stood when a cycle finished."""

    calls: int
    usd: Decimal
    signals: int


@define
class Tally:
    """Totals of one engine. `heard_s` is the clock's monotonic time of the last whole cycle.

    `within_reach` says whether what processes share can be reached: None where nothing is shared.
    `words` counts by whom words for signals were written, `turns` what happened beside a standby.
    """

    _clock: Clock
    within_reach: bool | None = None
    sources: dict[SourceName, SourceTally] = field(factory=dict)
    cycles: int = 0
    signals: int = 0
    holds: int = 0
    skips: int = 0
    lookups: int = 0
    hits: int = 0
    failed_cycles: int = 0
    missed_beats: int = 0
    missed_symbols: int = 0
    moved_shards: int = 0
    workers: int = 0
    words: Counter[str] = field(factory=Counter)
    turns: Counter[str] = field(factory=Counter)
    last: CycleFinished | None = None
    heard_s: float | None = None
    cycle_seconds: "deque[float]" = Factory(lambda: deque(maxlen=RECENT_CYCLES))
    record: RecordTally = Factory(lambda tally: RecordTally(tally._clock), takes_self=True)
    trading: TradingTally = field(factory=TradingTally)
    upkeep: UpkeepTally = field(factory=UpkeepTally)
    _marks: "deque[_Mark]" = Factory(lambda: deque(maxlen=RECENT_CYCLES))

    def notice(self, event: Event) -> None:  # noqa: C901, PLR0912 - a line for each kind of event
        """Take note of what happened."""
        match event:
            case SourceAnswered() | SourceFailed():
                self.source(event.source).asked(event)
            case AskSpared() | CacheLooked() | CallAdmitted() | CallRejected() | BreakerChanged():
                self.source(event.source).guarded(event)
            case BudgetBooked() | BudgetRefused():
                self.source(event.source).spent(event)
            case ReasoningFormed():
                self.words[event.source] += 1
            case SharedStateChanged():
                self.within_reach = event.within_reach
            case RoleChanged() | LeaseFailed() | FencedOff():
                self.turns[type(event).__name__] += 1
            case CheckpointPublished() | WitnessFailed() | PublicationFailed() | OutcomeResolved():
                self.record.notice(event)
            case CycleFinished():
                self._finished(event)
            case CycleFailed():
                self.failed_cycles += 1
            case BeatMissed():
                self.missed_beats += event.beats
            case ShardMissed():
                self.missed_symbols += event.symbols
            case ShardMoved():
                self.moved_shards += 1
            case WorkersChanged():
                self.workers = event.workers
            case (
                OrderPlaced()
                | OrderFilled()
                | OrderEnded()
                | OrderDenied()
                | TradingStateChanged()
                | Reconciled()
                | TradingAlarm()
                | MarketHeard()
            ):
                self.trading.notice(event)
            case SecretsRead() | SecretsFailed() | KeyRefused() | Reloaded():
                self.upkeep.notice(event)
            case SignalPublished():
                # The cycle that published it counts it.
                pass
            case _:
                assert_never(event)

    def _finished(self, event: CycleFinished) -> None:
        self.cycles += 1
        self.signals += event.signals
        self.holds += event.holds
        self.skips += event.skips
        self.lookups += event.lookups
        self.hits += event.hits
        self.cycle_seconds.append(event.seconds)
        self._marks.append(_Mark(self.calls, self.usd, self.signals))
        self.last = event
        self.heard_s = self._clock.monotonic()

    def source(self, name: SourceName) -> SourceTally:
        """The tally of that source, begun when it is first heard of."""
        return self.sources.setdefault(name, SourceTally())

    @property
    def calls(self) -> int:
        """HTTP calls to all sources since the start."""
        return sum(source.calls for source in self.sources.values())

    @property
    def usd(self) -> Decimal:
        """Dollars that all sources have cost since the start."""
        return sum((source.usd for source in self.sources.values()), Decimal(0))

    @property
    def average_cycle_s(self) -> float | None:
        """The mean wall time of the last cycles, up to an hour of them."""
        if not self.cycle_seconds:
            return None
        return sum(self.cycle_seconds) / len(self.cycle_seconds)

    @property
    def calls_per_cycle(self) -> float | None:
        """The mean number of calls between two of the last cycles, the warm-up apart."""
        if len(self._marks) < 2:  # noqa: PLR2004 - between two cycles
            return None
        return (self._marks[-1].calls - self._marks[0].calls) / (len(self._marks) - 1)

    @property
    def usd_per_signal(self) -> Decimal | None:
        """Dollars since the start for each signal since the start."""
        return self.usd / self.signals if self.signals else None

    @property
    def recent_usd_per_signal(self) -> Decimal | None:
        """The same over the last cycles, up to an hour of them."""
        if not self._marks or self._marks[-1].signals == self._marks[0].signals:
            return None
        first, last = self._marks[0], self._marks[-1]
        return (last.usd - first.usd) / (last.signals - first.signals)

    @property
    def hit_rate(self) -> float | None:
        """The share of opinions looked up in cycles that were there and counted."""
        return self.hits / self.lookups if self.lookups else None

    @property
    def skip_rate(self) -> float | None:
        """The share of decisions that were skipped because the standing signal stood."""
        decisions = self.signals + self.holds + self.skips
        return self.skips / decisions if decisions else None

    @property
    def written(self) -> int:
        """Signals that a language model has put into words."""
        return self.words.total() - self.words[FALLBACK]

    @property
    def last_cycle_at(self) -> datetime | None:
        return self.last.at if self.last else None
