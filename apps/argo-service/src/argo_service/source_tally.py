"""What one vendor was asked, gave and cost, and how its guards stand."""

from collections import deque
from decimal import Decimal
from statistics import median

from attrs import Factory, define

from argo_core.events import (
    AskSpared,
    BreakerChanged,
    BudgetBooked,
    BudgetRefused,
    CacheLooked,
    CallAdmitted,
    CallRejected,
    SourceAnswered,
    SourceFailed,
)
from argo_core.resilience.breaker_table import State

RECENT_ASKS = 100
_MOST_LATENCIES = 10_000


@define
class SourceTally:
    """One source: totals since the start, and its last 100 asks as (answered, seconds a call).

    `waited_s` is what its calls have waited for its limits, `tokens` what each limit had left after
    the last. `fresh`, `stale` and `missed` are symbols found in the cache, `spared` those that the
    gate found not worth asking about. `budget` is where its day stands.
    """

    asks: int = 0
    calls: int = 0
    errors: int = 0
    usd: Decimal = Decimal(0)
    last_error: str | None = None
    recent: "deque[tuple[bool, float]]" = Factory(lambda: deque(maxlen=RECENT_ASKS))
    latencies: "deque[float]" = Factory(lambda: deque(maxlen=_MOST_LATENCIES))
    spared: int = 0
    fresh: int = 0
    stale: int = 0
    missed: int = 0
    admitted: int = 0
    rejected: int = 0
    waited_s: float = 0.0
    tokens: tuple[float, ...] = ()
    breaker: State = State.CLOSED
    budget: BudgetBooked | None = None
    refused: BudgetRefused | None = None
    refusals: int = 0

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
        """The median wall time that a recent ask took for each of its calls.

        One ask makes one call and the next a dozen, so that whole asks say little of the vendor.
        """
        return median(seconds for _, seconds in self.recent) if self.recent else None

    @property
    def answers(self) -> bool:
        """Whether the last ask was answered."""
        return bool(self.recent) and self.recent[-1][0]

    @property
    def hit_rate(self) -> float | None:
        """The share of symbols looked up whose stored answer was fresh."""
        looked = self.fresh + self.stale + self.missed
        return self.fresh / looked if looked else None

    @property
    def exhausted(self) -> bool:
        """Whether an ask was refused for want of budget, and nothing was booked since."""
        return self.refused is not None

    def asked(self, event: SourceAnswered | SourceFailed) -> None:
        """Add the ask, and what became of it."""
        answered = isinstance(event, SourceAnswered)
        self.asks += 1
        self.calls += event.calls
        self.usd += event.usd
        self.recent.append((answered, event.seconds / max(1, event.calls)))
        self.latencies.append(event.seconds)
        if isinstance(event, SourceFailed):
            self.errors += 1
            self.last_error = f"{event.error}: {event.problem}"

    def guarded(
        self, event: AskSpared | CacheLooked | CallAdmitted | CallRejected | BreakerChanged
    ) -> None:
        """Add what the gate, the cache, the limiter or the breaker did."""
        match event:
            case AskSpared():
                self.spared += event.symbols
            case CacheLooked():
                self.fresh += event.fresh
                self.stale += event.stale
                self.missed += event.missed
            case CallAdmitted():
                self.admitted += 1
                self.waited_s += event.waited_s
                self.tokens = event.tokens
            case CallRejected():
                self.rejected += 1
            case BreakerChanged():
                self.breaker = event.after

    def spent(self, event: BudgetBooked | BudgetRefused) -> None:
        """Take note of where the day stands, or that there is nothing left of it."""
        if isinstance(event, BudgetRefused):
            self.refusals += 1
            self.refused = event
        else:
            self.budget, self.refused = event, None
