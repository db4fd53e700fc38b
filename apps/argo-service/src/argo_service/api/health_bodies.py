"""What the API says of its own health, in the words of its documentation."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from attrs import frozen

from argo_core.trading.state import TradingState


@frozen
class CheckBody:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str


@frozen
class BudgetBody:
    """Where a vendor's day stands: `spent` beside `reserved`, of `allowed`; null is unlimited.

    `refused` counts asks that were not made for want of it; `exhausted` says that the last one was.
    """

    usd_spent: Decimal
    usd_reserved: Decimal
    usd_allowed: Decimal | None
    tokens_spent: int
    tokens_allowed: int | None
    calls_spent: int
    calls_allowed: int | None
    resets_at: datetime | None
    refused: int
    exhausted: bool


@frozen
class SourceHealthBody:
    """A vendor, judged by its last 100 asks at most.

    healthy: more than 95 % answered, and a call quick enough; degraded: at least 80 %, and not much
    slower; otherwise unhealthy; unknown before the first ask. `latency_ms` is the median of what an
    ask takes for each of its calls. Quick enough is, for market data, a twentieth of the time after
    which an ask is given up, and an eighth is not much slower (200 and 500 ms of 4 s); for a
    language model it is half of that time, and all of it. A source whose breaker is OPEN is
    unhealthy, and one that is probed, or has no budget left, is degraded.
    `asks` count what the engine wanted, `calls` the HTTP requests that took, `rejected` those that
    limiter or breaker did not let pass. `tokens` are the calls that each limit had left. `spared`
    counts symbols not asked about because no answer could matter. `cache_hit_rate` is the share of
    symbols looked up whose stored answer was fresh.
    """

    status: str
    success_rate: float | None
    latency_ms: float | None
    asks: int
    calls: int
    errors: int
    usd: Decimal
    last_error: str | None
    breaker: str
    tokens: tuple[float, ...]
    waited_s: float
    rejected: int
    spared: int
    cache_hit_rate: float | None
    budget: BudgetBody | None


@frozen
class PerformanceBody:
    """What the engine did since it started; times in seconds, rates from 0 to 1.

    `cache_hit_rate` is the share of opinions looked up that were there. `calls_per_cycle` and
    `usd_per_signal_recent` are of the last hour of cycles at most, `usd_per_signal` since the
    start. `words` counts by whom signals were put into words; `fallback` is the template, where a
    language model did not answer or was not believed.
    """

    average_generation_time: float | None
    skip_rate: float | None
    total_cycles: int
    total_signals: int
    total_holds: int
    total_skips: int
    failed_cycles: int
    missed_beats: int
    last_cycle: int | None
    last_cycle_at: datetime | None
    cache_hit_rate: float | None
    total_calls: int
    calls_per_cycle: float | None
    total_usd: Decimal
    usd_per_signal: Decimal | None
    usd_per_signal_recent: Decimal | None
    words: Mapping[str, int]


@frozen
class TradingHealthBody:
    """Trading: degraded while it is held back or its books do not agree with the broker's.

    `status` is unhealthy once they were not compared for three times as long as they should be, or
    trading has stopped because it could not be written down.
    `ready` says that they agreed since the start, `reconciled_s` how long ago they were compared.
    `stream` is whether prices between cycles and halts are heard; null where nobody tells them.
    Without it entries may be tried in what is halted, and prices are as old as a cycle.
    """

    status: str
    state: TradingState
    ready: bool
    reconciled_s: float | None
    differences: int
    stream: bool | None


@frozen
class ServicesBody:
    """The parts of the service.

    `secrets` is degraded while a vendor that is switched on has no key; `missing_keys` names them.
    `redis` is healthy while what processes share is within reach, degraded while it is not, and
    unused where this process remembers for itself alone. `witnesses` is degraded once what is
    published has lacked its quorum for a minute, and unused where nobody cosigns. `trading` is null
    where nothing is traded.
    """

    api: str
    database: str
    redis: str
    witnesses: str
    secrets: str
    missing_keys: tuple[str, ...]
    trading: TradingHealthBody | None
    data_sources: Mapping[str, SourceHealthBody]
    performance: PerformanceBody


@frozen
class SystemBody:
    """The machine, in percent of what it has."""

    cpu_percent: float
    memory_percent: float
    disk_percent: float


@frozen
class HealthBody:
    """`status` is healthy, degraded (a vendor ails) or unhealthy (a check failed: answer 503).

    `role` is alone, standby, taking_over, publishing, releasing or lost, `colour` what the process
    is called beside its standby, null where it has none, and `fence` the number by which it writes
    the log, null while it does not.
    """

    status: str
    level: str
    version: str
    uptime: float
    timestamp: datetime
    checks: tuple[CheckBody, ...]
    services: ServicesBody | None
    system: SystemBody | None
    colour: str | None
    role: str
    fence: int | None
