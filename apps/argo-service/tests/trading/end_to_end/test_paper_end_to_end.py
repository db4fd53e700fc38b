"""`argo serve` and `argo demo` trade on paper: killed at any moment, recorded and replayed."""

import asyncio
import os
from collections import Counter
from random import Random
from typing import Any, Final

import pytest

from argo_adapters.clocks.system import SystemClock
from argo_adapters.sqlite.verify import verify

pytestmark = pytest.mark.timed

KILLS: Final = int(os.environ.get("ARGO_TORTURE_KILLS", "2"))  # noqa: TID251 - how long to torture
QUICK_S: Final = 6


@pytest.fixture
def paper(world: Any) -> Any:
    """The same world, where the broker is inside."""
    world.broker = "paper"
    world.configure()
    return world


async def test_a_run_that_trades_is_replayed_to_the_byte(paper: Any) -> None:
    service = await paper.serve("--record", "day.recording.gz")
    await paper.recorded("filled")
    assert await service.stop() < QUICK_S
    paper.replay("day.recording.gz")


@pytest.mark.timeout(60 + 15 * KILLS)
async def test_however_often_the_service_is_killed_its_books_are_equal(paper: Any) -> None:
    moments = Random(20241125)  # noqa: S311 - seeded chance is wanted, not secrecy
    paper.configure_busily()
    for _ in range(KILLS):
        service = await paper.serve()
        await service.compared()
        await SystemClock().sleep(moments.uniform(0.0, 3.0))
        await service.kill()
    service = await paper.serve()
    await service.compared()
    await paper.recorded("filled")
    assert await service.stop() < QUICK_S
    kept = await paper.kept()
    await asyncio.to_thread(kept.check_paper, paper.folder / "argo.trading.paper.sqlite3")
    assert Counter(kept.fills) == Counter(kept.executions)
    assert (await asyncio.to_thread(verify, paper.database)).verified
