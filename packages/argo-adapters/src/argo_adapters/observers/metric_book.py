"""Metrics are made here, so that each is described where it is counted, and the list is whole."""

from collections.abc import Callable
from enum import StrEnum

from attrs import frozen
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from argo_core.errors import InvalidInput

Exemplar = Callable[[], dict[str, str] | None]
"""The trace that what is counted now belongs to, as `{"trace_id": ...}`; None outside of any."""


class Kind(StrEnum):
    """Prometheus's types, as far as they are used."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@frozen
class Described:
    """One metric: its name as it is queried, and what it means, with the unit in the name.

    A counter's name ends in `_total`. A histogram is queried by its name and `_bucket`, `_sum` or
    `_count`, and by the label `le` beside its own.
    """

    name: str
    kind: Kind
    labels: tuple[str, ...]
    meaning: str

    @property
    def series(self) -> tuple[str, ...]:
        """The names of the series it has in Prometheus."""
        if self.kind is Kind.HISTOGRAM:
            return tuple(f"{self.name}_{part}" for part in ("bucket", "count", "sum"))
        return (self.name,)


def untraced() -> None:
    """An exemplar for where nothing is traced."""
    return


class MetricBook:
    """Makes metrics in `registry` and remembers what they are; `exemplar` marks what they count."""

    def __init__(self, registry: CollectorRegistry, exemplar: Exemplar = untraced) -> None:
        self.registry = registry
        self.exemplar = exemplar
        self._described: dict[str, Described] = {}

    @property
    def described(self) -> tuple[Described, ...]:
        """Every metric, sorted by name."""
        return tuple(self._described[name] for name in sorted(self._described))

    def counter(self, name: str, meaning: str, *labels: str) -> Counter:
        """A new counter; its name ends in `_total`."""
        self.describe(Described(name, Kind.COUNTER, labels, meaning))
        return Counter(name, meaning, labels, registry=self.registry)

    def gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        """A new gauge."""
        self.describe(Described(name, Kind.GAUGE, labels, meaning))
        return Gauge(name, meaning, labels, registry=self.registry)

    def histogram(
        self, name: str, meaning: str, edges: tuple[float, ...], *labels: str
    ) -> Histogram:
        """A new histogram with these upper edges."""
        self.describe(Described(name, Kind.HISTOGRAM, labels, meaning))
        return Histogram(name, meaning, labels, buckets=edges, registry=self.registry)

    def describe(self, one: Described) -> None:
        """Add a metric that is made elsewhere.

        Raises:
            InvalidInput: there is one of that name, or a counter is not named like one.
        """
        if one.name in self._described:
            raise InvalidInput("name", f"{one.name} is there already", "name each metric once")
        if (one.kind is Kind.COUNTER) != one.name.endswith("_total"):
            problem = f"{one.name} is a {one.kind}"
            raise InvalidInput("name", problem, "end the names of counters alone in _total")
        self._described[one.name] = one
