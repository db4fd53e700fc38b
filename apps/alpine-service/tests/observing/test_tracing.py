"""Traces: what is within what, whose it is, and that nobody waits for a collector."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pytest_aiohttp.plugin import AiohttpClient

from alpine_service.adapters.log_http.client import open_log
from alpine_service.adapters.observers.json_log import JsonLog
from alpine_service.adapters.observers.metrics import Metrics
from alpine_service.adapters.tracing.opening import Subject, Tracing, open_tracing
from alpine_service.adapters.tracing.otel import opened
from alpine_service.adapters.tracing.queue import Queue
from alpine_service.api.app import build_app
from alpine_service.api.route import ANYBODY, Route
from alpine_service.errors import DatabaseRefused, InvalidSetting
from alpine_service.ports.tracing import UNTRACED, Role, Tracer
from alpine_service.testing.fake_clock import FakeClock
from alpine_service.testing.fake_platform import Fakes
from alpine_service.testing.fake_tracer import FakeTracer
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.whole.service import free_port

SUBJECT = Subject("blue", "1.2", "1a2b")
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
PATIENCE_S = 15.0


class Kept:
    """Traces of OpenTelemetry, kept in memory."""

    def __init__(self, tracing: Tracing, exporter: InMemorySpanExporter) -> None:
        self.tracing, self.tracer = tracing, tracing.tracer
        self._exporter = exporter

    async def spans(self) -> list[ReadableSpan]:
        """All that ended."""
        (queue,) = self.tracing.probes
        assert isinstance(queue, Queue)
        await asyncio.to_thread(queue.force_flush)
        return list(self._exporter.get_finished_spans())

    async def named(self, name: str) -> list[ReadableSpan]:
        return [span for span in await self.spans() if span.name == name]


@asynccontextmanager
async def kept(share: float = 1.0) -> AsyncIterator[Kept]:
    exporter = InMemorySpanExporter()
    async with opened("memory", share, SUBJECT, exporter) as tracing:
        yield Kept(tracing, exporter)


@pytest.fixture(params=["fake", "opentelemetry"])
async def tracer(request: pytest.FixtureRequest) -> AsyncIterator[Tracer]:
    if request.param == "fake":
        yield FakeTracer()
        return
    async with kept() as all_of_it:
        yield all_of_it.tracer


async def test_what_is_within_a_span_is_of_its_trace(tracer: Tracer) -> None:
    with tracer.span("outer") as outer:
        assert tracer.trace_id() == outer.trace_id
        with tracer.span("inner", number=1) as inner:
            assert inner.trace_id == outer.trace_id
    with tracer.span("another") as another:
        assert another.trace_id not in {None, outer.trace_id}
    assert tracer.trace_id() is None


async def test_tasks_begun_in_a_span_are_within_it_and_others_are_not(tracer: Tracer) -> None:
    async def where() -> str | None:
        return tracer.trace_id()

    before = asyncio.create_task(where())
    with tracer.span("outer") as outer:
        within = asyncio.create_task(where())
        assert await before is None
        assert await within == outer.trace_id


async def test_a_parent_from_outside_is_honoured(tracer: Tracer) -> None:
    with tracer.span("asked", Role.SERVER, PARENT) as span:
        assert span.trace_id == TRACE


@pytest.mark.parametrize("parent", ["", "x", "00-0-0-01", PARENT.replace("4bf92f", "zzzzzz")])
async def test_a_parent_that_is_none_begins_a_trace(parent: str) -> None:
    async with kept() as traces:
        with traces.tracer.span("asked", Role.SERVER, parent) as span:
            assert span.trace_id not in {None, TRACE}


async def test_an_error_goes_on_and_the_span_is_closed(tracer: Tracer) -> None:
    with pytest.raises(DatabaseRefused), tracer.span("outer"):
        raise DatabaseRefused("hush-hush")
    assert tracer.trace_id() is None


async def test_who_does_not_trace_keeps_nothing() -> None:
    with UNTRACED.span("outer", Role.SERVER, PARENT, number=1) as span:
        span.note(size=1)
        span.fail("away")
        assert span.trace_id is UNTRACED.trace_id() is None


async def test_an_errors_words_are_in_no_span(database: TestDatabase) -> None:
    async with kept() as traces:

        async def ask() -> None:
            with traces.tracer.span("outer") as span:
                span.note(fact="told", nothing=None)
                await database.app.execute("SELECT $1::text::int", "hush-hush")

        with pytest.raises(DatabaseRefused):
            await ask()
        found = await traces.spans()

    statement, outer = found
    assert statement.parent is not None
    assert outer.context is not None
    assert statement.parent.span_id == outer.context.span_id
    assert "SELECT $1::text::int" in str(statement.attributes)
    assert (outer.status.description, statement.status.description) == ("DatabaseRefused", None)
    assert not any(span.status.is_ok for span in found)
    assert outer.attributes == {"fact": "told"}
    assert not any("hush" in span.to_json() for span in found)
    assert outer.resource.attributes["service.instance.id"] == "blue"


async def test_statements_of_nobody_are_no_traces(database: TestDatabase) -> None:
    async with kept() as traces:
        await database.app.fetchval("SELECT 1")
        assert await traces.spans() == []
    # What was not traced after it is not traced for ever.
    assert await database.app.fetchval("SELECT 1") == 1


async def test_of_traces_a_share_is_taken_and_strangers_get_no_more() -> None:
    async with kept(share=0.0) as traces:
        with traces.tracer.span("ours") as ours, traces.tracer.span("asked", Role.SERVER, PARENT):
            assert ours.trace_id is None
        assert await traces.spans() == []


async def fails(_: web.Request) -> web.Response:
    raise ZeroDivisionError("hush-hush")


async def test_a_request_is_a_span_by_its_route_and_its_id_finds_the_trace(
    aiohttp_client: AiohttpClient,
) -> None:
    route = Route("GET", "/things/{name}", fails, "x", "x", ANYBODY, "application/json")
    fakes = Fakes()
    async with kept() as traces:
        platform = fakes.platform(tracer=traces.tracer)
        client = await aiohttp_client(build_app(platform, (route,)))
        answer = await client.get("/things/hush-hush")
        problem = await answer.json()
        await client.get("/things/hush-hush", headers={"traceparent": PARENT})
        first, second = await traces.spans()

    assert first.name == "GET /things/{name}"
    assert first.context is not None
    assert second.context is not None
    assert problem["request_id"] == f"req_{first.context.trace_id:032x}"
    assert first.attributes == {
        "http.request.method": "GET",
        "http.route": "/things/{name}",
        "http.response.status_code": 500,
        "alpine.request_id": problem["request_id"],
    }
    assert not first.status.is_ok
    assert f"{second.context.trace_id:032x}" == TRACE
    # A trace of somebody else's may have many requests, and an id is of one.
    assert TRACE not in str(second.attributes)
    assert "hush" not in first.to_json() + second.to_json()


def lines_of(tracer: Tracer) -> Iterator[dict[str, object]]:
    class Sink:
        def __init__(self) -> None:
            self.lines = b""

        def write(self, data: bytes) -> None:
            self.lines += data

        def flush(self) -> None:
            pass

    sink = Sink()
    log = JsonLog(sink, FakeClock(), trace_id=tracer.trace_id)  # type: ignore[arg-type]
    log.tell("before")
    with tracer.span("outer"):
        log.tell("within", number=1)
        log.tell("of.another", trace_id=TRACE)
    log._write_all()
    return (orjson.loads(line) for line in sink.lines.splitlines())


async def test_lines_told_in_a_span_have_its_trace(tracer: Tracer) -> None:
    before, within, another = lines_of(tracer)

    assert "trace_id" not in before
    assert len(str(within["trace_id"])) == 32
    assert another["trace_id"] == TRACE


async def test_whom_we_ask_is_told_of_our_trace_and_no_secret_of_the_address_is_kept() -> None:
    heard: list[str | None] = []

    async def answer(request: web.Request) -> web.Response:
        heard.append(request.headers.get("traceparent"))
        return web.Response(body=b"x")

    app = web.Application()
    app.router.add_get("/checkpoint", answer)
    async with TestServer(app) as server, kept() as traces:
        url = f"http://user:hush-hush@{server.host}:{server.port}"
        async with open_log(url, "key", traces=traces.tracing.client) as log:
            with traces.tracer.span("ingest.round") as span:
                await log.checkpoint()
            await log.checkpoint()
        found = await traces.spans()

    assert [each.name for each in found] == ["GET", "ingest.round"]
    assert heard[0] is not None
    assert heard[0].split("-")[1] == span.trace_id
    assert "hush" not in found[0].to_json()
    assert "/checkpoint" in str(found[0].attributes)


async def test_spans_arrive_at_a_collector() -> None:
    bodies: list[bytes] = []

    async def collect(request: web.Request) -> web.Response:
        bodies.append(await request.read())
        return web.Response(body=b"", content_type="application/x-protobuf")

    app = web.Application()
    app.router.add_post("/v1/traces", collect)
    async with TestServer(app) as server:
        where = f"http://{server.host}:{server.port}"
        async with open_tracing(where, 1.0, SUBJECT) as tracing:
            with tracing.tracer.span("outer"):
                pass
        # What waited at the end was sent before it.
        (queue,) = tracing.probes
        found = await queue.check()
    asked = ExportTraceServiceRequest()
    asked.ParseFromString(bodies[0])
    (resource,) = asked.resource_spans
    assert [span.name for span in resource.scope_spans[0].spans] == ["outer"]
    assert found.facts == {"exported": 1, "dropped": 0}


async def test_a_collector_that_is_away_costs_spans_and_nothing_else() -> None:
    clock = asyncio.get_running_loop().time
    async with open_tracing(f"http://127.0.0.1:{free_port()}", 1.0, SUBJECT) as tracing:
        (queue,) = tracing.probes
        for _ in range(10_000):
            with tracing.tracer.span("outer"):
                pass
        began = clock()

    ended_s = clock() - began
    facts = (await queue.check()).facts
    # Those beyond the bound at once, the others when they could not be sent.
    assert int(facts["dropped"] or 0) >= 5_000
    assert facts["exported"] == 0
    assert ended_s < PATIENCE_S


@pytest.mark.parametrize("status", [200, 307, 503])
async def test_an_endless_answer_of_a_collector_is_not_read(status: int) -> None:
    written = 0
    # Far more than the kernel keeps for whoever does not read.
    most = 256 * 2**20

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal written
        await request.read()
        answer = web.StreamResponse(status=status, headers={"Location": "/elsewhere"})
        await answer.prepare(request)
        with suppress(ConnectionError):
            while written < most:
                await answer.write(bytes(65_536))
                written += 65_536
        return answer

    app = web.Application()
    app.router.add_post("/v1/traces", endless)
    async with TestServer(app) as server:
        async with open_tracing(f"http://{server.host}:{server.port}", 1.0, SUBJECT) as tracing:
            (queue,) = tracing.probes
            with tracing.tracer.span("outer"):
                pass
        facts = (await queue.check()).facts
    # The library takes all below 400 for a yes; what it means to try again is not lost yet.
    assert facts["exported"] == (status < 400)
    assert written < most


async def test_dropped_spans_are_a_metric() -> None:
    exporter = InMemorySpanExporter()
    queue = Queue(exporter, most=2)
    metrics = Metrics()
    metrics.found({"traces": await queue.check()})
    assert "alpine_spans_dropped_total 0.0" in metrics.written().text.decode()
    await asyncio.to_thread(queue.shutdown)


async def test_traces_without_their_library_are_refused_with_what_helps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "alpine_service.adapters.tracing.otel", None)
    with pytest.raises(InvalidSetting, match=r"alpine-service\[tracing\]"):
        async with open_tracing("console", 1.0, SUBJECT):
            pass


def test_who_does_not_trace_does_not_read_the_library() -> None:
    program = "import alpine_service.server, sys; print('opentelemetry' in sys.modules)"
    said = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stdout.strip() == "False"
