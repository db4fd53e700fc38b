"""A cycle over 4 stocks and 2 pairs with 6 sources: without the optimisations, and with them.

`before` asks every vendor about every symbol on its own in every beat, keeps Massive's answers for
ten seconds, skips nothing and waits for everybody. `after` is Argo with its defaults. Vendors
answer over loopback HTTP from another process at the latencies of the real ones, which are seeded;
their quotas are off in both. Latency, CPU and memory are of real beats, each in a process of its
own; calls, hits and dollars are of an hour of beats on a clock that is put forward, in which the
signals of both are compared beat by beat. `--without NAME` adds lines with one optimisation
switched off, `--without all` with each. The last line is one JSON object.
"""

import argparse
import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import define, field
from benchmarks._before import Before
from benchmarks._compared import Comparison
from benchmarks._figures import about, alone, less, p50, p95, rss_mib
from benchmarks._stage import Stage, on_stage
from benchmarks._without import OPTIMISATIONS, SAYS, settings_without, switched_off

from argo_core.engine.picture import Decision
from argo_core.events import CycleFinished, Event, SourceAnswered, SourceFailed
from argo_core.market.instrument import Symbol
from argo_service.config.tree import Settings
from argo_service.running import Running
from argo_service.wiring import running

SYMBOLS = ("AZO", "BKNG", "NVR", "TDG", "BTC/USD", "ETH/USD")
BEATS = 60
HOUR = 720
BEAT_S = 5.0
WARMING = 6
DAY_S = 86_400
REACH = {
    "seed": "p95 < 0.3 s, hit rate > .80, < 15 calls, CPU -50 %, memory -30 %, cost -70 %",
    "beyond": "<= 3 calls, hit rate > .95, cost -90 %, the same signals on equally fresh inputs",
}


@define
class Counts:
    """An observer: look-ups, hits, dollars and failures of one engine."""

    lookups: int = 0
    hits: int = 0
    failures: int = 0
    usd: Decimal = field(factory=Decimal)

    def notice(self, event: Event) -> None:
        if isinstance(event, CycleFinished):
            self.lookups += event.lookups
            self.hits += event.hits
        if isinstance(event, SourceAnswered | SourceFailed):
            self.usd += event.usd
            self.failures += isinstance(event, SourceFailed)


@define
class After:
    """Argo as it is; `wait` awaits every source that is due in the cycle."""

    argo: Running
    counts: Counts
    wait: bool = False

    async def cycle(self) -> tuple[Decision, ...]:
        return (await self.argo.engine.cycle(wait=self.wait)).decisions


async def opened(
    stack: AsyncExitStack, kind: str, folder: Path, speed: float
) -> tuple[Stage, Before | After]:
    """A stage, and on it `before`, `after`, or the latter without what `kind` names."""
    stage = await stack.enter_async_context(on_stage(symbols=SYMBOLS, speed=speed))
    counts = Counts()
    settings = stage.settings(Settings(), folder / f"{kind}.sqlite3")
    stack.enter_context(switched_off(kind))
    argo = await stack.enter_async_context(
        running(
            settings_without(kind, settings),
            stage.clock,
            (counts,),
            yahoo_url=stage.url("yahoo"),
        )
    )
    # What the start has cost is neither's.
    counts.usd = Decimal(0)
    return stage, Before(argo) if kind == "before" else After(argo, counts, wait=kind == "swr")


async def landed() -> None:
    """Until no ask is under way."""
    while tasks := [one for one in asyncio.all_tasks() if one.get_name().startswith("ask ")]:
        await asyncio.wait(tasks)


async def live(kind: str, beats: int, folder: Path) -> dict[str, float]:
    """Latency, CPU and memory of real beats."""
    async with AsyncExitStack() as stack:
        stage, loop = await opened(stack, kind, folder, 1.0)
        bare = rss_mib()
        for _ in range(WARMING):
            await on_the_beat(loop.cycle)
        calls, cpu = sum((await stage.calls()).values()), time.process_time()
        seconds = [await on_the_beat(loop.cycle) for _ in range(beats)]
        cpu = time.process_time() - cpu
        calls = sum((await stage.calls()).values()) - calls
        return {
            "p50_s": round(p50(seconds), 4),
            "p95_s": round(p95(seconds), 4),
            "cpu_s_per_cycle": round(cpu / beats, 5),
            "rss_mib": round(rss_mib(), 1),
            "rss_at_start_mib": round(bare, 1),
            "live_calls_per_cycle": round(calls / beats, 2),
        }


async def on_the_beat(cycle: Callable[[], Awaitable[object]]) -> float:
    """One cycle and the rest of its beat; the cycle's wall seconds."""
    began = time.monotonic()
    await cycle()
    seconds = time.monotonic() - began
    await asyncio.sleep(max(0.0, BEAT_S - seconds))
    return seconds


def tallied(loop: Before | After) -> tuple[int, int, Decimal, int]:
    """Look-ups, hits, dollars and failures so far."""
    if isinstance(loop, Before):
        return loop.lookups, loop.hits, loop.usd, loop.errors
    counts = loop.counts
    return counts.lookups, counts.hits, counts.usd, counts.failures


