"""A log whose answer is lost, that refuses for good, or whose caller is cancelled half-way."""

import asyncio

import pytest

from argo_core.engine.loop import run
from argo_core.errors import LogConflict, LogUnavailable
from argo_core.events import CycleFinished, SignalPublished
from argo_core.ledger.entry import decode_entry
from argo_core.testing.fake_log import FakeLog


class DoubtfulLog(FakeLog):
    """Takes every batch, and says for the first `lost` of them that it could not be had.

    An append takes `seconds` on the clock before and after the batch is in.
    """

    def __init__(self, clock) -> None:
        super().__init__()
        self.lost = 0
        self.seconds = 0.0
        self.refusing = None
        self._clock = clock

    async def append(self, batch):
        await self._clock.sleep(self.seconds)
        if self.refusing is not None:
            raise self.refusing
        head = await super().append(batch)
        await self._clock.sleep(self.seconds)
        if self.lost:
            self.lost -= 1
            raise LogUnavailable("the answer is lost")
        return head


@pytest.fixture
def doubtful(world):
    return type(world)(
        world.instruments,
        world.profile,
        world.clock,
        DoubtfulLog(world.clock),
        world.observer,
        world.sources,
        world.feeds,
    )


async def whole_record(world):
    """No gap, no duplicate, and each signal announced once, where it is."""
    entries = [decode_entry(one.data) for one in await world.log.entries(0, 1000)]
    assert [one.number("seq") for one in entries] == list(range(len(entries)))
    signals = [(i, one.text("symbol")) for i, one in enumerate(entries) if one.kind == "signal"]
    ids = [one.text("id") for one in entries if one.kind == "signal"]
    assert len(set(ids)) == len(ids)
    announced = [(one.index, one.symbol) for one in world.observer.of(SignalPublished)]
    assert announced == signals
    return entries


@pytest.mark.parametrize("lost", [1, 2, 5])
async def test_a_batch_that_is_in_though_its_answer_is_lost_is_published_once(doubtful, lost):
    engine = doubtful.engine()
    await engine.start()
    doubtful.log.lost = lost
    for _ in range(8):
        await engine.cycle(wait=True)
        await doubtful.clock.advance(5)
    await engine.stop()
    entries = await whole_record(doubtful)
    assert sum(one.kind == "signal" for one in entries) == 1


async def test_a_batch_refused_for_good_is_announced_neither_later_nor_at_the_end(doubtful):
    engine = doubtful.engine()
    await engine.start()
    doubtful.log.refusing = LogConflict("somebody else wrote")
    with pytest.raises(LogConflict):
        await engine.cycle(wait=True)
    doubtful.log.refusing = None
    await engine.stop()
    assert doubtful.observer.of(SignalPublished) == []
    assert engine.known.standing == {}
    assert (await doubtful.log.head()).size == 1


async def test_after_a_refusal_the_next_cycle_builds_its_batch_anew(doubtful):
    engine = doubtful.engine()
    await engine.start()
    doubtful.log.refusing = LogConflict("somebody else wrote")
    with pytest.raises(LogConflict):
        await engine.cycle(wait=True)
    doubtful.log.refusing = None
    await doubtful.clock.advance(5)
    await engine.cycle(wait=True)
    await engine.stop()
    assert len(doubtful.observer.of(SignalPublished)) == 1
    await whole_record(doubtful)


# A cycle that takes 0.2 s for prices, 0.3 s for the log to begin and 0.3 s for it to answer is cut
# before, in and after each of these.
@pytest.mark.parametrize("moment", [n / 20 for n in range(20)])
async def test_a_cycle_cancelled_anywhere_leaves_a_whole_record(doubtful, moment):
    doubtful.feeds[0].seconds = 0.2
    for source in doubtful.sources.values():
        source.seconds = 0.1
    engine = doubtful.engine()
    await engine.start()
    doubtful.log.seconds = 0.3
    beating = asyncio.create_task(run(engine, doubtful.clock, doubtful.observer, asyncio.Event()))
    # The second cycle is the one that has opinions, and so a signal, to store.
    await doubtful.clock.advance(5 + moment)
    beating.cancel()
    with pytest.raises(asyncio.CancelledError):
        await beating
    stopping = asyncio.create_task(engine.stop())
    await doubtful.clock.advance(5)
    await stopping
    assert len(asyncio.all_tasks()) == 1
    await whole_record(doubtful)

    # Whoever starts again continues the same record.
    doubtful.log.seconds = 0.0
    again = doubtful.engine()
    await again.start()
    for _ in range(3):
        cycle = asyncio.create_task(again.cycle(wait=True))
        await doubtful.clock.advance(5)
        assert (await cycle).failed is None
    await again.stop()
    entries = await whole_record(doubtful)
    assert sum(one.kind == "signal" for one in entries) == 1
    assert doubtful.observer.of(CycleFinished)
