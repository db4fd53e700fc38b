"""Spans leave by one thread, scrubbed, and losses cost a count."""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from argo_adapters.tracing.collector import CollectorSession
from argo_adapters.tracing.opened import OpenTracing, TracePlan, console, otlp

CANARY = "canary-0123456789"
PATIENCE_S = 30.0


class Collector(BaseHTTPRequestHandler):
    """Takes batches over HTTP."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, ExportTraceServiceRequest]]

    def do_POST(self) -> None:
        """One batch."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        batch = ExportTraceServiceRequest.FromString(body)
        self.seen.append((self.headers.get("Authorization", ""), batch))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, ExportTraceServiceRequest]]]]:
    seen: list[tuple[str, ExportTraceServiceRequest]] = []
    handler = type("Handler", (Collector,), {"seen": seen})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}/v1/traces", seen
        server.shutdown()
        serving.join()


def test_a_collector_is_given_every_span_with_the_headers_it_asks_for(
    collector: tuple[str, list[tuple[str, ExportTraceServiceRequest]]],
) -> None:
    endpoint, seen = collector
    exporter = otlp(endpoint, {"Authorization": "Bearer abc"}, timeout_s=10.0)
    tracing = OpenTracing(TracePlan("argo", "1.2.3"), exporter)
    with tracing.tracer.span("cycle", number=7), tracing.tracer.span("append"):
        pass
    tracing.close()
    assert {headers for headers, _ in seen} == {"Bearer abc"}
    resources = [each for _, batch in seen for each in batch.resource_spans]
    told = {one.key: one.value.string_value for one in resources[0].resource.attributes}
    assert told["service.name"] == "argo"
    assert told["service.version"] == "1.2.3"
    spans = [span for each in resources for scope in each.scope_spans for span in scope.spans]
    assert {span.name for span in spans} == {"cycle", "append"}
    assert tracing.counts == {"exported": 2, "dropped": 0}


