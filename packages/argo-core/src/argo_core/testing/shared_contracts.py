"""The promises of `FlightLocks`, `SharedLimits`, `SharedBreaker` and `SpendingBook`, as tests.

Inherit, and give the fixtures: the implementation under test, new to every test, and `passing`,
which lets so many seconds pass on its clock.
"""
# ruff: noqa: S101, PLR2004 - a contract is made of assertions about particular numbers

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal

import pytest
from attrs import evolve

from argo_core.consensus.opinion import GROK, SONAR
from argo_core.errors import InvalidInput
from argo_core.ports import FlightLocks, SharedBreaker, SharedLimits, SharedPermit, SpendingBook
from argo_core.resilience.allowance import Allowance
from argo_core.resilience.breaker_policy import BreakerPolicy
from argo_core.resilience.breaker_table import State
from argo_core.resilience.budget import Amount
from argo_core.resilience.permit import Outcome, Rejected

Passing = Callable[[float], Awaitable[None]]

LONG_S = 30.0


class FlightLocksContract:
    """Tests for one implementation; `locks` is its fixture."""

    async def test_one_of_many_gets_the_lock(self, locks: FlightLocks) -> None:
        tokens = await asyncio.gather(*(locks.take("A", LONG_S) for _ in range(20)))
        assert sum(token is not None for token in tokens) == 1
        assert await locks.take("B", LONG_S) is not None

    async def test_a_lock_given_back_can_be_taken(self, locks: FlightLocks) -> None:
        first = await locks.take("A", LONG_S)
        assert first is not None
        await locks.release("A", first)
        second = await locks.take("A", LONG_S)
        assert second not in (None, first)

    async def test_nobody_gives_back_what_is_anothers(self, locks: FlightLocks) -> None:
        await locks.take("A", LONG_S)
        await locks.release("A", "somebody else's")
        await locks.release("B", "nobody's")
        assert await locks.take("A", LONG_S) is None

    async def test_a_lock_ends_by_itself(self, locks: FlightLocks, passing: Passing) -> None:
        first = await locks.take("A", 0.05)
        assert first is not None
        await passing(0.1)
        assert await locks.take("A", LONG_S) is not None
        # The first holder comes back late, and the second one keeps its lock.
        await locks.release("A", first)
        assert await locks.take("A", LONG_S) is None


PAIR = (Allowance(rate=4, burst=2),)


