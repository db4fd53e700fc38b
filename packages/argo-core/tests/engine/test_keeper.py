"""Whoever keeps the lease takes it, renews it, loses it and gives it back, and tells of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from argo_core.engine.keeper import HOLD_OFF_S, Keeper
from argo_core.events import FencedOff, LeaseFailed, RoleChanged
from argo_core.resilience.lease_table import Role
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_lease import FakePublisherLease
from argo_core.testing.fake_observer import FakeObserver


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def observer() -> FakeObserver:
    return FakeObserver()


@pytest.fixture
def lease(clock: FakeClock) -> FakePublisherLease:
    return FakePublisherLease(clock)


@pytest.fixture
def keeper(lease: FakePublisherLease, clock: FakeClock, observer: FakeObserver) -> Keeper:
    return Keeper(lease, "blue", clock=clock, observer=observer)


@asynccontextmanager
async def keeping(*keepers: Keeper, clock: FakeClock) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(one.run()) for one in keepers]
    await clock.settle()
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def test_a_free_lease_is_taken_and_kept(
    keeper: Keeper, clock: FakeClock, observer: FakeObserver
) -> None:
    assert (keeper.role, keeper.token, keeper.over.is_set()) == (Role.STANDBY, None, True)
    async with keeping(keeper, clock=clock):
        assert await keeper.until(Role.TAKING_OVER) is Role.TAKING_OVER
        assert keeper.may_write()
        keeper.opened(3)
        assert (keeper.role, keeper.token, keeper.fence) == (Role.PUBLISHING, 1, 3)
        assert not keeper.over.is_set()
        await clock.advance(60)
        assert keeper.role is Role.PUBLISHING
    told = [(one.after, one.token, one.fence) for one in observer.of(RoleChanged)]
    assert told == [(Role.TAKING_OVER, 1, None), (Role.PUBLISHING, 1, 3)]


async def test_a_token_is_above_what_the_log_knows(keeper: Keeper, clock: FakeClock) -> None:
    keeper.known_fence = 41
    async with keeping(keeper, clock=clock):
        assert keeper.token == 42


async def test_a_second_one_waits_and_follows_when_the_first_one_dies(
    keeper: Keeper, lease: FakePublisherLease, clock: FakeClock, observer: FakeObserver
) -> None:
    other = Keeper(lease, "green", clock=clock, observer=observer)
    async with keeping(keeper, clock=clock):
        keeper.opened(1)
        async with keeping(other, clock=clock):
            await clock.advance(10)
            assert other.role is Role.STANDBY
            assert other.held is not None
            assert other.held.holder == "blue"
    # Blue renews no more.
    async with keeping(other, clock=clock):
        await clock.advance(6.6)
        assert other.role is Role.TAKING_OVER
        assert other.reason == "after blue"
        assert other.held is None


async def test_without_the_store_it_stops_by_its_own_clock(
    keeper: Keeper, lease: FakePublisherLease, clock: FakeClock, observer: FakeObserver
) -> None:
    async with keeping(keeper, clock=clock):
        keeper.opened(1)
        lease.away = True
        await clock.advance(3.9)
        assert keeper.may_write()
        await clock.advance(0.1)
        assert keeper.role is Role.LOST
        assert keeper.over.is_set()
        assert not keeper.may_write()
        assert keeper.problem == "it was told to be away"
        await clock.advance(5)
        await keeper.closed()
        assert keeper.role is Role.STANDBY
        lease.away = False
        await clock.advance(1)
        assert (keeper.role, keeper.token, keeper.problem) == (Role.TAKING_OVER, 2, "")
    # The same problem is told of once.
    assert [one.problem for one in observer.of(LeaseFailed)] == ["it was told to be away"]


async def test_a_store_that_comes_back_in_time_changes_nothing(
    keeper: Keeper, lease: FakePublisherLease, clock: FakeClock
) -> None:
    async with keeping(keeper, clock=clock):
        keeper.opened(1)
        lease.away = True
        await clock.advance(3.2)
        lease.away = False
        await clock.advance(30)
        assert (keeper.role, keeper.token) == (Role.PUBLISHING, 1)


async def test_a_lease_whose_grant_was_not_heard_is_had_once_it_is_over(
    keeper: Keeper, lease: FakePublisherLease, clock: FakeClock
) -> None:
    lease.mute = True
    async with keeping(keeper, clock=clock):
        lease.mute = False
        await clock.advance(5)
        assert keeper.role is Role.STANDBY
        await clock.advance(2)
        assert (keeper.role, keeper.token) == (Role.TAKING_OVER, 2)


async def test_a_process_that_slept_knows_at_its_first_look(
    keeper: Keeper, clock: FakeClock
) -> None:
    async with keeping(keeper, clock=clock):
        keeper.opened(1)
    # Nothing of it ran meanwhile.
    await clock.advance(10)
    assert not keeper.may_write()
    assert keeper.reason == "the lease was not renewed in time"
    assert keeper.token is None


async def test_what_the_store_says_is_anothers_is_lost(
    keeper: Keeper, lease: FakePublisherLease, clock: FakeClock
) -> None:
    async with keeping(keeper, clock=clock):
        keeper.opened(1)
        await lease.release(1)
        await lease.acquire("green", 6)
        await clock.advance(2)
        assert keeper.role is Role.LOST
        assert keeper.reason == "the store says that the lease is over"
        await clock.advance(1)
        assert keeper.role is Role.LOST


async def test_whoever_is_fenced_off_says_so_and_gives_the_lease_back(
    keeper: Keeper, lease: FakePublisherLease, clock: FakeClock, observer: FakeObserver
) -> None:
    async with keeping(keeper, clock=clock):
        keeper.opened(1)
        keeper.fenced("lease 2 was taken after 1")
        assert keeper.role is Role.LOST
        await keeper.closed()
        assert await lease.look() is None
    assert [one.problem for one in observer.of(FencedOff)] == ["lease 2 was taken after 1"]


async def test_whoever_releases_leaves_the_lease_to_others_for_a_while(
    keeper: Keeper, lease: FakePublisherLease, clock: FakeClock
) -> None:
    async with keeping(keeper, clock=clock):
        keeper.opened(1)
        keeper.wish_away("a test")
        assert (keeper.role, keeper.reason) == (Role.RELEASING, "a test")
        assert keeper.over.is_set()
        assert keeper.may_write()
        await keeper.closed()
        assert keeper.role is Role.STANDBY
        await clock.advance(HOLD_OFF_S - 1)
        assert await lease.look() is None
        await clock.advance(2)
        assert keeper.role is Role.TAKING_OVER


async def test_once_another_had_it_a_lapsed_lease_is_taken_at_once(
    keeper: Keeper, lease: FakePublisherLease, clock: FakeClock
) -> None:
    async with keeping(keeper, clock=clock):
        keeper.opened(1)
        keeper.wish_away("a test")
        await keeper.closed()
        await lease.acquire("green", 6)
        await clock.advance(7)
        assert keeper.role is Role.TAKING_OVER


async def test_whoever_waits_to_be_asked_takes_nothing_before(
    lease: FakePublisherLease, clock: FakeClock, observer: FakeObserver
) -> None:
    keeper = Keeper(lease, "green", clock=clock, observer=observer, eager=False)
    async with keeping(keeper, clock=clock):
        await clock.advance(60)
        assert keeper.role is Role.STANDBY
        keeper.wish_for("a test")
        await clock.settle()
        assert keeper.role is Role.TAKING_OVER
        # Nothing to wish for any more.
        keeper.wish_for("another test")
        assert keeper.reason == "nobody held the lease"


async def test_a_wish_to_stand_by_undoes_a_wish_to_publish(
    keeper: Keeper, lease: FakePublisherLease, clock: FakeClock
) -> None:
    await lease.acquire("green", 6)
    async with keeping(keeper, clock=clock):
        keeper.wish_for("a test")
        keeper.wish_away("no, it is not")
        await lease.release(1)
        await clock.advance(1)
        assert keeper.role is Role.STANDBY


async def test_a_store_that_does_not_answer_is_not_waited_for(
    clock: FakeClock, observer: FakeObserver
) -> None:
    class Slow(FakePublisherLease):
        """Takes a minute for what it is asked."""

        slow = False

        async def renew(self, token: int, ttl_s: float) -> bool:
            if self.slow:
                await clock.sleep(60)
            return await super().renew(token, ttl_s)

        async def release(self, token: int) -> None:
            await clock.sleep(60)

    lease = Slow(clock)
    keeper = Keeper(lease, "blue", clock=clock, observer=observer)
    async with keeping(keeper, clock=clock):
        keeper.opened(1)
        lease.slow = True
        await clock.advance(4)
        assert keeper.role is Role.LOST
        assert observer.of(LeaseFailed)[0].problem == "no answer in time"
        closing = asyncio.create_task(keeper.closed())
        await clock.advance(2)
        await closing
        assert Role.STANDBY in [one.after for one in observer.of(RoleChanged)]


async def test_somebody_may_wait_for_a_role(keeper: Keeper, clock: FakeClock) -> None:
    waiting = asyncio.create_task(keeper.until(Role.PUBLISHING, Role.LOST))
    async with keeping(keeper, clock=clock):
        await clock.settle()
        assert not waiting.done()
        keeper.opened(1)
        assert await waiting is Role.PUBLISHING


async def test_closing_what_never_was_open_asks_nobody(
    keeper: Keeper, lease: FakePublisherLease
) -> None:
    lease.away = True
    await keeper.closed()
    assert keeper.role is Role.STANDBY
