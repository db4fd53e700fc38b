"""What limiter and breaker did with single calls, as Prometheus metrics."""

from typing import Final

from argo_adapters.observers.metric_book import MetricBook
from argo_core.consensus.opinion import SourceName
from argo_core.events import BreakerChanged, CallAdmitted, CallRejected
from argo_core.resilience.breaker_table import State

# A call that is free to go waits for nothing; the slowest default limit is one call in 12 s.
_WAIT_EDGES: Final = (0.001, 0.005, 0.02, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 30.0, 60.0)


class CallMetrics:
    """By source: waits and tokens of the limiter, states of the breaker, calls not made."""

    def __init__(self, book: MetricBook) -> None:
        self._waits = book.histogram(
            "argo_rate_limiter_wait_seconds",
            "How long an admitted call waited for its source's limits.",
            _WAIT_EDGES,
            "source",
        )
        self._tokens = book.gauge(
            "argo_rate_limiter_tokens",
            "Calls each limit had left when the last call was admitted; limits count from 0.",
            *("source", "limit"),
        )
        self._depth = book.gauge(
            "argo_rate_limiter_queue_depth",
            "Calls that waited for the source's limits when the last one was admitted.",
            "source",
        )
        self._rejected = book.counter(
            "argo_data_source_rejected_calls_total",
            "Calls not made, by what rejected them: breaker or limiter.",
            *("source", "by"),
        )
        self._state = book.gauge(
            "argo_circuit_breaker_state",
            "1 for the state the source's breaker is in, 0 for the others.",
            *("source", "state"),
        )
        self._changes = book.counter(
            "argo_circuit_breaker_transitions_total",
            "Changes of a breaker's state.",
            *("source", "before", "after"),
        )
        self._seen: set[SourceName] = set()

    def admitted(self, event: CallAdmitted) -> None:
        """Observe the wait, and show what is left."""
        if event.source not in self._seen:
            # Nothing is said about a breaker that never changed: it is as it began.
            self._show(event.source, State.CLOSED)
        self._waits.labels(event.source).observe(event.waited_s)
        self._depth.labels(event.source).set(event.waiting)
        for number, tokens in enumerate(event.tokens):
            self._tokens.labels(event.source, str(number)).set(tokens)

    def rejected(self, event: CallRejected) -> None:
        """Count the call that was not made."""
        self._rejected.labels(event.source, event.by).inc()

    def changed(self, event: BreakerChanged) -> None:
        """Show the breaker's new state."""
        self._changes.labels(event.source, event.before.value, event.after.value).inc()
        self._show(event.source, event.after)

    def _show(self, source: SourceName, current: State) -> None:
        self._seen.add(source)
        for state in State:
            self._state.labels(source, state.value).set(state is current)
