"""Metrics in Prometheus's text, made of what happened and of what probes found.

The tables are all there is; see `metric_tables`. A happening that took place within a span gives
its histograms an exemplar with the trace's id, which OpenMetrics shows.
"""

import math
import platform
from collections.abc import Callable, Mapping
from typing import TypeVar

from attrs import frozen
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics import MetricWrapperBase

from alpine_service.adapters.observers.metric_tables import (
    ALERTS,
    BUILD,
    COUNTED,
    HEALTH,
    LAG,
    SECONDS,
    SHOWN,
    TIMED,
    Counted,
    Shown,
    Timed,
)
from alpine_service.ports.health import Condition, Finding
from alpine_service.ports.observing import TRACE_ID, Fact, Weight

_Row = TypeVar("_Row", Counted, Timed)
_Made = TypeVar("_Made", bound=MetricWrapperBase)
_WORTH = {Condition.OK: 1.0, Condition.DEGRADED: 0.5, Condition.DOWN: 0.0}


@frozen
class Written:
    """Metrics as they are read, and in which format."""

    text: bytes
    content_type: str


@frozen
class Build:
    """What runs: which version of which build, as which instance."""

    version: str = "unknown"
    build: str = "unknown"
    instance: str = "alpine"


class Metrics:
    """Keeps the port `Observer`, and shows what it counted.

    `trace_id` says in which trace we are, if in one.
    """

    def __init__(
        self, build: Build = Build(), trace_id: Callable[[], str | None] = lambda: None
    ) -> None:
        self._trace_id = trace_id
        self._registry = CollectorRegistry()
        self._counters = _of_happenings(COUNTED, self._counter)
        self._timers = _of_happenings(TIMED, self._timer)
        self._gauges = {fact: self._gauge(shown) for fact, shown in SHOWN.items()}
        self._totals: dict[tuple[str, str], float] = {}
        self._lag = self._timer(LAG)
        self._conditions = Gauge(
            HEALTH.name, HEALTH.meaning, HEALTH.labels, registry=self._registry
        )
        self._alerts = Counter(ALERTS.name, ALERTS.meaning, ALERTS.labels, registry=self._registry)
        running = Gauge(BUILD.name, BUILD.meaning, BUILD.labels, registry=self._registry)
        labels = (build.version, build.build, build.instance, platform.python_version())
        running.labels(*labels).set(1)

    def tell(self, what: str, weight: Weight = Weight.INFO, **facts: Fact) -> None:
        if weight is Weight.ALERT:
            self._alerts.labels(what).inc()
        for counted, counter in self._counters.get(what, ()):
            amount = 1 if counted.amount is None else float(facts.get(counted.amount) or 0)
            _with_labels(counter, counted.labels, facts).inc(amount)
        for timed, timer in self._timers.get(what, ()):
            seconds = facts.get(timed.seconds)
            if seconds is not None:
                trace_id = facts.get(TRACE_ID) or self._trace_id()
                exemplar = {TRACE_ID: str(trace_id)} if trace_id else None
                _with_labels(timer, timed.labels, facts).observe(float(seconds), exemplar)

    def lagged(self, seconds: float) -> None:
        """The event loop came so late to what was due."""
        self._lag.observe(seconds)

    def found(self, findings: Mapping[str, Finding]) -> None:
        """Show what probes found; a fact that is None is shown as no number."""
        for name, finding in findings.items():
            self._conditions.labels(name).set(_WORTH[finding.condition])
            for fact, value in finding.facts.items():
                self._show((name, fact), value)

    def written(self, accept: str = "") -> Written:
        """All of it: as OpenMetrics, which has exemplars, for whoever accepts that."""
        encode, content_type = choose_encoder(accept)
        return Written(encode(self._registry), content_type)

    def _show(self, fact: tuple[str, str], value: Fact) -> None:
        gauge = self._gauges.get(fact)
        number = math.nan if value is None else float(value)
        if isinstance(gauge, Gauge):
            gauge.set(number)
        elif gauge is not None and number > self._totals.get(fact, 0.0):
            # Of what only grows is told what it is by now.
            gauge.inc(number - self._totals.get(fact, 0.0))
            self._totals[fact] = number

    def _counter(self, counted: Counted) -> Counter:
        return Counter(
            counted.name, counted.meaning, tuple(counted.labels), registry=self._registry
        )

    def _timer(self, timed: Timed) -> Histogram:
        return Histogram(
            timed.name,
            timed.meaning,
            tuple(timed.labels),
            buckets=SECONDS,
            registry=self._registry,
        )

    def _gauge(self, shown: Shown) -> Gauge | Counter:
        if shown.is_total:
            return Counter(shown.name, shown.meaning, registry=self._registry)
        gauge = Gauge(shown.name, shown.meaning, registry=self._registry)
        # Of what no probe tells, such as a secrets manager that nobody has, 0 would be a lie.
        gauge.set(math.nan)
        return gauge


def _of_happenings(
    table: Mapping[str, tuple[_Row, ...]], make: Callable[[_Row], _Made]
) -> dict[str, tuple[tuple[_Row, _Made], ...]]:
    return {what: tuple((row, make(row)) for row in rows) for what, rows in table.items()}


def _with_labels(made: _Made, labels: Mapping[str, str], facts: Mapping[str, Fact]) -> _Made:
    return made.labels(*(str(facts.get(fact)) for fact in labels.values())) if labels else made
