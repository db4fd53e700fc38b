"""The simulated vendors in a process of their own, so that Argo's time and memory are Argo's.

`python -m benchmarks._stage` serves until it is told to stop, and says in one line of JSON where.
`on_stage` starts it from another process.
"""

import argparse
import asyncio
import gc
import json
import math
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import aiohttp
from aiohttp import web
from attrs import evolve, frozen
from benchmarks._clock import SharedClock

from argo_adapters.simulator.app import Simulator, serving, simulate
from argo_adapters.simulator.relabel import relabel
from argo_adapters.tapes.file import shipped
from argo_core.backtest.tape import Tape
from argo_core.market.instrument import Symbol, instrument
from argo_service.config.tree import Settings
from argo_service.demo.stage import point_at

OPENING = timedelta(minutes=30)
STARTUP_S = 300.0


@frozen
class Stage:
    """Where the vendors are, what they play, and the clock they share with their guests.

    They enforce no `limits`, and so the settings here have none either.
    """

    port: int
    tape: str
    symbols: tuple[Symbol, ...]
    clock: SharedClock
    session: aiohttp.ClientSession
    limits: bool = False

    def url(self, vendor: str) -> str:
        """The vendor's base address."""
        return f"http://127.0.0.1:{self.port}/{vendor}"

    def settings(self, settings: Settings, database: Path) -> Settings:
        """`settings` with every vendor on this stage, and its symbols."""
        named = tuple(instrument(symbol) for symbol in self.symbols)
        play = evolve(shipped("ordinary-day"), name=self.tape, instruments=named, bars={})
        # Only addresses are asked of it, and those it gives as the simulator itself does.
        return point_at(cast("Simulator", self), settings, play, (), database)

    async def calls(self) -> dict[str, int]:
        """How many requests each vendor has had."""
        async with self.session.get(self.url("")) as response:
            found: dict[str, int] = (await response.json())["requests"]
        return found

    async def leap(self, seconds: float) -> None:
        """Put the clock of both processes forward."""
        async with self.session.post(self.url("leap"), params={"seconds": str(seconds)}) as reply:
            reply.raise_for_status()
        self.clock.leap(seconds)


@asynccontextmanager
async def on_stage(
    *, symbols: Sequence[str] = (), relabelled: int = 0, speed: float = 1.0, core: int | None = None
) -> AsyncIterator[Stage]:
    """Vendors in another process until the block ends, at their own latencies over `speed`.

    At speed 0 they answer at once, and time stands still between leaps. Either the tape's `symbols`
    are played, or so many `relabelled` ones. `core` is where they run.
    """
    command = ("--relabelled", str(relabelled), "--speed", str(speed), "--symbols", *symbols)
    pinned = () if core is None else ("--core", str(core))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks._stage", *pinned, *command),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(STARTUP_S):
            told = json.loads(await process.stdout.readline())
        clock = SharedClock(datetime.fromisoformat(told["origin"]), told["since"], speed)
        async with aiohttp.ClientSession() as session:
            yield Stage(told["port"], told["tape"], tuple(told["symbols"]), clock, session)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


def tape_of(symbols: Sequence[str], relabelled: int) -> Tape:
    tape = shipped("ordinary-day")
    if relabelled:
        return relabel(tape, relabelled)
    kept = tuple(one for one in tape.instruments if one.symbol in symbols)
    return evolve(tape, instruments=kept, bars={one.symbol: tape.bars[one.symbol] for one in kept})


async def serve(tape: Tape, speed: float) -> None:
    clock = SharedClock(tape.starts + OPENING, speed=speed)
    app = simulate(tape, clock, latency_scale=speed or math.inf, limits=False, seed=tape.seed)

    async def leap(request: web.Request) -> web.Response:
        clock.leap(float(request.query["seconds"]))
        return web.Response()

    app.router.add_post("/leap", leap)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with serving(app) as simulator:
        told: Mapping[str, object] = {
            "port": simulator.port,
            "origin": clock.origin.isoformat(),
            "since": clock.since,
            "tape": tape.name,
            "symbols": [one.symbol for one in tape.instruments],
        }
        print(json.dumps(told), flush=True)
        await stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--symbols", nargs="*", default=[])
    parser.add_argument("--relabelled", type=int, default=0)
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--core", type=int)
    given = parser.parse_args()
    if given.core is not None:
        os.sched_setaffinity(0, {given.core})
    tape = tape_of(given.symbols, given.relabelled)
    # Bars live as long as the process; without this every large answer has them all searched.
    gc.collect()
    gc.freeze()
    asyncio.run(serve(tape, given.speed))


if __name__ == "__main__":
    main()
