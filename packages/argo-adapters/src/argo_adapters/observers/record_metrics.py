"""What became public, by whose word, and what it was worth, as Prometheus metrics."""

from collections.abc import Mapping
from typing import Final

from argo_adapters.observers.metric_book import MetricBook
from argo_core.events import (
    CheckpointPublished,
    OutcomeResolved,
    PublicationFailed,
    WitnessFailed,
)

# A witness answers within milliseconds; after two seconds we publish without it.
_PUBLISH_EDGES: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0, 10.0, 60.0)


class RecordMetrics:
    """Checkpoints and who cosigned them, failures on the way, and outcomes of signals."""

    def __init__(self, book: MetricBook) -> None:
        self._exemplar = book.exemplar
        self._size = book.gauge("argo_published_size", "Entries of the log that are public.")
        self._checkpoints = book.counter(
            "argo_checkpoints_published_total",
            "Checkpoints published: with a quorum of witnesses, or pending.",
            "pending",
        )
        self._seconds = book.histogram(
            "argo_publish_delay_seconds",
            "From a durable batch to its publication, and once more to its quorum if it was late.",
            _PUBLISH_EDGES,
        )
        self._cosigned = book.gauge(
            "argo_newest_cosigned_timestamp_seconds",
            "When a checkpoint was last published that a witness had cosigned.",
        )
        self._lag = book.gauge(
            "argo_witness_lag_seconds",
            "How long the oldest durable batch waits that the witness has not cosigned; 0 when it"
            " has cosigned all.",
            "witness",
        )
        self._failures = book.counter(
            "argo_witness_failures_total",
            "Checkpoints that a witness did not cosign when asked.",
            *("witness", "error"),
        )
        self._lost = book.counter(
            "argo_publication_failures_total",
            "How often the log failed between a durable batch and its publication.",
            "error",
        )
        self._outcomes = book.counter(
            "argo_outcomes_total", "Signals whose horizon is over.", "result"
        )

    def published(self, event: CheckpointPublished) -> None:
        """Count a checkpoint; one that was pending is counted again when its quorum is there."""
        self._size.set(event.size)
        self._checkpoints.labels(str(event.pending).lower()).inc()
        self._seconds.observe(event.seconds, self._exemplar())
        if event.cosigned:
            self._cosigned.set(event.at.timestamp())

    def lags(self, seconds: Mapping[str, float]) -> None:
        """Show how far each witness, by its name, is behind."""
        for witness, lag_s in seconds.items():
            self._lag.labels(witness).set(lag_s)

    def refused(self, event: WitnessFailed) -> None:
        """Count a failure of a witness."""
        self._failures.labels(event.witness, event.error).inc()

    def failed(self, event: PublicationFailed) -> None:
        """Count a failure of the log."""
        self._lost.labels(event.error).inc()

    def resolved(self, event: OutcomeResolved) -> None:
        """Count an outcome."""
        self._outcomes.labels(event.result).inc()
