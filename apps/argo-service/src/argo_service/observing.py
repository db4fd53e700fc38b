"""Who is told what happens: what is counted, traced and collected, and whoever else listens."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from attrs import frozen

from argo_adapters.observers.fan_out import FanOut
from argo_adapters.observers.prometheus import PrometheusMetrics
from argo_core.ports import Clock, Observer
from argo_service.collector import Collector
from argo_service.config.tree import Settings
from argo_service.known_secrets import KnownSecrets
from argo_service.tally import Tally
from argo_service.tracing import Tracing, tracing

if TYPE_CHECKING:
    from argo_adapters.tracing.finished import Finished


@frozen
class Watch:
    """The `observer` tells all: the tally, the metrics, and who listens beside them."""

    observer: Observer
    tally: Tally
    metrics: PrometheusMetrics
    tracing: Tracing


@asynccontextmanager
async def observing(
    settings: Settings,
    clock: Clock,
    observers: Sequence[Observer],
    keep: "Callable[[Finished], None] | None",
    known: KnownSecrets | None,
) -> AsyncIterator[Watch]:
    """Count and trace while the block lasts; `keep` is told of every span as it ends.

    What is `known` is blanked in spans.

    Raises:
        InvalidSetting: OpenTelemetry is wanted and not installed.
    """
    shares = settings.redis.url is not None
    async with tracing(settings, keep, known) as traced:
        # A server counts as within reach until it is missed.
        tally = Tally(clock, True if shares else None)
        metrics = PrometheusMetrics(shared=shares, exemplar=traced.exemplar)
        collector = Collector()
        try:
            yield Watch(FanOut(tally, metrics, *observers, collector), tally, metrics, traced)
        finally:
            collector.release()
