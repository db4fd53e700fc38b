"""What watching costs: a cycle over 500 symbols without metrics, with them, and traced as well.

Three engines take turns at every beat, in one process and in an order that goes round, on vendors
that answer at once in another process. `traced` sends its spans by OTLP over HTTP to a collector in
a third. CPU seconds are the process's own, so those of the exporter's thread count, and other
processes do not. A cycle differs from the next by more than watching costs, so beside the medians
the same is measured without a cycle: the events of a cycle are counted again, and its spans begun,
ended and exported again, many times over. The last line is one JSON object.
"""

import argparse
import asyncio
import json
import time
from collections import Counter
from contextlib import AsyncExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from multiprocessing import get_context
from multiprocessing.queues import Queue
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from attrs import define, evolve, field
from benchmarks._figures import about, alone
from benchmarks._stage import on_stage

from argo_adapters.observers.prometheus import PrometheusMetrics
from argo_adapters.tracing.finished import Finished
from argo_adapters.tracing.opened import OpenTracing, TracePlan, otlp
from argo_core.events import Event
from argo_service.config.tracing import OTLP
from argo_service.config.tree import Settings
from argo_service.running import Running
from argo_service.wiring import running

SYMBOLS = 500
BEATS = 90
BEAT_S = 5.0
WARMING = 8
AGAIN = 50
REACH = {"metrics_share": 0.02, "tracing_share": 0.05}
KINDS = ("bare", "metrics", "traced")


class Swallow(BaseHTTPRequestHandler):
    """A collector that takes everything."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """One batch."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def collect(ports: "Queue[int]") -> None:
    """Serve until the process is ended."""
    with HTTPServer(("127.0.0.1", 0), Swallow) as server:
        ports.put(server.server_port)
        server.serve_forever()


@define
class Watching:
    """An observer: the events of each beat."""

    events: list[Event] = field(factory=list)

    def notice(self, event: Event) -> None:
        self.events.append(event)


def nobody(_: Event) -> None:
    """Watches nothing."""


async def landed() -> None:
    """Until no ask is under way."""
    while tasks := [one for one in asyncio.all_tasks() if one.get_name().startswith("ask ")]:
        await asyncio.wait(tasks)


async def beat(argo: Running) -> float:
    """CPU seconds of a cycle and of what it asked for."""
    began = time.process_time()
    await argo.engine.cycle()
    await landed()
    return time.process_time() - began


async def taken(symbols: int, beats: int, folder: Path, endpoint: str) -> dict[str, Any]:
    """CPU seconds of every kind over the same beats, and what there was to watch."""
    watching, spans = Watching(), list[Finished]()
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(on_stage(relabelled=symbols, speed=0.0))
        argos: dict[str, Running] = {}
        for kind in KINDS:
            settings = stage.settings(Settings(), folder / f"{kind}.sqlite3")
            if kind == "traced":
                tracing = evolve(settings.tracing, exporter=OTLP, endpoint=endpoint)
                settings = evolve(settings, tracing=tracing)
            argos[kind] = await stack.enter_async_context(
                running(settings, stage.clock, yahoo_url=stage.url("yahoo"))
            )
        argos["bare"].metrics.notice = nobody  # type: ignore[method-assign]
        seconds: dict[str, list[float]] = {kind: [] for kind in KINDS}
        for number in range(WARMING + beats):
            shift = number % len(KINDS)
            for kind in (*KINDS[shift:], *KINDS[:shift]):
                took = await beat(argos[kind])
                if number >= WARMING:
                    seconds[kind].append(took)
            await stage.leap(BEAT_S)
        exported = dict(argos["traced"].tracing.counts())
    async with AsyncExitStack() as stack:
        # Once more by itself, to know which events and spans a beat has.
        stage = await stack.enter_async_context(on_stage(relabelled=symbols, speed=0.0))
        settings = stage.settings(Settings(), folder / "watched.sqlite3")
        argo = await stack.enter_async_context(
            running(
                settings, stage.clock, (watching,), yahoo_url=stage.url("yahoo"), keep=spans.append
            )
        )
        for _ in range(WARMING):
            await beat(argo)
            await stage.leap(BEAT_S)
        watching.events.clear()
        spans.clear()
        counted = min(beats, 12)
        for _ in range(counted):
            await beat(argo)
            await stage.leap(BEAT_S)
    return {
        "seconds": {kind: median(times) for kind, times in seconds.items()},
        "exported": exported,
        "events": len(watching.events) / counted,
        "spans": len(spans) / counted,
        "kinds": Counter(type(event).__name__ for event in watching.events),
        "metrics_s": counted_again(watching.events) / counted,
        "tracing_s": traced_again(spans, endpoint) / counted,
    }


def counted_again(events: list[Event]) -> float:
    """CPU seconds of counting these once."""
    metrics = PrometheusMetrics()
    began = time.process_time()
    for _ in range(AGAIN):
        for event in events:
            metrics.notice(event)
    return (time.process_time() - began) / AGAIN


def traced_again(spans: list[Finished], endpoint: str) -> float:
    """CPU seconds of beginning, ending and exporting these once, the exporter's thread included."""
    plan = TracePlan("argo", "benchmark", queue=len(spans) * AGAIN + 1)
    began = time.process_time()
    tracing = OpenTracing(plan, otlp(endpoint, {}, 10.0))
    for _ in range(AGAIN):
        for one in spans:
            # What is noted in the end is noted at once; names of libraries' attributes are ours.
            said = {name.replace(".", "_"): value for name, value in one.attributes.items()}
            with tracing.tracer.span(one.name, **said):
                pass
    tracing.close()
    took = (time.process_time() - began) / AGAIN
    assert tracing.counts["dropped"] == 0, "every span was exported"
    return took


def measured(symbols: int, beats: int, endpoint: str) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        return asyncio.run(taken(symbols, beats, Path(folder), endpoint))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--symbols", type=int, default=SYMBOLS)
    parser.add_argument("--beats", type=int, default=BEATS)
    parser.add_argument("--short", action="store_true", help="six symbols, six beats")
    given = parser.parse_args()
    symbols, beats = (6, 6) if given.short else (given.symbols, given.beats)
    facts = about("vendors that answer at once, in another process", "prometheus-client")
    context = get_context("spawn")
    ports: Queue[int] = context.Queue()
    collector = context.Process(target=collect, args=(ports,), daemon=True)
    collector.start()
    try:
        endpoint = f"http://127.0.0.1:{ports.get(timeout=60)}/v1/traces"
        found = alone(measured, symbols, beats, endpoint)
    finally:
        collector.terminate()
        collector.join()
    seconds = found.pop("seconds")
    bare = seconds["bare"]
    shares = {
        "metrics_share": round(found["metrics_s"] / bare, 4),
        "tracing_share": round(found["tracing_s"] / bare, 4),
    }
    interleaved = {
        "metrics": round(seconds["metrics"] / bare - 1, 4),
        "traced": round(seconds["traced"] / seconds["metrics"] - 1, 4),
    }
    print(f"{'bare':8} {bare * 1e3:8.2f} ms of CPU a beat")
    for name, share in shares.items():
        print(f"{name:14} {share:7.2%}  reach < {REACH[name]:.0%}")
    print(f"medians of beats taken by turns: {interleaved}")
    facts |= {"symbols": symbols, "beats": beats, "interleaved": interleaved, "reach": REACH}
    facts |= {"seconds": {kind: round(took, 5) for kind, took in seconds.items()}, "beat": found}
    print(json.dumps(shares | {"cpu_s_per_beat": round(bare, 5), "about": facts}))


if __name__ == "__main__":
    main()
