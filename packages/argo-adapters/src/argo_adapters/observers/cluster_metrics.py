"""Metrics of deciding on other processes: who is there, what was late, what was moved."""

from argo_adapters.observers.metric_book import MetricBook
from argo_core.events import ShardMissed, ShardMoved, WorkersChanged


class ClusterMetrics:
    """Counts shards; no worker's name is a label, because workers come and go."""

    def __init__(self, book: MetricBook) -> None:
        self._workers = book.gauge(
            "argo_cluster_workers", "Other processes that are there to decide shards of symbols."
        )
        self._missed = book.counter(
            "argo_missed_symbols_total", "Symbols that were not decided in a cycle: too late."
        )
        self._moves = book.counter(
            "argo_shard_moves_total",
            "Shards that were sent anew to another worker, or decided here for want of one.",
            "to",
        )

    def notice(self, event: ShardMissed | ShardMoved | WorkersChanged) -> None:
        """Count what happened."""
        match event:
            case ShardMissed():
                self._missed.inc(event.symbols)
            case ShardMoved():
                self._moves.labels("worker" if event.after else "coordinator").inc()
            case WorkersChanged():
                self._workers.set(event.workers)
