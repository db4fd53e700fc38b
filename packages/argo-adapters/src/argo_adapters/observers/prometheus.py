"""The engine's events as Prometheus metrics, in a registry of their own.

No `symbol` and no id is ever a label: the number of series depends on sources, witnesses and routes
alone. `catalogue` names every metric there is.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final, assert_never

from prometheus_client import CollectorRegistry, Counter, Gauge, Metric, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.registry import Collector

from argo_adapters.observers.ask_metrics import AskMetrics
from argo_adapters.observers.call_metrics import CallMetrics
from argo_adapters.observers.cluster_metrics import ClusterMetrics
from argo_adapters.observers.metric_book import Described, Exemplar, MetricBook, untraced
from argo_adapters.observers.record_metrics import RecordMetrics
from argo_adapters.observers.service_metrics import ServiceMetrics
from argo_adapters.observers.standby_metrics import StandbyMetrics
from argo_adapters.observers.trading_metrics import TradingMetrics
from argo_adapters.observers.upkeep_metrics import UpkeepMetrics
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
from argo_core.trading.state import TradingState

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS_TYPE: Final = "application/openmetrics-text; version=1.0.0; charset=utf-8"

# A beat has five seconds; 0.3 s is the figure to reach and 0.5 s the alert, so both are edges.
_CYCLE_EDGES = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 2.5, 5.0, 10.0)


class PrometheusMetrics:
    """An observer that counts; `exposition` is what `/metrics` answers with `CONTENT_TYPE`.

    `shared` says whether there is anything that processes share; it counts as within reach until an
    event says otherwise. `exemplar` names the trace that an observed time belongs to.
    """

    def __init__(
        self,
        registry: CollectorRegistry | None = None,
        *,
        shared: bool = False,
        exemplar: Exemplar = untraced,
    ) -> None:
        self.registry = registry if registry is not None else CollectorRegistry()
        self._exemplar = exemplar
        self._book = MetricBook(self.registry, exemplar)
        self._asks = AskMetrics(self._book)
        self._single_calls = CallMetrics(self._book)
        self._record = RecordMetrics(self._book)
        self._trading = TradingMetrics(self._book)
        self._upkeep = UpkeepMetrics(self._book)
        self._cluster = ClusterMetrics(self._book)
        self.service = ServiceMetrics(self._book)
        self._cycle_seconds = self._book.histogram(
            "argo_signal_generation_duration_seconds",
            "From the beat to the durable batch.",
            _CYCLE_EDGES,
        )
        self._cycled_at = self._gauge(
            "argo_last_cycle_timestamp_seconds", "When the last whole cycle began, since 1970."
        )
        self._cycle_failures = self._counter(
            "argo_cycle_failures_total", "Cycles whose batch was not stored."
        )
        self._missed_beats = self._counter(
            "argo_missed_beats_total", "Beats dropped because the cycle before was still running."
        )
        self._signals = self._counter(
            "argo_signals_total", "Signals durably in the log.", "direction"
        )
        self._holds = self._counter(
            "argo_held_symbols_total", "Symbols decided as HOLD and not published."
        )
        self._skips = self._counter(
            "argo_skipped_symbols_total", "Symbols whose standing signal stood."
        )
        self._lookups = self._counter(
            "argo_opinion_lookups_total",
            "Opinions that cycles looked up: every trading symbol at every source.",
        )
        self._opinions = self._counter(
            "argo_opinion_hits_total", "Opinions that were there and counted when looked up."
        )
        self._cost = self._gauge(
            "argo_signal_cost_dollars",
            "Dollars that answers have cost for each signal published, both since the start.",
        )
        self._reasoning = self._counter(
            "argo_reasoning_total",
            "Words that came for signals, by who wrote them; fallback is the template.",
            "writer",
        )
        self._shared = self._gauge(
            "argo_shared_state_within_reach",
            "1 while what processes share can be reached, 0 while this one is on its own.",
        )
        self._shared.set(shared)
        self._losses = self._counter(
            "argo_shared_state_losses_total", "How often what processes share went out of reach."
        )
        self._standby = StandbyMetrics(self._book)
        self._log_size = self._gauge("argo_log_size", "Entries in the log.")
        self._streams = self._gauge("argo_streams", "Streams of entries that are being read.")
        self._usd, self._published = Decimal(0), 0

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return self._book.counter(name, meaning, *labels)

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return self._book.gauge(name, meaning)

    def notice(self, event: Event) -> None:  # noqa: C901, PLR0912, PLR0915 - a line for each kind
        """Count what happened."""
        match event:
            case SourceAnswered() | SourceFailed():
                self._asks.asked(event)
                self._cost_more(event.usd, signals=0)
            case AskSpared():
                self._asks.spared(event)
            case CacheLooked():
                self._asks.looked(event)
            case BudgetBooked():
                self._asks.booked(event)
            case BudgetRefused():
                self._asks.refused(event)
            case CallAdmitted():
                self._single_calls.admitted(event)
            case CallRejected():
                self._single_calls.rejected(event)
            case BreakerChanged():
                self._single_calls.changed(event)
            case ReasoningFormed():
                self._reasoning.labels(event.source).inc()
            case SharedStateChanged():
                self._shared.set(event.within_reach)
                self._losses.inc(not event.within_reach)
            case SignalPublished():
                # Whoever reads metrics need not be somebody who may know a sealed direction.
                self._signals.labels("sealed" if event.sealed else event.direction.value).inc()
                self._cost_more(Decimal(0), signals=1)
            case RoleChanged() | LeaseFailed() | FencedOff():
                self._standby.notice(event)
            case CheckpointPublished():
                self._record.published(event)
            case WitnessFailed():
                self._record.refused(event)
            case PublicationFailed():
                self._record.failed(event)
            case OutcomeResolved():
                self._record.resolved(event)
            case CycleFinished():
                self._finished(event)
            case CycleFailed():
                self._cycle_failures.inc()
            case BeatMissed():
                self._missed_beats.inc(event.beats)
            case ShardMissed() | ShardMoved() | WorkersChanged():
                self._cluster.notice(event)
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
                self._trading.notice(event)
            case SecretsRead() | SecretsFailed() | KeyRefused() | Reloaded():
                self._upkeep.notice(event)
            case _:
                assert_never(event)

    def _finished(self, event: CycleFinished) -> None:
        self._cycle_seconds.observe(event.seconds, self._exemplar())
        self._cycled_at.set(event.at.timestamp())
        self._holds.inc(event.holds)
        self._skips.inc(event.skips)
        self._lookups.inc(event.lookups)
        self._opinions.inc(event.hits)

    def _cost_more(self, usd: Decimal, signals: int) -> None:
        self._usd += usd
        self._published += signals
        if self._published:
            self._cost.set(float(self._usd / self._published))

    def saw_log(self, size: int) -> None:
        """Note how many entries the log holds, quiet ones included; no event says so."""
        self._log_size.set(size)

    def saw_streams(self, count: int) -> None:
        """Note how many streams are open."""
        self._streams.set(count)

    def saw_trading(self, state: TradingState, equity: Decimal, day_pnl: Decimal) -> None:
        """Note where trading stands; prices move its money without an event."""
        self._trading.stands(state)
        self._trading.worth(equity, day_pnl)

    def saw_witnesses(self, lags_s: Mapping[str, float]) -> None:
        """Note how far each witness is behind; nothing happens while it is."""
        self._record.lags(lags_s)

    @property
    def described(self) -> tuple[Described, ...]:
        """Every metric, sorted by name."""
        return self._book.described

    def exposition(self, *, trading: bool = True, openmetrics: bool = False) -> bytes:
        """All metrics in Prometheus's text format, or all but those of trading.

        As OpenMetrics they carry exemplars. An entry that is counted while a signal is sealed tells
        which way that points.
        """
        generate = generate_openmetrics if openmetrics else generate_latest
        if trading:
            return generate(self.registry)
        shown = CollectorRegistry()
        shown.register(_Others(self.registry, self._trading.names))
        return generate(shown)


def catalogue() -> tuple[Described, ...]:
    """Every metric that Argo has, sorted by name: for dashboards, alerts and documentation."""
    return PrometheusMetrics().described


class _Others(Collector):
    """What is in a registry but of other names."""

    def __init__(self, registry: CollectorRegistry, names: frozenset[str]) -> None:
        self._registry = registry
        self._names = names

    def collect(self) -> Iterator[Metric]:
        return (one for one in self._registry.collect() if one.name not in self._names)
