"""Running the engine for a while to have a recording of it: live, or among simulated vendors."""

from asyncio import Event
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from attrs import evolve, frozen

from argo_adapters.clocks.system import SystemClock
from argo_adapters.clocks.tape import TapeClock
from argo_core.backtest.tape import Tape
from argo_core.engine.loop import run as run_loop
from argo_core.ports import Clock
from argo_service.config.redis import Redis
from argo_service.config.tree import Settings
from argo_service.demo.stage import point_at, staged, yahoo_url
from argo_service.running import Running
from argo_service.wiring import running


@frozen
class Stage:
    """Which recorded market is played to the engine, from when and how fast, and on what log."""

    tape: Tape
    begins: datetime
    speed: float
    symbols: Sequence[str]
    database: Path


async def record_live(settings: Settings, path: Path, span_s: float | None, stop: Event) -> int:
    """Run the service's engine on its own log until the span or `stop` ends it; its cycles.

    Raises:
        InvalidInput: the recording is there already, or cannot be made.
        LogError: the log cannot be used.
    """
    clock = SystemClock()
    async with running(settings, clock, record=path) as argo:
        return await _beat(argo, clock, span_s, stop)


async def record_simulated(
    settings: Settings, path: Path, span_s: float | None, stop: Event, stage: Stage
) -> int:
    """The same among simulated vendors, to the end of the tape at most; traded on paper, if at all.

    Raises:
        InvalidInput: the recording is there already or cannot be made, or a symbol is not on the
            tape.
    """
    tape, clock = stage.tape, TapeClock(stage.begins, stage.speed)
    left_s = (tape.ends - stage.begins).total_seconds()
    async with staged(tape, clock, latency_scale=stage.speed) as simulator:
        pointed = point_at(simulator, settings, tape, stage.symbols, stage.database)
        # What is thought and sealed is as the settings have it, and nobody else has a part in it.
        mine = evolve(
            pointed,
            redis=Redis(),
            reasoning=evolve(settings.reasoning, enabled=True),
            log=evolve(
                pointed.log,
                disclosure=settings.log.disclosure,
                reveal_after_s=settings.log.reveal_after_s,
            ),
        )
        async with running(
            mine, clock, yahoo_url=yahoo_url(simulator), pace=stage.speed, record=path
        ) as argo:
            return await _beat(argo, clock, min(left_s, span_s or left_s), stop)


async def _beat(argo: Running, clock: Clock, span_s: float | None, stop: Event) -> int:
    until = None if span_s is None else clock.now() + timedelta(seconds=span_s)
    return await run_loop(argo.engine, clock, argo.observer, stop, until=until)
