"""The stand-ins for what processes share keep the promises of their ports."""

import pytest

from argo_core.consensus.opinion import GROK
from argo_core.errors import SharedAway
from argo_core.ports import SharedPermit
from argo_core.resilience.budget import Amount
from argo_core.resilience.permit import Outcome
from argo_core.testing.breaker_contract import POLICY, SharedBreakerContract
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_shared import (
    FakeFlightLocks,
    FakeSharedBreaker,
    FakeSharedLimits,
    FakeSpendingBook,
)
from argo_core.testing.limits_contract import PAIR, SharedLimitsContract
from argo_core.testing.locks_contract import FlightLocksContract, Passing
from argo_core.testing.spending_contract import DAY, SpendingBookContract


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def passing(clock: FakeClock) -> Passing:
    return clock.advance


class TestFakeFlightLocks(FlightLocksContract):
    @pytest.fixture
    def locks(self, clock: FakeClock) -> FakeFlightLocks:
        return FakeFlightLocks(clock)


class TestFakeSharedLimits(SharedLimitsContract):
    @pytest.fixture
    def limits(self, clock: FakeClock) -> FakeSharedLimits:
        return FakeSharedLimits(clock)


class TestFakeSharedBreaker(SharedBreakerContract):
    @pytest.fixture
    def breaker(self, clock: FakeClock) -> FakeSharedBreaker:
        return FakeSharedBreaker(clock)


class TestFakeSpendingBook(SpendingBookContract):
    @pytest.fixture
    def book(self) -> FakeSpendingBook:
        return FakeSpendingBook()


async def test_what_is_away_says_so_and_forgets_nothing(clock: FakeClock) -> None:
    locks, limits = FakeFlightLocks(clock), FakeSharedLimits(clock)
    breaker, book = FakeSharedBreaker(clock), FakeSpendingBook()
    token = await locks.take("A", 9)
    assert token is not None
    await limits.take(GROK, PAIR, 2)
    await book.add(GROK, DAY, Amount(calls=1))
    permit = SharedPermit(0)
    for each in (locks, limits, breaker, book):
        each.away = True
    for call in (
        locks.take("A", 9),
        locks.release("A", token),
        limits.take(GROK, PAIR),
        limits.refund(GROK, PAIR),
        limits.pause(GROK, 1),
        breaker.acquire(GROK, POLICY),
        breaker.settle(GROK, POLICY, permit, Outcome.SUCCESS, slow=False),
        book.add(GROK, DAY, Amount()),
        book.subtract(GROK, DAY, Amount()),
    ):
        with pytest.raises(SharedAway):
            await call
    for each in (locks, limits, breaker, book):
        each.away = False
    assert await locks.take("A", 9) is None
    assert await limits.take(GROK, PAIR) > 0
    assert await book.add(GROK, DAY, Amount()) == Amount(calls=1)
