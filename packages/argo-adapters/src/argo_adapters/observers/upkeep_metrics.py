"""Secrets, keys and settings while the service runs, as Prometheus metrics."""

from typing import assert_never

from argo_adapters.observers.metric_book import MetricBook
from argo_core.events import KeyRefused, Reloaded, SecretsFailed, SecretsRead, UpkeepEvent


class UpkeepMetrics:
    """How often secrets were read, keys refused and settings read again; never what they are."""

    def __init__(self, book: MetricBook) -> None:
        self._reads = book.counter(
            "argo_secrets_reads_total",
            "Secrets that were read: ok, or by the class of the error.",
            "result",
        )
        self._read_at = book.gauge(
            "argo_secrets_read_timestamp_seconds", "When all secrets were last read, since 1970."
        )
        self._stale = book.gauge(
            "argo_secrets_stale", "1 while a secret could not be read and its last value serves."
        )
        self._refused = book.counter(
            "argo_vendor_key_refusals_total",
            "Keys that vendors refused, by which value they are shown then.",
            *("source", "after"),
        )
        self._reloads = book.counter(
            "argo_reloads_total",
            "Times that the settings were read again: applied, unchanged or refused.",
            "result",
        )

    def notice(self, event: UpkeepEvent) -> None:
        """Count what happened."""
        match event:
            case SecretsRead():
                self._reads.labels("ok").inc(event.names)
                self._read_at.set(event.at.timestamp())
                self._stale.set(0)
            case SecretsFailed():
                self._reads.labels(event.error).inc()
                self._stale.set(1)
            case KeyRefused():
                self._refused.labels(event.source, event.then).inc()
            case Reloaded():
                self._reloads.labels(event.result).inc()
            case _:
                assert_never(event)
