"""The beat: on the grid, without drift, without overlap."""

import asyncio
from datetime import timedelta

from attrs import evolve

from argo_core.engine.loop import run
from argo_core.events import BeatMissed, CycleFinished
from argo_core.testing.fake_clock import FakeClock


async def beating(world, **more):
    engine = world.engine()
    await engine.start()
    stop = asyncio.Event()
    task = asyncio.create_task(run(engine, world.clock, world.observer, stop, **more))
    await world.clock.settle()
    return engine, stop, task


def beats(world):
    return [event.at for event in world.observer.of(CycleFinished)]


async def test_beats_lie_on_the_grid_however_long_a_cycle_takes(world):
    start = world.clock.now()
    world.feeds[0].seconds = 0.2
    engine, stop, task = await beating(world)
    await world.clock.advance(21)
    stop.set()
    assert await task == 5
    assert beats(world) == [start + timedelta(seconds=5 * n) for n in range(5)]
    await engine.stop()


async def test_a_cycle_that_runs_into_later_beats_drops_them_and_says_so(world):
    start = world.clock.now()
    engine, stop, task = await beating(world)
    held = world.log.append

    async def slow(batch):
        world.log.append = held
        await world.clock.sleep(12)
        return await held(batch)

    # The second cycle knows the opinions, so it stores a signal, and that is slow.
    world.log.append = slow
    await world.clock.advance(40)
    stop.set()
    await task
    missed = world.observer.of(BeatMissed)
    assert [event.beats for event in missed] == [2]
    assert beats(world)[:3] == [start + timedelta(seconds=s) for s in (0, 5, 20)]
    assert {(at - start).total_seconds() % 5 for at in beats(world)} == {0}
    await engine.stop()


class SetBack(FakeClock):
    """Stands still while it is set back, as the machine's own does in service."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong = timedelta(0)
        self._latest = super().now()

    def now(self):
        self._latest = max(self._latest, super().now() - self.wrong)
        return self._latest


async def test_while_a_clock_that_was_set_back_stands_still_beats_go_on(world):
    clock = SetBack()
    start = clock.now()
    world = evolve(world, clock=clock)
    _, stop, task = await beating(world)
    await clock.advance(12)
    clock.wrong = timedelta(seconds=19)
    await clock.advance(40)
    stop.set()
    # Nineteen seconds less than the fifty-two that passed by the clock, and as many beats as ever.
    assert clock.now() == start + timedelta(seconds=33)
    assert await task == 11
    assert world.observer.of(BeatMissed) == []


async def test_stop_is_heard_in_the_middle_of_a_beat(world):
    engine, stop, task = await beating(world)
    await world.clock.advance(1)
    stop.set()
    await world.clock.settle()
    assert task.done()
    await engine.stop()


async def test_the_loop_ends_by_itself_at_the_time_it_was_given(world):
    engine, _, task = await beating(world, until=world.clock.now() + timedelta(seconds=30))
    await world.clock.advance(60)
    assert await task == 6
    await engine.stop()
