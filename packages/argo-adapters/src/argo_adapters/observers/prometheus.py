"""The engine's events as Prometheus metrics, in a registry of their own.

No `symbol` and no id is ever a label: the number of series depends on the sources alone.
"""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from argo_core.consensus.opinion import SourceName
from argo_core.events import (
    AskSpared,
    BeatMissed,
    CycleFailed,
    CycleFinished,
    Event,
    SignalPublished,
    SourceAnswered,
    SourceFailed,
)

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

# A beat has five seconds; 0.3 s is the figure to reach and 0.5 s the alert, so both are edges.
_CYCLE_EDGES = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 2.5, 5.0, 10.0)
# Market data answers in milliseconds, a reasoning model within a minute.
_ASK_EDGES = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class PrometheusMetrics:
    """An observer that counts; `exposition` is what `/metrics` answers with `CONTENT_TYPE`."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry if registry is not None else CollectorRegistry()
        self._cycle_seconds = Histogram(
            "argo_signal_generation_duration_seconds",
            "From the beat to the durable batch.",
            buckets=_CYCLE_EDGES,
            registry=self.registry,
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
        self._requests = self._counter(
            "argo_data_source_requests_total", "Guarded asks, answered or failed.", "source"
        )
        self._errors = self._counter(
            "argo_data_source_errors_total", "Guarded asks that failed.", "source", "error"
        )
        self._calls = self._counter(
            "argo_data_source_calls_total", "HTTP calls the asks needed.", "source"
        )
        self._dollars = self._counter(
            "argo_data_source_dollars_total", "Dollars the asks cost, failures included.", "source"
        )
        self._missing = self._counter(
            "argo_data_source_missing_symbols_total",
            "Symbols asked for without an answer.",
            "source",
        )
        self._spared = self._counter(
            "argo_data_source_spared_symbols_total",
            "Symbols not asked about because no answer could matter.",
            "source",
        )
        self._latency = Histogram(
            "argo_data_source_latency_seconds",
            "Wall time of a guarded ask.",
            ("source",),
            buckets=_ASK_EDGES,
            registry=self.registry,
        )
        self._status = Gauge(
            "argo_data_source_status",
            "1 when the source's last ask was answered, 0 when it failed.",
            ("source",),
            registry=self.registry,
        )
        self._log_size = Gauge("argo_log_size", "Entries in the log.", registry=self.registry)

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(name, meaning, labels, registry=self.registry)

    def notice(self, event: Event) -> None:
        """Count what happened."""
        match event:
            case SourceAnswered():
                self._asked(event, up=True)
                self._missing.labels(event.source).inc(event.missing)
            case SourceFailed():
                self._asked(event, up=False)
                self._errors.labels(event.source, event.error).inc()
            case AskSpared():
                self._spared.labels(event.source).inc(event.symbols)
            case SignalPublished():
                self._signals.labels(event.direction.value).inc()
            case CycleFinished():
                self._cycle_seconds.observe(event.seconds)
                self._holds.inc(event.holds)
                self._skips.inc(event.skips)
            case CycleFailed():
                self._cycle_failures.inc()
            case BeatMissed():
                self._missed_beats.inc(event.beats)
            case _:
                pass

    def _asked(self, event: SourceAnswered | SourceFailed, *, up: bool) -> None:
        source: SourceName = event.source
        self._requests.labels(source).inc()
        self._calls.labels(source).inc(event.calls)
        self._dollars.labels(source).inc(float(event.usd))
        self._latency.labels(source).observe(event.seconds)
        self._status.labels(source).set(1 if up else 0)

    def saw_log(self, size: int) -> None:
        """Note how many entries the log holds, quiet ones included; no event says so."""
        self._log_size.set(size)

    def exposition(self) -> bytes:
        """All metrics in Prometheus's text format."""
        return generate_latest(self.registry)
