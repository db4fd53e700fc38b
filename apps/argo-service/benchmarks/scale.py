"""Deciding 5,000 symbols in one process, and by shards on 1, 2 and 4 workers beside it.

Nothing is asked of vendors: the same seeded market is decided by each, and every decision is
compared with that of one process. `coordinator_ms` is the CPU that the deciding process spends on a
cycle, `cycle_ms` what passes on the wall, both medians. With `--dask` the workers are those of a
local Dask cluster. On a machine with fewer cores than workers these take turns, so `cycle_ms` is no
measure of a cluster there. The last line is one JSON object.
"""

import argparse
import asyncio
import gc
import json
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from benchmarks._figures import about, alone

from argo_adapters.clocks.system import SystemClock
from argo_adapters.cluster.processes import ProcessWorkers
from argo_adapters.cluster.worker import core_sha256
from argo_core.consensus.opinion import Fact, Opinion
from argo_core.consensus.profile import Profile
from argo_core.engine.decide import decide
from argo_core.engine.known import Known
from argo_core.engine.picture import Decision, Picture
from argo_core.engine.shards.sharding import Sharding, Shards
from argo_core.events import Event
from argo_core.market.instrument import Instrument, instrument
from argo_core.market.quote import Quote
from argo_core.market.session import Phase
from argo_core.ports import StepWorkers

SYMBOLS = 5_000
CYCLES = 12
WORKERS = (1, 2, 4)
BEAT = timedelta(seconds=5)
BEGINS = datetime(2026, 11, 23, 15, tzinfo=UTC)
PROFILE = Profile()
# As in the benchmark `universe`: every symbol has a new price, a tenth an opinion of some source.
SPOKEN = 0.1
FACTS = 4


class Nobody:
    """An observer that counts nothing."""

    def notice(self, event: Event) -> None:
        pass


class Market:
    """Seeded prices and opinions of so many invented symbols."""

    def __init__(self, symbols: int) -> None:
        self.instruments = [_named(number) for number in range(symbols)]
        self.known = Known(self.instruments)
        self.now = BEGINS
        self._chance = random.Random(5)
        for source in PROFILE.sources:
            told = [self._opinion(source, one) for one in self.instruments]
            self.known.learn(source, told, self.now)

    def stir(self) -> tuple[Picture, ...]:
        """The next beat's pictures."""
        self.now += BEAT
        chance, now = self._chance, self.now
        quotes = []
        for one in self.instruments:
            price = Decimal(10_000 + chance.randint(-40, 40)).scaleb(-2)
            quotes.append(Quote(one.symbol, price, now, now, "bench", price, price))
        self.known.observe(quotes, now)
        for source in PROFILE.sources:
            told = [one for one in self.instruments if chance.random() < SPOKEN / 4]
            self.known.learn(source, [self._opinion(source, one) for one in told], now)
        phases = dict.fromkeys(self.known.instruments, Phase.REGULAR)
        return self.known.pictures(phases, PROFILE.sources)

    def _opinion(self, source: Any, one: Instrument) -> Opinion:
        facts = tuple(
            Fact(f"fact-{n}", str(self._chance.randint(1, 99)), "", self.now) for n in range(FACTS)
        )
        strength = self._chance.choice((-0.9, -0.2, 0.1, 0.3, 0.9))
        return Opinion(source, one.symbol, strength, self.now, 3_600, "0" * 64, "bench", facts)


def _named(number: int) -> Instrument:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return instrument("".join(letters[number // base % 26] for base in (17_576, 676, 26, 1)))


@asynccontextmanager
async def workers_of(count: int, *, dask: bool) -> AsyncIterator[StepWorkers]:
    """So many processes, started either way."""
    if not dask:
        async with ProcessWorkers.open(count) as processes:
            yield processes
        return
    import distributed  # noqa: PLC0415 - only whoever wants it has it

    from argo_adapters.cluster.dask import DaskWorkers  # noqa: PLC0415 - the same

    async with (
        distributed.LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            asynchronous=True,
            host="127.0.0.1",
        ) as cluster,
        DaskWorkers.open(cluster.scheduler_address) as workers,
    ):
        yield workers


def in_one(symbols: int, cycles: int) -> dict[str, Any]:
    """One process decides, as Argo does by default."""
    market = Market(symbols)
    gc.collect()
    gc.freeze()
    cpu = []
    for _ in range(cycles):
        pictures = market.stir()
        began = time.process_time()
        decisions = decide(pictures, PROFILE, "bench", market.now)
        cpu.append(time.process_time() - began)
        market.known.settle(decisions)
    return {"coordinator_ms": ms(cpu), "cycle_ms": ms(cpu), "us_per_symbol": us(cpu, symbols)}


def sharded(symbols: int, cycles: int, count: int, dask: bool) -> dict[str, Any]:
    return asyncio.run(_sharded(symbols, cycles, count, dask=dask))


async def _sharded(symbols: int, cycles: int, count: int, *, dask: bool) -> dict[str, Any]:
    market, cpu, wall = Market(symbols), list[float](), list[float]()
    async with workers_of(count, dask=dask) as workers:
        shards = Shards(
            Sharding(workers, "bench", core_sha256(), shards=max(8, count), deadline_s=60.0),
            tuple(market.known.instruments),
            PROFILE,
            "bench",
            clock=SystemClock(),
            observer=Nobody(),
        )
        gc.collect()
        gc.freeze()
        for _ in range(cycles):
            pictures = market.stir()
            began, began_cpu = time.perf_counter(), time.process_time()
            found = await shards.decide(pictures, market.now)
            cpu.append(time.process_time() - began_cpu)
            wall.append(time.perf_counter() - began)
            assert same(found.decisions, pictures, market.now), "one process decides otherwise"
            market.known.settle(found.decisions)
            shards.settled()
        await shards.stop()
    # The first cycle carries the snapshots.
    steady = cpu[1:]
    return {
        "coordinator_ms": ms(steady),
        "cycle_ms": ms(wall[1:]),
        "us_per_symbol": us(steady, symbols),
        "first_cycle_ms": round(wall[0] * 1e3, 1),
    }


def same(found: tuple[Decision, ...], pictures: tuple[Picture, ...], now: datetime) -> bool:
    return found == decide(pictures, PROFILE, "bench", now)


def ms(seconds: list[float]) -> float:
    return round(median(seconds) * 1e3, 1)


def us(seconds: list[float], symbols: int) -> float:
    return round(median(seconds) / symbols * 1e6, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--symbols", type=int, default=SYMBOLS)
    parser.add_argument("--cycles", type=int, default=CYCLES)
    parser.add_argument("--workers", type=int, nargs="+", default=WORKERS)
    parser.add_argument("--dask", action="store_true", help="workers of a local Dask cluster")
    parser.add_argument("--short", action="store_true", help="200 symbols, 4 cycles, 2 workers")
    given = parser.parse_args()
    if given.short:
        given.symbols, given.cycles, given.workers = 200, 4, [2]
    facts = about("workers on the same machine as the coordinator")
    kinds = {"one_process": alone(in_one, given.symbols, given.cycles)}
    for count in given.workers:
        kinds[f"workers_{count}"] = alone(sharded, given.symbols, given.cycles, count, given.dask)
    for name, found in kinds.items():
        print(f"{name:12} {found}", flush=True)
    print(json.dumps({"symbols": given.symbols, "kinds": kinds, "about": facts}))


if __name__ == "__main__":
    main()
