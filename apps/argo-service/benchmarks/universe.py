"""Cycles over 6, 500 and 5,000 symbols: vendor calls, wall time, CPU and memory.

The simulated vendors answer over loopback HTTP at the latencies of the real ones, in another
process and on another core; each size runs in a process of its own, on one core. Calls are counted
by the vendors. Symbols are recorded symbol-days under invented names. Beside each size stands its
limit: one bare price ask for the same symbols, which no cycle can beat. The last line is one JSON
object.
"""

import argparse
import asyncio
import json
import os
import time
from collections import Counter
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from attrs import define, field
from benchmarks._figures import about, alone, p50, p95, rss_mib
from benchmarks._stage import on_stage

from argo_core.engine.cycle import Cycle
from argo_core.events import Event, SourceFailed
from argo_service.config.tree import Settings
from argo_service.running import Running
from argo_service.wiring import running

SIZES = (6, 500, 5_000)
BEATS = 24
# Massive opens the indicators of forty symbols an ask.
WARMED_AN_ASK = 40
MOST_WARMING = 30
BESIDE = ("limit_s", "calls", "failures", "opinions")
REACH = {
    "500": {"calls_per_cycle": 8, "p95_s": 0.3},
    "5000": {"calls_per_cycle": 70, "p95_s": 1.0},
    "cpu_us_per_symbol": "at 5,000 at most 1.5 times that at 500",
}


@define
class Failures:
    """An observer: what vendors failed with, so that a busy machine shows in the result."""

    problems: Counter[str] = field(factory=Counter)

    def notice(self, event: Event) -> None:
        if isinstance(event, SourceFailed):
            self.problems[f"{event.source}: {event.problem}"[:100]] += 1


async def measured(symbols: int, beats: int, folder: Path) -> dict[str, Any]:
    async with on_stage(relabelled=symbols, core=_core(1)) as stage:
        settings = stage.settings(Settings(), folder / f"{symbols}.sqlite3")
        failures = Failures()
        yahoo_url = stage.url("yahoo")
        async with running(settings, stage.clock, (failures,), yahoo_url=yahoo_url) as argo:
            for _ in range(min(MOST_WARMING, 2 + symbols // WARMED_AN_ASK)):
                await argo.engine.cycle(wait=True)
                await stage.leap(15)
            for _ in range(2):
                await beat(argo)
            failures.problems.clear()
            before, cpu = Counter(await stage.calls()), time.process_time()
            cycles = [await beat(argo) for _ in range(beats)]
            cpu = time.process_time() - cpu
            calls = Counter(await stage.calls())
            calls.subtract(before)
            limit = await price_ask(argo)
            held = rss_mib()
    seconds = [cycle.seconds for cycle in cycles]
    return {
        "calls_per_cycle": round(calls.total() / beats, 2),
        "p50_s": round(p50(seconds), 4),
        "p95_s": round(p95(seconds), 4),
        "cpu_us_per_symbol": round(cpu / beats / symbols * 1e6, 1),
        "rss_mib": round(held, 1),
        "limit_s": round(limit, 4),
        "calls": {vendor: count for vendor, count in calls.items() if count},
        "failures": dict(failures.problems),
        "opinions": sum(len(known) for known in argo.engine.known.opinions.values()),
    }


async def beat(argo: Running) -> Cycle:
    began = time.monotonic()
    cycle = await argo.engine.cycle()
    await asyncio.sleep(max(0.0, argo.engine.profile.beat_s - (time.monotonic() - began)))
    return cycle


async def price_ask(argo: Running) -> float:
    """Median wall seconds of nothing but the primary feed's ask for every symbol."""
    feed, instruments = argo.engine.outside.quotes[0], tuple(argo.engine.known.instruments.values())
    times = []
    for _ in range(5):
        began = time.monotonic()
        await feed.quotes(instruments)
        times.append(time.monotonic() - began)
    return median(times)


def in_this_process(symbols: int, beats: int, folder: str) -> dict[str, Any]:
    """Measure one size on one core."""
    core = _core(0)
    if core is not None:
        os.sched_setaffinity(0, {core})
    return asyncio.run(measured(symbols, beats, Path(folder)))


def _core(number: int) -> int | None:
    """The core of that number, if there are two that we may choose from."""
    if not hasattr(os, "sched_getaffinity") or (os.cpu_count() or 1) < 2:
        return None
    return number


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--beats", type=int, default=BEATS)
    parser.add_argument("--short", action="store_true", help="six symbols, four beats")
    given = parser.parse_args()
    if given.short:
        given.sizes, given.beats = SIZES[:1], 4
    facts = about("vendors in another process at real latencies", "aiohttp", "orjson")
    sizes: dict[str, Any] = {}
    more: dict[str, Any] = {}
    with TemporaryDirectory() as folder:
        for symbols in given.sizes:
            found = alone(in_this_process, symbols, given.beats, folder)
            print(f"{symbols:5} symbols {found}  reach {REACH.get(str(symbols), '-')}", flush=True)
            more[str(symbols)] = {key: found.pop(key) for key in BESIDE}
            sizes[str(symbols)] = found
    facts |= {
        "beats": given.beats,
        "symbols": "recorded symbol-days under invented names; their prices recur",
        "limit_s": "one bare price ask for the same symbols in the same run",
        "beside": more,
        "reach": REACH,
    }
    print(json.dumps({"sizes": sizes, "about": facts}))


if __name__ == "__main__":
    main()
