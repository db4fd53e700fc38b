"""The beat: a cycle every few seconds, on a fixed grid, without drift and without overlap."""

import asyncio
from datetime import datetime, timedelta
from math import ceil

from argo_core.engine.engine import Engine
from argo_core.events import BeatMissed
from argo_core.ports import Clock, Observer


async def run(
    engine: Engine,
    clock: Clock,
    observer: Observer,
    stop: asyncio.Event,
    until: datetime | None = None,
) -> int:
    """Run cycles until `stop` is set or `until` is reached; returns how many there were.

    Beats lie at whole multiples of the profile's beat from the start. A cycle that runs into later
    beats drops them and says so: a late tick is worthless, so ticks are never queued. Where the
    clock is set back it stands still for a while, and beats go on meanwhile. The engine is neither
    started nor stopped here.

    Raises:
        LogError: the log cannot go on.
    """
    beat_s = engine.profile.beat_s
    began = clock.now()
    beat, cycles = 0, 0
    while not stop.is_set() and (until is None or clock.now() < until):
        await engine.cycle()
        cycles += 1
        passed = (clock.now() - began).total_seconds()
        upcoming = max(beat + 1, ceil(passed / beat_s))
        if upcoming > beat + 1:
            observer.notice(BeatMissed(clock.now(), upcoming - beat - 1))
        beat = upcoming
        left_s = (began + timedelta(seconds=beat * beat_s) - clock.now()).total_seconds()
        # More than a beat is left only of a clock that stands still.
        await _wait(clock, min(left_s, beat_s), stop)
    return cycles


async def _wait(clock: Clock, seconds: float, stop: asyncio.Event) -> None:
    """So long, or until `stop` is set."""
    sleeping = asyncio.create_task(clock.sleep(seconds))
    stopping = asyncio.create_task(stop.wait())
    tasks = (sleeping, stopping)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
