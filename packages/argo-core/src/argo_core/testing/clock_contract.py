"""The promises of `Clock`, as tests. Inherit, and give the fixture `case`."""
# ruff: noqa: S101 - a contract is made of assertions

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from attrs import frozen

from argo_core.ports import Clock

TIMER = timedelta(milliseconds=1)
"""How early a timer may fire by a clock that it is not itself."""


@frozen
class ClockCase:
    """A clock, a little time on its `now`, and how to await something while that time passes."""

    clock: Clock
    little_s: float
    drive: Callable[[Awaitable[Any], float], Awaitable[Any]]


class ClockContract:
    """A class of tests for one implementation of `Clock`."""

    def test_now_is_aware_utc_and_never_goes_back(self, case: ClockCase) -> None:
        moments = [case.clock.now() for _ in range(100)]
        assert moments == sorted(moments)
        assert {moment.utcoffset() for moment in moments} == {timedelta(0)}

    def test_monotonic_never_goes_back(self, case: ClockCase) -> None:
        readings = [case.clock.monotonic() for _ in range(100)]
        assert readings == sorted(readings)

    @pytest.mark.parametrize("seconds", [0.0, -1.0])
    async def test_there_is_nothing_to_wait_for_in_the_past(
        self, case: ClockCase, seconds: float
    ) -> None:
        await case.clock.sleep(seconds)

    async def test_now_moves_on_by_what_sleep_waits(self, case: ClockCase) -> None:
        began = case.clock.now()
        await case.drive(case.clock.sleep(case.little_s), case.little_s)
        assert case.clock.now() - began >= timedelta(seconds=case.little_s) - TIMER

    async def test_a_timeout_ends_a_wait_that_would_not_end(self, case: ClockCase) -> None:
        async def wait() -> None:
            async with case.clock.timeout(case.little_s):
                await asyncio.Event().wait()

        with pytest.raises(TimeoutError):
            await case.drive(wait(), case.little_s)

    async def test_a_timeout_leaves_alone_what_ends_before(self, case: ClockCase) -> None:
        async with case.clock.timeout(3_600):
            await case.clock.sleep(0)

    async def test_a_sleeper_can_be_cancelled(self, case: ClockCase) -> None:
        sleeper = asyncio.create_task(case.clock.sleep(3_600))
        await asyncio.wait((asyncio.create_task(case.clock.sleep(0)),))
        sleeper.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sleeper
