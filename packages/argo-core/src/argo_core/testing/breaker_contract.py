"""The promises of `SharedBreaker`, as tests.

Inherit, and give the fixtures: the implementation under test, new to every test, and `passing`,
which lets so many seconds pass on its clock.
"""
# ruff: noqa: S101 - a contract is made of assertions

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from attrs import evolve

from argo_core.consensus.opinion import GROK, SONAR
from argo_core.ports import SharedBreaker, SharedPermit
from argo_core.resilience.breaker_policy import BreakerPolicy
from argo_core.resilience.breaker_table import State
from argo_core.resilience.permit import Outcome, Rejected

Passing = Callable[[float], Awaitable[None]]

POLICY = BreakerPolicy(slow_s=1.0, jitter_share=0.001)
# Longer than the first opening with all its jitter.
COOLED_S = 5.1


class SharedBreakerContract:
    """Tests for one implementation; `breaker` is its fixture."""

    async def test_calls_that_go_well_pass(self, breaker: SharedBreaker) -> None:
        for _ in range(30):
            await self.call(breaker, Outcome.SUCCESS)
        assert isinstance(await breaker.acquire(GROK, POLICY), SharedPermit)

    async def test_five_failures_in_a_row_trip(self, breaker: SharedBreaker) -> None:
        for _ in range(4):
            await self.call(breaker, Outcome.FAILURE)
        assert isinstance(await breaker.acquire(GROK, POLICY), SharedPermit)
        await self.call(breaker, Outcome.FAILURE)
        await self.is_open_for(breaker, 5)
        assert isinstance(await breaker.acquire(SONAR, POLICY), SharedPermit)

    async def test_failures_far_apart_trip_too(
        self, breaker: SharedBreaker, passing: Passing
    ) -> None:
        for _ in range(5):
            await self.call(breaker, Outcome.FAILURE)
            await passing(700)
        assert isinstance(await breaker.acquire(GROK, POLICY), SharedPermit)
        # What was settled so late opened it, and it has cooled since.
        assert isinstance(await breaker.acquire(GROK, POLICY), Rejected)

    async def test_half_of_the_calls_failing_trips(self, breaker: SharedBreaker) -> None:
        for outcome in (Outcome.FAILURE, Outcome.SUCCESS) * 2:
            await self.call(breaker, outcome)
        assert isinstance(await breaker.acquire(GROK, POLICY), SharedPermit)
        await self.call(breaker, Outcome.FAILURE)
        await self.is_open_for(breaker, 5)

    async def test_old_calls_and_too_many_are_forgotten(
        self, breaker: SharedBreaker, passing: Passing
    ) -> None:
        patient = evolve(POLICY, in_a_row=100)
        for _ in range(4):
            await self.call(breaker, Outcome.FAILURE, policy=patient)
        await passing(601)
        for _ in range(30):
            await self.call(breaker, Outcome.SUCCESS, policy=patient)
        for _ in range(9):
            await self.call(breaker, Outcome.FAILURE, policy=patient)
        assert isinstance(await breaker.acquire(GROK, patient), SharedPermit)
        await self.call(breaker, Outcome.FAILURE, policy=patient)
        await self.is_open_for(breaker, 5)

    async def test_slow_calls_trip_however_they_end(self, breaker: SharedBreaker) -> None:
        for outcome in (Outcome.SUCCESS, Outcome.IGNORED) * 2:
            await self.call(breaker, outcome, slow=True)
        assert isinstance(await breaker.acquire(GROK, POLICY), SharedPermit)
        await self.call(breaker, Outcome.SUCCESS, slow=True)
        await self.is_open_for(breaker, 5)

    async def test_refusals_and_cancellations_never_trip(self, breaker: SharedBreaker) -> None:
        for _ in range(40):
            await self.call(breaker, Outcome.IGNORED)
        assert isinstance(await breaker.acquire(GROK, POLICY), SharedPermit)

    async def test_of_a_hundred_callers_one_gets_the_probe(
        self, breaker: SharedBreaker, passing: Passing
    ) -> None:
        await self.trip(breaker)
        await passing(COOLED_S)
        answers = await asyncio.gather(*(breaker.acquire(GROK, POLICY) for _ in range(100)))
        probes = [one for one in answers if isinstance(one, SharedPermit)]
        assert len(probes) == 1
        assert probes[0].probe is not None
        rejected = {one.state for one in answers if isinstance(one, Rejected)}
        assert rejected == {State.HALF_OPEN}

    async def test_two_probes_that_go_well_close(
        self, breaker: SharedBreaker, passing: Passing
    ) -> None:
        await self.trip(breaker)
        await passing(COOLED_S)
        for _ in range(2):
            probe = await breaker.acquire(GROK, POLICY)
            assert isinstance(probe, SharedPermit)
            assert probe.probe is not None
            assert isinstance(await breaker.acquire(GROK, POLICY), Rejected)
            await self.settle(breaker, probe, Outcome.SUCCESS)
            # Told twice, it counts once.
            await self.settle(breaker, probe, Outcome.SUCCESS)
        for _ in range(3):
            permit = await breaker.acquire(GROK, POLICY)
            assert isinstance(permit, SharedPermit)
            assert permit.probe is None

    async def test_a_probe_that_fails_opens_for_twice_as_long(
        self, breaker: SharedBreaker, passing: Passing
    ) -> None:
        await self.trip(breaker)
        for opened_s in (10, 20, 40, 80, 120, 120):
            await passing(opened_s)
            probe = await breaker.acquire(GROK, POLICY)
            assert isinstance(probe, SharedPermit)
            await self.settle(breaker, probe, Outcome.FAILURE)
            await self.is_open_for(breaker, opened_s)
            await passing(0.2)

    async def test_a_clean_window_makes_openings_short_again(
        self, breaker: SharedBreaker, passing: Passing
    ) -> None:
        for cleaned_s in (0, 601):
            await self.trip(breaker)
            await passing(COOLED_S * 2)
            for _ in range(2):
                await self.call(breaker, Outcome.SUCCESS)
            if cleaned_s:
                await passing(cleaned_s)
                await self.call(breaker, Outcome.SUCCESS)
        await self.trip(breaker)
        await self.is_open_for(breaker, 5)
        await passing(COOLED_S)
        for _ in range(22):
            await self.call(breaker, Outcome.SUCCESS)
        await self.trip(breaker)
        await self.is_open_for(breaker, 5)

    async def test_the_vendors_own_word_opens_for_longer(self, breaker: SharedBreaker) -> None:
        await self.trip(breaker, retry_after_s=300)
        await self.is_open_for(breaker, 300)

    async def test_a_cancelled_probe_makes_room_for_the_next(
        self, breaker: SharedBreaker, passing: Passing
    ) -> None:
        await self.trip(breaker)
        await passing(COOLED_S)
        await self.call(breaker, Outcome.IGNORED)
        await self.call(breaker, Outcome.SUCCESS)
        await self.call(breaker, Outcome.SUCCESS)
        permit = await breaker.acquire(GROK, POLICY)
        assert isinstance(permit, SharedPermit)
        assert permit.probe is None

    async def test_a_lost_probe_is_a_failure_and_wedges_nothing(
        self, breaker: SharedBreaker, passing: Passing
    ) -> None:
        await self.trip(breaker)
        await passing(COOLED_S)
        lost = await breaker.acquire(GROK, POLICY)
        assert isinstance(lost, SharedPermit)
        waiting = await breaker.acquire(GROK, POLICY)
        assert isinstance(waiting, Rejected)
        assert waiting.retry_after_s == pytest.approx(30, abs=0.01)
        await passing(31)
        await self.is_open_for(breaker, 10)
        await self.settle(breaker, lost, Outcome.SUCCESS)
        await passing(11)
        assert isinstance(await breaker.acquire(GROK, POLICY), SharedPermit)

    async def test_a_probe_that_comes_back_too_late_is_a_failure(
        self, breaker: SharedBreaker, passing: Passing
    ) -> None:
        await self.trip(breaker)
        await passing(COOLED_S)
        late = await breaker.acquire(GROK, POLICY)
        assert isinstance(late, SharedPermit)
        await passing(31)
        await self.settle(breaker, late, Outcome.SUCCESS)
        await self.is_open_for(breaker, 10)

    async def test_a_call_begun_before_the_trip_never_closes_it(
        self, breaker: SharedBreaker, passing: Passing
    ) -> None:
        early = [await breaker.acquire(GROK, POLICY) for _ in range(3)]
        await self.trip(breaker)
        await self.settle(breaker, early[0], Outcome.SUCCESS)
        await self.is_open_for(breaker, 5)
        await passing(COOLED_S)
        probe = await breaker.acquire(GROK, POLICY)
        assert isinstance(probe, SharedPermit)
        for one in early[1:]:
            await self.settle(breaker, one, Outcome.SUCCESS)
        assert isinstance(await breaker.acquire(GROK, POLICY), Rejected)
        await self.settle(breaker, probe, Outcome.FAILURE)
        await self.is_open_for(breaker, 10)

    async def settle(
        self, breaker: SharedBreaker, permit: SharedPermit | Rejected, outcome: Outcome
    ) -> None:
        assert isinstance(permit, SharedPermit)
        await breaker.settle(GROK, POLICY, permit, outcome, slow=False)

    async def call(
        self,
        breaker: SharedBreaker,
        outcome: Outcome,
        *,
        policy: BreakerPolicy = POLICY,
        slow: bool = False,
    ) -> None:
        permit = await breaker.acquire(GROK, policy)
        assert isinstance(permit, SharedPermit)
        await breaker.settle(GROK, policy, permit, outcome, slow=slow)

    async def trip(self, breaker: SharedBreaker, retry_after_s: float = 0.0) -> None:
        while isinstance(permit := await breaker.acquire(GROK, POLICY), SharedPermit):
            await breaker.settle(
                *(GROK, POLICY, permit, Outcome.FAILURE), slow=False, retry_after_s=retry_after_s
            )

    async def is_open_for(self, breaker: SharedBreaker, seconds: float) -> None:
        rejected = await breaker.acquire(GROK, POLICY)
        assert isinstance(rejected, Rejected)
        assert rejected.state is State.OPEN
        assert rejected.retry_after_s is not None
        assert seconds - 0.01 <= rejected.retry_after_s <= seconds * 1.002