async def hour(kinds: tuple[str, ...], beats: int, folder: Path) -> dict[str, Any]:
    """Counts of every kind over the same beats, and what became of the signals."""
    async with AsyncExitStack() as stack:
        rows = {kind: await opened(stack, kind, folder, 0.0) for kind in kinds}
        # What the start has asked is neither's.
        asked = {kind: await stage.calls() for kind, (stage, _) in rows.items()}
        compared = Comparison(beat_s=BEAT_S)
        spent = dict.fromkeys(kinds, 0.0)
        for _ in range(beats):
            decided: dict[str, Mapping[Symbol, Decision]] = {}
            for kind, (_, loop) in rows.items():
                began = time.process_time()
                decided[kind] = {one.symbol: one for one in await loop.cycle()}
                await landed()
                spent[kind] += time.process_time() - began
            if {"before", "after"} <= decided.keys():
                compared.add(decided["before"], decided["after"], rows["after"][1].argo.engine)
            for stage, _ in rows.values():
                await stage.leap(BEAT_S)
        found: dict[str, Any] = {}
        for kind, (stage, loop) in rows.items():
            lookups, hits, usd, failures = tallied(loop)
            calls = Counter(await stage.calls())
            calls.subtract(asked[kind])
            found[kind] = {
                "hit_rate": round(hits / lookups, 4) if lookups else 0.0,
                "calls_per_cycle": round(calls.total() / beats, 2),
                "usd_per_day": round(float(usd) * DAY_S / (beats * BEAT_S), 2),
                "cpu_s_per_cycle": round(spent[kind] / beats, 5),
                "failures": failures,
                "calls": dict(calls),
            }
        return found | {"signals": compared.told()}


def live_alone(kind: str, beats: int) -> dict[str, float]:
    with TemporaryDirectory() as folder:
        return asyncio.run(live(kind, beats, Path(folder)))


def hour_alone(kinds: tuple[str, ...], beats: int) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        return asyncio.run(hour(kinds, beats, Path(folder)))


def joined(counted: Mapping[str, Any], timed: Mapping[str, float]) -> dict[str, float]:
    """One side of the comparison, in the benchmark's keys."""
    keys = ("p50_s", "p95_s", "hit_rate", "calls_per_cycle", "cpu_s_per_cycle", "rss_mib")
    merged = {**counted, **timed}
    return {key: merged[key] for key in (*keys, "usd_per_day")}


def ratios(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float | None]:
    """What of each figure of `before` remains in `after`."""
    return {key: None if not before[key] else round(after[key] / before[key], 4) for key in before}


def effects(names: tuple[str, ...], beats: int) -> dict[str, dict[str, Any]]:
    """An hour of counts with each of those optimisations switched off, beside all of them on."""
    found = {}
    print(f"{'without':12} {'calls':>7} {'hit rate':>9} {'$/day':>8} {'CPU ms':>7}")
    for name in ("after", *names):
        own = alone(hour_alone, (name,), beats)[name]
        found["nothing" if name == "after" else name] = own
        print(
            f"{'nothing' if name == 'after' else name:12} {own['calls_per_cycle']:7.2f} "
            f"{own['hit_rate']:9.1%} {own['usd_per_day']:8.2f} {own['cpu_s_per_cycle'] * 1e3:7.2f}"
            f"  {SAYS.get(name, '')}",
            flush=True,
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--beats", type=int, default=BEATS, help="real ones")
    parser.add_argument("--hour", type=int, default=HOUR, help="beats that are only counted")
    parser.add_argument("--without", nargs="+", choices=(*OPTIMISATIONS, "all"), default=[])
    parser.add_argument("--short", action="store_true", help="four real beats, a minute of counts")
    given = parser.parse_args()
    beats, counted_beats = (4, 12) if given.short else (given.beats, given.hour)
    facts = about("vendors in another process at real latencies, quotas off", "aiohttp", "orjson")
    counted = alone(hour_alone, ("before", "after"), counted_beats)
    timed = {kind: alone(live_alone, kind, beats) for kind in ("before", "after")}
    sides = {kind: joined(counted[kind], timed[kind]) for kind in ("before", "after")}
    signals = counted.pop("signals")
    for kind, side in sides.items():
        print(f"{kind:7} {side}")
    before, after = sides["before"], sides["after"]
    saved = {
        key: less(before[key], after[key]) for key in ("cpu_s_per_cycle", "rss_mib", "usd_per_day")
    }
    print(f"less    {saved}")
    print(f"signals {signals}")
    print(f"reach   {REACH}")
    without = OPTIMISATIONS if "all" in given.without else tuple(given.without)
    switched = effects(without, counted_beats) if without else {}
    facts |= {
        "beats": beats,
        "counted_beats": counted_beats,
        "less": saved,
        "counted": counted,
        "timed": timed,
        "signals": signals,
        "without": switched,
        "reach": REACH,
        "limit": "one price ask at Alpaca's 0.08 s is the least a cycle can wait; rss_at_start_mib "
        "is what the imports and a started engine hold before the first cycle",
        "usd_per_day": "the counted beats' dollars as if the day went on like them",
    }
    result = {
        "before": before,
        "after": after,
        "ratio": ratios(before, after),
        "signals": {key: signals[key] for key in ("same", "differ")},
    }
    print(json.dumps(result | {"about": facts}))


if __name__ == "__main__":
    main()
