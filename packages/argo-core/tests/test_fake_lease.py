"""The stand-in for the publisher's lease keeps the promises of its port."""

import pytest

from argo_core.errors import SharedAway
from argo_core.resilience.lease import Granted
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_lease import FakePublisherLease
from argo_core.testing.lease_contract import Leases, Passing, PublisherLeaseContract


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def passing(clock: FakeClock) -> Passing:
    return clock.advance


class TestFakePublisherLease(PublisherLeaseContract):
    @pytest.fixture
    def leases(self, clock: FakeClock) -> Leases:
        lease = FakePublisherLease(clock)
        return lease, lease


async def test_what_is_away_says_so_and_does_nothing(clock: FakeClock) -> None:
    lease = FakePublisherLease(clock)
    lease.away = True
    for call in (lease.acquire("one", 6), lease.renew(1, 6), lease.release(1), lease.look()):
        with pytest.raises(SharedAway, match="away"):
            await call
    lease.away = False
    assert await lease.look() is None


async def test_what_is_mute_does_it_all_the_same(clock: FakeClock) -> None:
    lease = FakePublisherLease(clock)
    lease.mute = True
    with pytest.raises(SharedAway, match="mute"):
        await lease.acquire("one", 6)
    lease.mute = False
    held = await lease.look()
    assert held is not None
    assert held.holder == "one"
    await clock.advance(6)
    assert await lease.acquire("other", 6) == Granted(2)
