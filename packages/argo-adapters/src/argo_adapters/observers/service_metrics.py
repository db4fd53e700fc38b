"""The process, the machine and the API, as Prometheus metrics."""

from typing import Final

from prometheus_client import ProcessCollector

from argo_adapters.observers.metric_book import Described, Kind, MetricBook

# Most answers take milliseconds; what is slower than a beat is all the same.
_REQUEST_EDGES: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
# A cycle may hold the loop for 0.3 s; what holds it longer makes beats late.
_LAG_EDGES: Final = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

# The names are Prometheus's own, so that what everybody has for processes fits; Linux alone has
# them.
_PROCESS: Final = (
    Described(
        "process_virtual_memory_bytes", Kind.GAUGE, (), "Virtual memory of the process (Linux)."
    ),
    Described(
        "process_resident_memory_bytes", Kind.GAUGE, (), "Memory that the process holds (Linux)."
    ),
    Described(
        "process_start_time_seconds", Kind.GAUGE, (), "When the process began, since 1970 (Linux)."
    ),
    Described("process_cpu_seconds_total", Kind.COUNTER, (), "CPU time of the process (Linux)."),
    Described("process_open_fds", Kind.GAUGE, (), "Files and sockets it has open (Linux)."),
    Described("process_max_fds", Kind.GAUGE, (), "How many it may have open (Linux)."),
)


class ServiceMetrics:
    """Requests by route, the event loop, CPU, memory, disk and the process itself."""

    def __init__(self, book: MetricBook) -> None:
        self._exemplar = book.exemplar
        self._requests = book.histogram(
            "argo_http_request_duration_seconds",
            "How long requests took, by the route's template; its count is that of requests.",
            _REQUEST_EDGES,
            *("method", "route", "status"),
        )
        self._lag = book.histogram(
            "argo_event_loop_lag_seconds",
            "How much later than asked for the event loop woke up, looked at once a second.",
            _LAG_EDGES,
        )
        self._cpu = book.gauge(
            "argo_system_cpu_percent", "The machine's CPU in use since the scrape before, 0 to 100."
        )
        self._memory = book.gauge(
            "argo_system_memory_percent", "The machine's memory in use, 0 to 100."
        )
        self._disk = book.gauge(
            "argo_system_disk_percent", "The disk in use on which the database lies, 0 to 100."
        )
        self._built = book.gauge(
            "argo_build_info", "Always 1; the label is the version that runs.", "version"
        )
        self._spans = book.counter(
            "argo_trace_spans_total",
            "Finished spans, by what became of them: exported, or dropped because the collector"
            " was slow or away.",
            "fate",
        )
        self._told: dict[str, int] = {}
        for described in _PROCESS:
            book.describe(described)
        ProcessCollector(registry=book.registry)

    def requested(self, method: str, route: str, status: int, seconds: float) -> None:
        """Observe an answered request; `route` is the template, never the path."""
        self._requests.labels(method, route, str(status)).observe(seconds, self._exemplar())

    def lagged(self, seconds: float) -> None:
        """Observe how late the loop was."""
        self._lag.observe(seconds)

    def stands(self, cpu: float, memory: float, disk: float) -> None:
        """Show the machine, each from 0 to 100."""
        self._cpu.set(cpu)
        self._memory.set(memory)
        self._disk.set(disk)

    def built(self, version: str) -> None:
        """Show which version runs."""
        self._built.labels(version).set(1)

    def spans(self, fate: str, total: int) -> None:
        """Bring the count of spans of that fate up to what it is now since the start."""
        self._spans.labels(fate).inc(max(0, total - self._told.get(fate, 0)))
        self._told[fate] = total
