"""Jobs beside the cycle: one for each key, backing off after failures, ended by their owner."""

import asyncio

import pytest

from argo_core.engine.shield import middle
from argo_core.engine.single_flight import SingleFlight
from argo_core.testing.fake_clock import FakeClock


class Job:
    """A job that takes as long as it is told, and counts how often it was begun."""

    def __init__(self, clock: FakeClock, *, answers: bool = True, seconds: float = 1.0) -> None:
        self.begun = 0
        self.answers = answers
        self._clock = clock
        self._seconds = seconds

    async def __call__(self) -> bool:
        self.begun += 1
        await self._clock.sleep(self._seconds)
        return self.answers


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def flights(clock):
    return SingleFlight(clock, middle)


async def test_a_key_that_is_being_asked_for_is_not_asked_for_again(clock, flights):
    job = Job(clock)
    assert flights.launch("grok", job)
    assert not flights.launch("grok", job)
    assert flights.busy == {"grok"}
    await clock.advance(1)
    assert flights.busy == frozenset()
    assert job.begun == 1


async def test_other_keys_fly_side_by_side(clock, flights):
    grok, sonar = Job(clock), Job(clock)
    assert flights.launch("grok", grok)
    assert flights.launch("sonar", sonar)
    await clock.advance(1)
    assert (grok.begun, sonar.begun) == (1, 1)


async def test_an_answer_may_be_followed_by_the_next_job_at_once(clock, flights):
    job = Job(clock)
    for _ in range(3):
        assert flights.launch("grok", job)
        await clock.advance(1)
    assert job.begun == 3


async def test_a_failing_refresh_follows_the_back_off(clock, flights):
    job = Job(clock, answers=False, seconds=0.0)
    begun = []
    for second in range(120):
        if flights.launch("grok", job):
            begun.append(second)
        await clock.advance(1)
    # Half a second doubled each time up to thirty, an eighth longer by the jitter's middle.
    assert begun == [0, 1, 3, 6, 11, 20, 38, 72, 106]


async def test_an_answer_ends_the_back_off(clock, flights):
    job = Job(clock, answers=False, seconds=0.0)
    for _ in range(5):
        flights.launch("grok", job)
        await clock.advance(40)
    job.answers = True
    assert flights.launch("grok", job)
    await clock.settle()
    assert flights.launch("grok", job)


async def test_whoever_gives_up_waiting_harms_nobody(clock, flights):
    job = Job(clock)
    flights.launch("grok", job)
    waiter, other = asyncio.create_task(flights.landed()), asyncio.create_task(flights.landed())
    await clock.settle()
    waiter.cancel()
    await clock.advance(1)
    await other
    assert flights.busy == frozenset()
    assert job.begun == 1


async def test_stopping_cancels_what_is_under_way(clock, flights):
    flights.launch("grok", Job(clock, seconds=3_600))
    await clock.settle()
    await flights.stop()
    assert flights.busy == frozenset()


async def test_stopping_does_not_wait_for_a_job_that_will_not_stop(clock, flights):
    released = asyncio.Event()

    async def stubborn() -> bool:
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                continue
        return True

    flights.launch("grok", stubborn)
    await clock.settle()
    stopping = asyncio.create_task(flights.stop())
    await clock.advance(2)
    await stopping
    assert flights.busy == {"grok"}
    released.set()
    await flights.landed()


async def test_a_cancelled_job_is_no_failure(clock, flights):
    job = Job(clock, seconds=3_600)
    flights.launch("grok", job)
    await clock.settle()
    await flights.stop()
    assert flights.launch("grok", job)
    await flights.stop()
