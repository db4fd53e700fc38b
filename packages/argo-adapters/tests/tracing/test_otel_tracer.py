"""The tracer on OpenTelemetry keeps the port's promises, and never touches the process's own."""

import logging
from collections.abc import Iterator

import pytest
from opentelemetry import trace
from opentelemetry.trace import ProxyTracerProvider

from argo_adapters.tracing.finished import Finished
from argo_adapters.tracing.opened import OpenTracing, TracePlan
from argo_adapters.tracing.otel_tracer import exemplar_here, ids_here
from argo_core.testing.tracer_contract import CALLER, TRACE, Told, TracerCase, TracerContract

PLAN = TracePlan("argo", "1.0")


@pytest.fixture
def kept() -> list[Finished]:
    return []


@pytest.fixture
def tracing(kept: list[Finished]) -> Iterator[OpenTracing]:
    opened = OpenTracing(PLAN, None, kept.append)
    yield opened
    opened.close()


class TestOtelTracer(TracerContract):
    @pytest.fixture
    def case(self, tracing: OpenTracing, kept: list[Finished]) -> TracerCase:
        def told() -> list[Told]:
            return [
                Told(one.name, one.trace_id, one.id, one.parent, one.attributes, one.failed)
                for one in kept
            ]

        return TracerCase(tracing.tracer, told)


def test_the_process_s_own_provider_stays_what_it_was(tracing: OpenTracing) -> None:
    with tracing.tracer.span("cycle"):
        assert isinstance(trace.get_tracer_provider(), ProxyTracerProvider)


def test_a_line_and_a_measurement_within_a_span_name_its_trace(
    tracing: OpenTracing, kept: list[Finished]
) -> None:
    assert ids_here() == {}
    assert exemplar_here() is None
    with tracing.tracer.span("cycle"):
        ids, exemplar = ids_here(), exemplar_here()
    (cycle,) = kept
    assert ids == {"trace_id": f"{cycle.trace_id:032x}", "span_id": f"{cycle.id:016x}"}
    assert exemplar == {"trace_id": ids["trace_id"]}


def test_what_is_not_kept_is_no_example_though_lines_name_it() -> None:
    kept: list[Finished] = []
    tracing = OpenTracing(TracePlan("argo", "1.0", sample=0.0), None, kept.append)
    with tracing.tracer.span("cycle"):
        assert exemplar_here() is None
        assert set(ids_here()) == {"trace_id", "span_id"}
    tracing.close()
    assert kept == []


@pytest.mark.parametrize(
    ("sample", "flags", "count"), [(1.0, "01", 1), (1.0, "00", 0), (0.0, "01", 0)]
)
def test_a_caller_may_ask_for_less_than_our_share_and_never_for_more(
    sample: float, flags: str, count: int
) -> None:
    kept: list[Finished] = []
    tracing = OpenTracing(TracePlan("argo", "1.0", sample=sample), None, kept.append)
    caller = tracing.tracer.caller(f"00-{TRACE}-{CALLER}-{flags}")
    with tracing.tracer.span("request", caller):
        pass
    tracing.close()
    assert len(kept) == count


def test_the_library_s_own_log_is_quiet_while_it_is_on_and_as_before_afterwards() -> None:
    library = logging.getLogger("opentelemetry")
    before = library.level
    tracing = OpenTracing(PLAN, None)
    assert library.level == logging.CRITICAL
    tracing.close()
    assert library.level == before
