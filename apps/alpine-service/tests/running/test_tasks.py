"""Background tasks and who owns them."""

import asyncio

from alpine_service.errors import DatabaseAway
from alpine_service.ports.observing import Weight
from alpine_service.tasks import (
    FIRST_WAIT_S,
    GOODBYE_S,
    LONGEST_AWAY_S,
    LONGEST_WAIT_S,
    STEADY_S,
    Tasks,
)
from alpine_service.testing.fake_clock import FakeClock
from alpine_service.testing.fake_observer import FakeObserver


class Work:
    """A task that fails in ways that are said beforehand, then works on."""

    def __init__(self, clock: FakeClock, *failures: Exception | None, after_s: float = 0) -> None:
        self._clock = clock
        self._failures = list(failures)
        self._after_s = after_s
        self.starts = 0

    async def run(self) -> None:
        self.starts += 1
        await self._clock.sleep(self._after_s)
        if not self._failures:
            await asyncio.Event().wait()
        failure = self._failures.pop(0)
        if failure:
            raise failure


async def test_a_task_whose_need_was_away_is_started_again_with_back_off() -> None:
    clock, observer = FakeClock(), FakeObserver()
    tasks = Tasks(clock, observer)
    work = Work(clock, *[DatabaseAway("gone")] * 3)

    async with tasks.running({"ingest": work.run}):
        await clock.advance(0)
        assert (work.starts, tasks.states[0].problem) == (1, "gone")
        assert not tasks.states[0].is_well(clock.monotonic())
        await clock.advance(FIRST_WAIT_S)
        assert work.starts == 2
        await clock.advance(FIRST_WAIT_S)
        assert work.starts == 2
        await clock.advance(5 * FIRST_WAIT_S)
        assert work.starts == 4

        assert not tasks.states[0].is_well(clock.monotonic())
        await clock.advance(STEADY_S)
        assert tasks.states[0].is_well(clock.monotonic())
    assert {told.weight for told in observer.told} == {Weight.WARNING}


async def test_a_task_that_never_failed_is_well() -> None:
    clock = FakeClock()
    tasks = Tasks(clock, FakeObserver())

    async with tasks.running({"ingest": Work(clock).run}):
        await clock.advance(0)
        assert [state.is_well(clock.monotonic()) for state in tasks.states] == [True]


async def test_the_wait_is_bounded_and_short_again_after_a_steady_run() -> None:
    clock = FakeClock()
    tasks = Tasks(clock, FakeObserver())
    work = Work(clock, *[DatabaseAway("gone")] * 40)

    async with tasks.running({"ingest": work.run}):
        await clock.advance(40 * LONGEST_WAIT_S)
        assert work.starts == 41

    steady = Work(clock, *[DatabaseAway("gone")] * 3, after_s=STEADY_S)
    async with tasks.running({"steady": steady.run}):
        await clock.advance(3 * (STEADY_S + FIRST_WAIT_S))
        assert steady.starts == 4


async def test_what_was_away_often_is_still_asked_for_every_few_seconds() -> None:
    clock = FakeClock()
    work = Work(clock, *[DatabaseAway("gone")] * 20)

    async with Tasks(clock, FakeObserver()).running({"ingest": work.run}):
        await clock.advance(12 * FIRST_WAIT_S + LONGEST_AWAY_S)
        starts = work.starts
        await clock.advance(LONGEST_AWAY_S)
        assert work.starts == starts + 1


async def test_a_mistake_of_ours_is_told_without_its_values_and_the_others_go_on() -> None:
    clock, observer = FakeClock(), FakeObserver()
    tasks = Tasks(clock, observer)
    wrong = Work(clock, ValueError("hunter2"), None)
    right = Work(clock)

    async with tasks.running({"wrong": wrong.run, "right": right.run}):
        await clock.advance(10)
        assert (wrong.starts, right.starts) == (3, 1)

    problems = [str(told.facts["problem"]) for told in observer.told]
    assert problems[0].startswith("ValueError in run, line ")
    assert problems[1] == "it ended by itself"
    assert "hunter2" not in str(observer.told)
    assert {told.weight for told in observer.told} == {Weight.ALERT}


async def test_a_task_that_will_not_end_is_named_and_left_behind() -> None:
    clock, observer = FakeClock(), FakeObserver()
    release = asyncio.Event()

    async def stubborn() -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    tasks = Tasks(clock, observer, goodbye_s=0.01)
    async with tasks.running({"stubborn": stubborn}):
        await clock.advance(0)
    release.set()
    await clock.advance(0)

    assert [told.facts["task"] for told in observer.told if told.what == "task.stuck"] == [
        "stubborn"
    ]
    assert GOODBYE_S < 5
