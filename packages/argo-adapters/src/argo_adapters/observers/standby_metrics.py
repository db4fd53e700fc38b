"""Who publishes, by which fence, and what kept a process from it, as Prometheus metrics."""

from typing import assert_never

from argo_adapters.observers.metric_book import MetricBook
from argo_core.events import FencedOff, LeaseFailed, RoleChanged, StandbyEvent
from argo_core.resilience.lease_table import Role


class StandbyMetrics:
    """Of a process without a standby all of them stay at 0."""

    def __init__(self, book: MetricBook) -> None:
        self._role = book.gauge(
            "argo_role", "1 for the role that this process has beside a standby.", "role"
        )
        self._fence = book.gauge(
            "argo_fence", "The number by which this process writes the log; 0 while it does not."
        )
        self._token = book.gauge("argo_lease_token", "The newest lease's that this process had.")
        self._changes = book.counter(
            "argo_role_changes_total", "Changes of role, by what came of them.", "role"
        )
        self._failures = book.counter(
            "argo_lease_failures_total", "How often the store of the lease stopped answering."
        )
        self._fenced = book.counter(
            "argo_fenced_writes_total", "Writes that the log refused, as another had opened it."
        )

    def notice(self, event: StandbyEvent) -> None:
        """Count it."""
        match event:
            case RoleChanged():
                for role in Role:
                    self._role.labels(role).set(role is event.after)
                self._changes.labels(event.after).inc()
                self._fence.set(event.fence or 0)
                self._token.set(event.token)
            case LeaseFailed():
                self._failures.inc()
            case FencedOff():
                self._fenced.inc()
            case _:
                assert_never(event)