def test_a_collector_that_is_away_costs_a_count_one_warning_and_little_time(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    exporter = otlp("http://127.0.0.1:9/v1/traces", {"Authorization": CANARY}, timeout_s=0.2)
    tracing = OpenTracing(TracePlan("argo", "1.0"), exporter)
    for number in range(20):
        with tracing.tracer.span("cycle", number=number):
            pass
    began = time.perf_counter()
    tracing.close()
    assert time.perf_counter() - began < 10
    assert tracing.counts == {"exported": 0, "dropped": 20}
    (warning,) = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert "spans are lost" in warning.getMessage()
    assert CANARY not in caplog.text


@pytest.mark.parametrize("status", [200, 307, 503])
def test_of_a_collectors_answer_no_more_is_read_than_its_status(status: int) -> None:
    class Endless(BaseHTTPRequestHandler):
        """Answers for as long as somebody reads."""

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            with suppress(OSError):
                while len(written) < most:
                    self.wfile.write(bytes(65_536))
                    written.append(65_536)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    written: list[int] = []
    # Far more than the kernel keeps for whoever does not read.
    most = 4_000
    with ThreadingHTTPServer(("127.0.0.1", 0), Endless) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        exporter = otlp(f"http://127.0.0.1:{server.server_port}/v1/traces", {}, timeout_s=1.0)
        tracing = OpenTracing(TracePlan("argo", "1.0"), exporter)
        with tracing.tracer.span("cycle"):
            pass
        tracing.close()
        server.shutdown()
        serving.join()
    assert sum(tracing.counts.values()) == 1
    assert 0 < len(written) < most


def test_a_connection_to_a_collector_serves_again(
    collector: tuple[str, list[tuple[str, ExportTraceServiceRequest]]],
) -> None:
    endpoint, _ = collector
    with CollectorSession() as session:
        for _ in range(2):
            session.post(endpoint, data=b"")
        pools = session.get_adapter(endpoint).poolmanager.pools
        (pool,) = (pools[key] for key in pools.keys())  # noqa: SIM118 - it is no mapping of ours
        assert (pool.num_connections, pool.num_requests) == (1, 2)


class Stuck(SpanExporter):
    """Takes a batch and keeps it until it is told to go on."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun = threading.Event()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.begun.set()
        self.go.wait(PATIENCE_S)
        return SpanExportResult.SUCCESS


def test_a_slow_collector_holds_nobody_up_and_what_does_not_fit_is_counted() -> None:
    exporter = Stuck()
    tracing = OpenTracing(TracePlan("argo", "1.0", queue=8), exporter)
    for _ in range(8):
        with tracing.tracer.span("cycle"):
            pass
    # The queue is as full as a batch, and the batch is on its way.
    assert exporter.begun.wait(PATIENCE_S)
    for _ in range(8 + 5):
        with tracing.tracer.span("cycle"):
            pass
    assert tracing.counts == {"exported": 0, "dropped": 5}
    exporter.go.set()
    tracing.close()
    assert tracing.counts == {"exported": 16, "dropped": 5}


class Broken(SpanExporter):
    """Raises instead of failing."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        raise OSError(CANARY)


def test_an_exporter_that_raises_is_a_loss_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    tracing = OpenTracing(TracePlan("argo", "1.0"), Broken())
    with tracing.tracer.span("cycle"):
        pass
    tracing.close()
    assert tracing.counts == {"exported": 0, "dropped": 1}
    assert "OSError" in caplog.text
    assert CANARY not in caplog.text


class Mending(SpanExporter):
    """Fails as long as it is broken."""

    def __init__(self) -> None:
        self.broken = True

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return SpanExportResult.FAILURE if self.broken else SpanExportResult.SUCCESS


def test_a_collector_that_comes_back_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    exporter = Mending()
    tracing = OpenTracing(TracePlan("argo", "1.0", queue=1), exporter)

    def one_span(done: int) -> None:
        with tracing.tracer.span("cycle"):
            pass
        until = time.perf_counter() + PATIENCE_S
        while sum(tracing.counts.values()) < done and time.perf_counter() < until:
            time.sleep(0.001)

    one_span(1)
    exporter.broken = False
    one_span(2)
    one_span(3)
    tracing.close()
    assert tracing.counts == {"exported": 2, "dropped": 1}
    told = [one.getMessage() for one in caplog.records if one.name.startswith("argo")]
    assert [one.partition(":")[0] for one in told] == ["spans are lost", "spans are exported again"]


def test_secrets_and_words_of_exceptions_do_not_leave(capsys: pytest.CaptureFixture[str]) -> None:
    tracing = OpenTracing(
        TracePlan("argo", "1.0", clean=lambda text: text.replace(CANARY, "***")), console()
    )
    with tracing.tracer.span(f"ask {CANARY}", source=CANARY) as span:
        span.note(more=f"key={CANARY}")
    # As a library that is instrumented would do it.
    otel = tracing.tracer._tracer
    with pytest.raises(ValueError, match=CANARY), otel.start_as_current_span("GET"):
        raise ValueError(CANARY)
    tracing.close()
    told = capsys.readouterr().err
    assert "ask ***" in told
    assert "ERROR" in told
    assert CANARY not in told
    assert len(told.splitlines()) == 2


def test_a_long_text_is_cut_once_it_is_clean(capsys: pytest.CaptureFixture[str]) -> None:
    tracing = OpenTracing(
        TracePlan("argo", "1.0", clean=lambda text: text.replace(CANARY, "***")), console()
    )
    # Half of it would be within the 256 characters that are exported.
    before = "x" * (256 - len(CANARY) // 2)
    with tracing.tracer.span("ask", source=before + CANARY + 300 * "y"):
        pass
    tracing.close()
    told = capsys.readouterr().err
    assert f"{before}***y" in told
    assert CANARY[: len(CANARY) // 2] not in told
    assert 300 * "y" not in told
