"""What asking the vendors gave, cost and spared, as Prometheus metrics."""

from decimal import Decimal
from typing import Final

from prometheus_client import Counter, Gauge

from argo_adapters.observers.metric_book import MetricBook
from argo_core.events import (
    AskSpared,
    BudgetBooked,
    BudgetRefused,
    CacheLooked,
    SourceAnswered,
    SourceFailed,
)

# Market data answers in milliseconds, a reasoning model within a minute.
_ASK_EDGES: Final = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class AskMetrics:
    """By source: asks and their answers, what the cache and the gate spared, and the budget."""

    def __init__(self, book: MetricBook) -> None:
        def counter(name: str, meaning: str, *more: str) -> Counter:
            return book.counter(name, meaning, "source", *more)

        def gauge(name: str, meaning: str, *more: str) -> Gauge:
            return book.gauge(name, meaning, "source", *more)

        self._requests = counter(
            "argo_data_source_requests_total", "Guarded asks, answered or failed."
        )
        self._errors = counter(
            "argo_data_source_errors_total", "Guarded asks that failed.", "error"
        )
        self._calls = counter("argo_data_source_calls_total", "HTTP calls the asks needed.")
        self._dollars = counter(
            "argo_data_source_dollars_total", "Dollars the asks cost, failures included."
        )
        self._missing = counter(
            "argo_data_source_missing_symbols_total", "Symbols asked for without an answer."
        )
        self._spared = counter(
            "argo_data_source_spared_symbols_total",
            "Symbols not asked about because no answer could matter.",
        )
        self._exemplar = book.exemplar
        self._latency = book.histogram(
            "argo_data_source_latency_seconds", "Wall time of a guarded ask.", _ASK_EDGES, "source"
        )
        self._status = gauge(
            "argo_data_source_status",
            "1 when the source's last ask was answered, 0 when it failed.",
        )
        self._hits = counter(
            "argo_cache_hits_total", "Symbols whose stored answer was fresh, so nobody was asked."
        )
        self._misses = counter(
            "argo_cache_misses_total",
            "Symbols whose stored answer was stale, or that had none.",
            "found",
        )
        self._budgets = {
            "usd": gauge(
                "argo_budget_dollars",
                "Dollars of the vendor's day: spent, reserved, allowed.",
                "part",
            ),
            "tokens": gauge(
                "argo_budget_tokens",
                "Tokens of the vendor's day: spent, reserved, allowed.",
                "part",
            ),
            "calls": gauge(
                "argo_budget_calls", "Calls of the vendor's day: spent, reserved, allowed.", "part"
            ),
        }
        self._refusals = counter(
            "argo_budget_refusals_total",
            "Asks not made because a measure of the vendor's day was used up.",
            "measure",
        )

    def asked(self, event: SourceAnswered | SourceFailed) -> None:
        """Count the ask, and what became of it."""
        source = event.source
        self._requests.labels(source).inc()
        self._calls.labels(source).inc(event.calls)
        self._dollars.labels(source).inc(float(event.usd))
        self._latency.labels(source).observe(event.seconds, self._exemplar())
        self._status.labels(source).set(isinstance(event, SourceAnswered))
        if isinstance(event, SourceAnswered):
            self._missing.labels(source).inc(event.missing)
        else:
            self._errors.labels(source, event.error).inc()

    def spared(self, event: AskSpared) -> None:
        """Count whom the gate spared."""
        self._spared.labels(event.source).inc(event.symbols)

    def looked(self, event: CacheLooked) -> None:
        """Count what the cache had."""
        self._hits.labels(event.source).inc(event.fresh)
        self._misses.labels(event.source, "stale").inc(event.stale)
        self._misses.labels(event.source, "nothing").inc(event.missed)

    def booked(self, event: BudgetBooked) -> None:
        """Show where the day stands; what is not limited has no allowance to show."""
        for measure, gauge in self._budgets.items():
            allowed: Decimal | int | None = getattr(event.allowed, measure)
            gauge.labels(event.source, "spent").set(float(getattr(event.spent, measure)))
            gauge.labels(event.source, "reserved").set(float(getattr(event.reserved, measure)))
            if allowed is not None:
                gauge.labels(event.source, "allowed").set(float(allowed))

    def refused(self, event: BudgetRefused) -> None:
        """Count what the day's budget forbade."""
        self._refusals.labels(event.source, event.measure).inc()
