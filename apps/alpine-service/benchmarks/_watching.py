"""What watching costs: metrics, lines of the log and traces, each beside the same request."""

import io
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from statistics import median

from aiohttp import web
from attrs import frozen
from benchmarks._asking import Ask, Asked, ask
from benchmarks._child import Child, child
from benchmarks._machine import cpu_s
from benchmarks._people import Subscriber
from benchmarks._service import Alpine
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from alpine_service.adapters.observers.json_log import JsonLog
from alpine_service.adapters.observers.metrics import Metrics
from alpine_service.adapters.system_clock import SystemClock
from alpine_service.adapters.tracing.opening import Subject
from alpine_service.adapters.tracing.otel import opened
from alpine_service.ports.observing import Fact, Observer, Weight
from alpine_service.ports.tracing import Role

PATH = "/v1/signals?limit=50"
_CONNECTIONS = 8
# As the middleware tells of a request.
_FACTS: dict[str, Fact] = {
    "method": "GET",
    "route": "/v1/signals",
    "status": 200,
    "seconds": 0.0042,
    "request_id": "req_0123456789abcdef01234567",
    "principal": "usr_0123456789",
    "means": "key_0123456789",
    "address": "192.0.2.1",
}


@frozen
class WatchingSize:
    """So many rounds of so many seconds of each service in turn; so many happenings told."""

    rounds: int
    seconds: float
    told: int = 20_000


@asynccontextmanager
async def collector() -> AsyncIterator[str]:
    """Takes whatever spans come."""

    async def take(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=b"", content_type="application/x-protobuf")

    app = web.Application(client_max_size=2**26)
    app.router.add_post("/v1/traces", take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def telling_us(observer: Observer, times: int) -> float:
    """CPU microseconds to tell of one request."""
    began = time.process_time()
    for _ in range(times):
        observer.tell("http.answered", Weight.INFO, **_FACTS)
    return 1e6 * (time.process_time() - began) / times


async def span_us(share: float, times: int) -> float:
    """CPU microseconds to make a span of a request, kept or not, without its way to a collector."""
    async with opened("memory", share, Subject("a", "1", "b"), InMemorySpanExporter()) as tracing:
        began = time.process_time()
        for _ in range(times):
            with tracing.tracer.span("GET /v1/signals", Role.SERVER) as span:
                span.note(route="/v1/signals", status=200)
        return 1e6 * (time.process_time() - began) / times


async def watched(
    services: Mapping[str, Alpine], people: Sequence[Subscriber], size: WatchingSize
) -> dict[str, object]:
    """CPU of one request by the service that answers it; what else watches costs beside that.

    `services` are by name; `plain` takes no traces. They run side by side on one database and are
    asked in turn, so that what the machine does besides happens to all of them.
    """
    keys = tuple(each.key for each in people)
    took: dict[str, list[float]] = {name: [] for name in services}
    async with child(ask) as asker:
        for alpine in services.values():
            # What is made once is not to be counted.
            await _cpu_us(asker, alpine, keys, size.seconds / 2)
        for _ in range(size.rounds):
            for name, alpine in services.items():
                took[name].append(await _cpu_us(asker, alpine, keys, size.seconds))
    plain = median(took["plain"])
    # The log is written by a thread of its own, which the service's CPU includes.
    log = JsonLog(io.BytesIO(), SystemClock(), most=size.told)
    tells = {
        "metrics": telling_us(Metrics(), size.told),
        "log": telling_us(log, size.told),
        "kept_span": await span_us(1.0, size.told),
        "unkept_span": await span_us(0.0, size.told),
    }
    ratios = {
        name: median([each / bare for each, bare in zip(all_of_it, took["plain"], strict=True)])
        for name, all_of_it in took.items()
        if name != "plain"
    }
    return {
        "cpu_us_plain": round(plain, 1),
        **{f"of_request_{name}": round(us / plain, 4) for name, us in tells.items()},
        **{f"more_{name}": round(ratio - 1, 3) for name, ratio in ratios.items()},
    }


async def _cpu_us(asker: Child, alpine: Alpine, keys: tuple[str, ...], seconds: float) -> float:
    host, port = alpine.address
    before = cpu_s(alpine.pid)
    asked = await asker.ask(Ask(host, port, PATH, keys, _CONNECTIONS, seconds))
    assert isinstance(asked, Asked)
    return 1e6 * (cpu_s(alpine.pid) - before) / len(asked.took_ms)
