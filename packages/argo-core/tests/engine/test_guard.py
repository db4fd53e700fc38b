"""The one way out to a vendor."""

import asyncio
from decimal import Decimal

import pytest

from argo_core.consensus.opinion import MASSIVE
from argo_core.engine.guard import guard
from argo_core.errors import VendorGarbled, VendorThrottled, VendorUnavailable
from argo_core.events import SourceAnswered, SourceFailed
from argo_core.ports import Answer
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_observer import FakeObserver


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def observer():
    return FakeObserver()


async def guarded(ask, clock, observer, timeout_s=4.0):
    return await guard(MASSIVE, ask, str, timeout_s=timeout_s, clock=clock, observer=observer)


async def test_an_answer_is_passed_on_and_counted(clock, observer):
    async def ask():
        await clock.sleep(0.12)
        return Answer(("a", "b"), calls=3, usd=Decimal("0.01"))

    task = asyncio.create_task(guarded(ask, clock, observer))
    await clock.advance(0.12)
    assert (await task).items == ("a", "b")
    (event,) = observer.of(SourceAnswered)
    assert (event.calls, event.usd, event.items, event.seconds) == (3, Decimal("0.01"), 2, 0.12)


async def test_a_vendor_error_comes_back_as_a_value_with_what_it_cost(clock, observer):
    async def ask():
        raise VendorThrottled("massive", "slow down", calls=2, retry_after_s=7.0)

    failure = await guarded(ask, clock, observer)
    assert isinstance(failure, VendorThrottled)
    assert failure.retry_after_s == 7.0
    (event,) = observer.of(SourceFailed)
    assert (event.error, event.problem, event.calls) == ("VendorThrottled", "slow down", 2)


async def test_silence_ends_at_the_timeout(clock, observer):
    async def ask():
        await clock.sleep(3600)
        return Answer(())

    task = asyncio.create_task(guarded(ask, clock, observer, timeout_s=4.0))
    await clock.advance(3.9)
    assert not task.done()
    await clock.advance(0.1)
    assert isinstance(await task, VendorUnavailable)


async def test_an_adapter_that_trips_is_a_garbled_answer_and_its_secrets_stay_inside(
    clock, observer
):
    async def ask():
        raise KeyError("sk-secret")

    failure = await guarded(ask, clock, observer)
    assert isinstance(failure, VendorGarbled)
    assert "KeyError" in failure.problem
    assert "sk-secret" not in str(observer.events)


async def test_cancellation_is_not_an_answer(clock, observer):
    async def ask():
        await clock.sleep(3600)
        return Answer(())

    task = asyncio.create_task(guarded(ask, clock, observer))
    await clock.settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert observer.events == []
