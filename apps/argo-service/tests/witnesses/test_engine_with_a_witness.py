"""The whole engine with a witness: sealed signals are fixed, cosigned, and shown later."""

import asyncio
import math
from datetime import datetime, timedelta
from typing import Any

from attrs import define, evolve, field

from argo_adapters.clocks.system import SystemClock
from argo_adapters.tapes.file import shipped
from argo_core.ledger.entry import decode_entry
from argo_service.demo.stage import opening, point_at, staged, yahoo_url
from argo_service.running import Running
from argo_service.wiring import running

TAPE = shipped("ordinary-day")
REVEAL_S = 60


@define
class Steps:
    """A clock that stands still until it is told to go on; what is measured is the wall's."""

    moment: datetime
    _wall: SystemClock = field(factory=SystemClock)

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        await self._wall.sleep(min(seconds, 0.01))

    def monotonic(self) -> float:
        return self._wall.monotonic()

    def timeout(self, seconds: float) -> asyncio.Timeout:
        return self._wall.timeout(seconds)


async def kinds(argo: Running) -> list[str]:
    """What the log has, entry by entry."""
    size = (await argo.log.head()).size
    return [decode_entry(one.data).kind for one in await argo.log.entries(0, size)]


async def test_sealed_signals_are_cosigned_at_once_and_revealed_in_time(argo: Any) -> None:
    clock = Steps(opening(TAPE, "11:00"))
    async with staged(TAPE, clock, latency_scale=math.inf, limits=False) as simulator:
        log = evolve(argo.settings.log, disclosure="delayed", reveal_after_s=REVEAL_S)
        pointed = point_at(simulator, argo.settings, TAPE, (), argo.settings.database)
        settings = evolve(pointed, log=log)
        yahoo = yahoo_url(simulator)
        async with running(settings, clock, yahoo_url=yahoo, pace=1_000.0) as service:
            await service.engine.cycle(wait=True)
            size = (await service.log.head()).size
            published = await asyncio.wait_for(service.publication.beyond(size - 1), 10)
            assert not published.pending
            first = await kinds(service)
            assert first.count("commit") > 0
            assert "signal" not in first
            assert "reveal" not in first
            assert await service.log.latest(published=size) == ()
            assert await service.log.witnessed_at(first.index("commit")) is not None

            clock.moment += timedelta(seconds=REVEAL_S + 5)
            await service.engine.cycle(wait=True)
            assert (await kinds(service)).count("reveal") == first.count("commit")
            assert service.tally.record.refusals == {}
            assert service.tally.record.published is not None
    assert set(argo.alpine.statuses) <= {200, 409}