class SharedLimitsContract:
    """Tests for one implementation; `limits` is its fixture."""

    async def test_a_burst_passes_and_then_one_at_a_time(
        self, limits: SharedLimits, passing: Passing
    ) -> None:
        assert [await limits.take(GROK, PAIR) for _ in range(2)] == [0, 0]
        wait = await limits.take(GROK, PAIR)
        assert wait == pytest.approx(0.245, abs=1e-5)
        await passing(wait - 0.001)
        assert 0 < await limits.take(GROK, PAIR) < 0.002
        await passing(0.00101)
        assert [bool(await limits.take(GROK, PAIR)) for _ in range(2)] == [False, True]

    async def test_tokens_are_saved_up_to_the_burst(
        self, limits: SharedLimits, passing: Passing
    ) -> None:
        await limits.take(GROK, PAIR, 2)
        await passing(100)
        assert [bool(await limits.take(GROK, PAIR)) for _ in range(3)] == [False, False, True]

    async def test_a_call_passes_all_limits_or_takes_from_none(
        self, limits: SharedLimits, passing: Passing
    ) -> None:
        both = (Allowance(rate=100, burst=3), Allowance(rate=1, burst=1))
        assert await limits.take(GROK, both) == 0
        for _ in range(5):
            assert await limits.take(GROK, both) == pytest.approx(0.995, abs=1e-5)
        await passing(1)
        # Had the refused ones taken from the first limit, this would have to wait.
        assert await limits.take(GROK, both) == 0

    async def test_heavy_calls_cost_more(self, limits: SharedLimits) -> None:
        assert await limits.take(GROK, PAIR, 2) == 0
        assert await limits.take(GROK, PAIR, 2) == pytest.approx(0.495, abs=1e-5)

    @pytest.mark.parametrize("cost", [0, -1, 3])
    async def test_a_cost_that_could_never_pass_is_refused(
        self, limits: SharedLimits, cost: int
    ) -> None:
        with pytest.raises(InvalidInput, match="cost"):
            await limits.take(GROK, PAIR, cost)

    async def test_sources_have_limits_of_their_own(self, limits: SharedLimits) -> None:
        await limits.take(GROK, PAIR, 2)
        assert await limits.take(SONAR, PAIR, 2) == 0

    async def test_a_call_that_was_not_made_is_given_back(self, limits: SharedLimits) -> None:
        await limits.refund(GROK, PAIR)
        await limits.take(GROK, PAIR, 2)
        await limits.refund(GROK, PAIR, 2)
        assert await limits.take(GROK, PAIR, 2) == 0
        assert await limits.take(GROK, PAIR, 1) > 0

    async def test_what_time_has_paid_is_not_given_back(
        self, limits: SharedLimits, passing: Passing
    ) -> None:
        await limits.take(GROK, PAIR, 2)
        await passing(100)
        await limits.refund(GROK, PAIR, 2)
        assert [bool(await limits.take(GROK, PAIR)) for _ in range(3)] == [False, False, True]

    async def test_a_pause_stops_the_source_and_is_never_shortened(
        self, limits: SharedLimits, passing: Passing
    ) -> None:
        await limits.pause(GROK, 10)
        await limits.pause(GROK, 2)
        assert await limits.take(GROK, PAIR) == pytest.approx(10, abs=1e-5)
        assert await limits.take(SONAR, PAIR) == 0
        await passing(9)
        assert await limits.take(GROK, PAIR) == pytest.approx(1, abs=1e-5)
        await limits.pause(GROK, 3)
        await passing(2)
        assert await limits.take(GROK, PAIR) == pytest.approx(1, abs=1e-5)
        await passing(1.001)
        assert await limits.take(GROK, PAIR) == 0


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


DAY = date(2024, 11, 25)
SOME = Amount(Decimal("0.0123456789"), 1_000, 1)


class SpendingBookContract:
    """Tests for one implementation; `book` is its fixture, empty."""

    async def test_a_new_day_has_cost_nothing(self, book: SpendingBook) -> None:
        assert await book.add(GROK, DAY, Amount()) == Amount()
        assert await book.subtract(GROK, DAY, SOME) == Amount()

    async def test_amounts_add_up_exactly(self, book: SpendingBook) -> None:
        for times in range(1, 4):
            total = await book.add(GROK, DAY, SOME)
            assert total == Amount(SOME.usd * times, 1_000 * times, times)
        assert await book.add(GROK, DAY, Amount()) == total

    async def test_vendors_and_days_are_kept_apart(self, book: SpendingBook) -> None:
        await book.add(GROK, DAY, SOME)
        assert await book.add(SONAR, DAY, Amount()) == Amount()
        assert await book.add(GROK, date(2024, 11, 26), Amount()) == Amount()

    async def test_what_is_taken_back_never_leaves_less_than_nothing(
        self, book: SpendingBook
    ) -> None:
        await book.add(GROK, DAY, Amount(Decimal(2), 10, 3))
        left = await book.subtract(GROK, DAY, Amount(Decimal("0.5"), 20, 1))
        assert left == Amount(Decimal("1.5"), 0, 2)
        assert await book.add(GROK, DAY, Amount(tokens=5)) == Amount(Decimal("1.5"), 5, 2)

    async def test_amounts_booked_at_once_all_count(self, book: SpendingBook) -> None:
        await asyncio.gather(*(book.add(GROK, DAY, SOME) for _ in range(50)))
        assert await book.add(GROK, DAY, Amount()) == Amount(SOME.usd * 50, 50_000, 50)
