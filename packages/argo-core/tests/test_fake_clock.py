"""The clock that stands still until told."""

import asyncio
from datetime import datetime, timedelta

import pytest

from argo_core.errors import InvalidInput
from argo_core.testing.clock_contract import ClockCase, ClockContract
from argo_core.testing.fake_clock import BEGINNING, FakeClock


async def test_sleepers_wake_in_order_of_their_time():
    clock, woken = FakeClock(), []

    async def sleeper(seconds):
        await clock.sleep(seconds)
        woken.append((seconds, clock.monotonic()))

    tasks = [asyncio.create_task(sleeper(seconds)) for seconds in (3, 1, 2, 0)]
    await clock.advance(2)
    assert woken == [(0, 0), (1, 1), (2, 2)]
    await clock.advance(1)
    await asyncio.gather(*tasks)
    assert clock.now() == BEGINNING + timedelta(seconds=3)


async def test_a_timeout_fires_when_told_and_not_before():
    clock = FakeClock()

    async def wait():
        async with clock.timeout(4):
            await clock.sleep(5)

    task = asyncio.create_task(wait())
    await clock.advance(3.5)
    assert not task.done()
    await clock.advance(0.5)
    with pytest.raises(TimeoutError):
        await task


async def test_a_block_that_ends_in_time_is_left_alone():
    clock = FakeClock()
    async with clock.timeout(4):
        pass
    await clock.advance(5)


async def test_the_clock_refuses_to_go_back():
    with pytest.raises(InvalidInput, match="go back"):
        await FakeClock().advance(-1)


def test_a_naive_beginning_is_refused():
    with pytest.raises(InvalidInput, match="UTC"):
        FakeClock(datetime(2024, 11, 25))  # noqa: DTZ001 - being naive is the point


class TestFakeClock(ClockContract):
    @pytest.fixture
    def case(self):
        clock = FakeClock()

        async def drive(waiting, seconds):
            task = asyncio.ensure_future(waiting)
            await clock.advance(seconds)
            return await task

        return ClockCase(clock, 60.0, drive)
