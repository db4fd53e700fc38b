"""An observer that adds up what happened, for health, the live view and the summary."""

from collections import deque
from datetime import datetime
from decimal import Decimal
from statistics import median

from attrs import Factory, define, field

from argo_core.consensus.opinion import SourceName
from argo_core.events import (
    BeatMissed,
    CycleFailed,
    CycleFinished,
    Event,
    SourceAnswered,
    SourceFailed,
)
from argo_core.ports import Clock

RECENT_ASKS = 100
RECENT_CYCLES = 720
_MOST_LATENCIES = 10_000


@define
class SourceTally:
    """One source: totals since the start, and its last 100 asks as (answered, wall seconds)."""

    asks: int = 0
    calls: int = 0
    errors: int = 0
    usd: Decimal = Decimal(0)
    last_error: str | None = None
    recent: "deque[tuple[bool, float]]" = Factory(lambda: deque(maxlen=RECENT_ASKS))
    latencies: "deque[float]" = Factory(lambda: deque(maxlen=_MOST_LATENCIES))

    @property
    def p50_s(self) -> float | None:
        """The median wall time of an ask, None before the first."""
        return median(self.latencies) if self.latencies else None

    @property
    def success_rate(self) -> float | None:
        """The share of the recent asks that were answered."""
        if not self.recent:
            return None
        return sum(answered for answered, _ in self.recent) / len(self.recent)

    @property
    def recent_p50_s(self) -> float | None:
        """The median wall time of the recent asks."""
        return median(seconds for _, seconds in self.recent) if self.recent else None

    @property
    def answers(self) -> bool:
        """Whether the last ask was answered."""
        return bool(self.recent) and self.recent[-1][0]

    def add(self, event: SourceAnswered | SourceFailed) -> None:
        answered = isinstance(event, SourceAnswered)
        self.asks += 1
        self.calls += event.calls
        self.usd += event.usd
        self.recent.append((answered, event.seconds))
        self.latencies.append(event.seconds)
        if isinstance(event, SourceFailed):
            self.errors += 1
            self.last_error = f"{event.error}: {event.problem}"


@define
class Tally:
    """Totals of one engine. `heard_s` is the clock's monotonic time of the last whole cycle."""

    _clock: Clock
    sources: dict[SourceName, SourceTally] = field(factory=dict)
    cycles: int = 0
    signals: int = 0
    holds: int = 0
    skips: int = 0
    failed_cycles: int = 0
    missed_beats: int = 0
    last: CycleFinished | None = None
    heard_s: float | None = None
    cycle_seconds: "deque[float]" = Factory(lambda: deque(maxlen=RECENT_CYCLES))

    def notice(self, event: Event) -> None:
        """Take note of what happened."""
        match event:
            case SourceAnswered() | SourceFailed():
                self.source(event.source).add(event)
            case CycleFinished():
                self.cycles += 1
                self.signals += event.signals
                self.holds += event.holds
                self.skips += event.skips
                self.cycle_seconds.append(event.seconds)
                self.last = event
                self.heard_s = self._clock.monotonic()
            case CycleFailed():
                self.failed_cycles += 1
            case BeatMissed():
                self.missed_beats += event.beats
            case _:
                pass

    def source(self, name: SourceName) -> SourceTally:
        """The tally of that source, begun when it is first heard of."""
        return self.sources.setdefault(name, SourceTally())

    @property
    def average_cycle_s(self) -> float | None:
        """The mean wall time of the last cycles, up to an hour of them."""
        if not self.cycle_seconds:
            return None
        return sum(self.cycle_seconds) / len(self.cycle_seconds)

    @property
    def skip_rate(self) -> float | None:
        """The share of decisions that were skipped because the standing signal stood."""
        decisions = self.signals + self.holds + self.skips
        return self.skips / decisions if decisions else None

    @property
    def last_cycle_at(self) -> datetime | None:
        return self.last.at if self.last else None
