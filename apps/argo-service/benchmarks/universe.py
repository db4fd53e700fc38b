"""Cycles over many symbols: vendor calls, wall time and CPU, over loopback HTTP at real latencies.

The last line is one JSON object. The simulator runs in the same process and on the same core, so
times and CPU include its work and are upper bounds; `limit_s` is one bare price ask for the same
symbols in the same run, which no cycle can beat. Symbols above ten are recorded symbol-days under
invented names.
"""

import argparse
import asyncio
import json
import platform
import resource
import time
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

from argo_adapters.simulator.relabel import relabel
from argo_adapters.tapes.file import shipped
from argo_core.backtest.tape import Tape
from argo_core.engine.cycle import Cycle
from argo_service.config.tree import Settings
from argo_service.demo.stage import point_at, staged
from argo_service.wiring import Running, running

SIZES = (6, 500)
BEATS = 24
OPENING = timedelta(minutes=30)
# Massive opens the indicators of forty symbols an ask.
WARMED_AN_ASK = 40


class Clock:
    """Real time on the tape's day, with leaps for the warm-up."""

    def __init__(self, starts: datetime) -> None:
        self._base = starts - timedelta(seconds=time.monotonic())

    def leap(self, seconds: float) -> None:
        self._base += timedelta(seconds=seconds)

    def now(self) -> datetime:
        return self._base + timedelta(seconds=time.monotonic())

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))

    def timeout(self, seconds: float) -> asyncio.Timeout:
        return asyncio.timeout(seconds)


def tape_of(symbols: int) -> Tape:
    return relabel(shipped("ordinary-day"), symbols)


async def measured(symbols: int, beats: int, folder: Path) -> dict[str, Any]:
    tape = tape_of(symbols)
    clock = Clock(tape.starts + OPENING)
    async with staged(tape, clock, limits=False) as simulator:
        settings = point_at(simulator, Settings(), tape, (), folder / f"{symbols}.sqlite3")
        async with running(settings, clock) as argo:
            for _ in range(2 + symbols // WARMED_AN_ASK):
                await argo.engine.cycle(wait=True)
                clock.leap(15)
            before, cpu = sum(simulator.counts.arrived.values()), time.process_time()
            cycles = [await beat(argo) for _ in range(beats)]
            cpu = time.process_time() - cpu
            calls = sum(simulator.counts.arrived.values()) - before
            limit = await price_ask(argo)
    seconds = [cycle.seconds for cycle in cycles]
    return {
        "calls_per_cycle": round(calls / beats, 2),
        "p50_s": round(median(seconds), 4),
        "p95_s": round(quantiles(seconds, n=20)[-1], 4),
        "limit_s": round(limit, 4),
        "cpu_us_per_symbol": round(cpu / beats / symbols * 1e6, 1),
        "rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--beats", type=int, default=BEATS)
    parser.add_argument("--short", action="store_true", help="six symbols, four beats")
    given = parser.parse_args()
    if given.short:
        given.sizes, given.beats = SIZES[:1], 4
    sizes = {}
    with TemporaryDirectory() as folder:
        for symbols in given.sizes:
            sizes[str(symbols)] = asyncio.run(measured(symbols, given.beats, Path(folder)))
            print(symbols, sizes[str(symbols)], flush=True)
    about = {
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "aiohttp": version("aiohttp"),
        "beats": given.beats,
        "load": "simulator in the same process, vendor latencies real, relabelled symbol-days",
    }
    print(json.dumps({"sizes": sizes, "about": about}))


if __name__ == "__main__":
    main()
