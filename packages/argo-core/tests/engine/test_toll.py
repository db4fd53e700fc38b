"""Every ask sets its worst case aside, looks at the breaker, and pays what it came to."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from argo_core.consensus.opinion import GROK
from argo_core.engine.purse import Purse
from argo_core.engine.shield import Shield
from argo_core.engine.toll import LOOK_AGAIN_S, pay
from argo_core.errors import VendorThrottled, VendorUnavailable
from argo_core.ports import Answer
from argo_core.resilience.breaker_table import State
from argo_core.resilience.budget import Amount, DayLimit
from argo_core.resilience.permit import Rejected
from argo_core.resilience.vendor_day import OffsetChange, VendorDays
from argo_core.testing.fake_clock import BEGINNING, FakeClock
from argo_core.testing.fake_observer import FakeObserver

DAYS = VendorDays((OffsetChange(datetime(2020, 1, 1, tzinfo=UTC), timedelta(0)),))
WORST = Amount(Decimal("0.50"), 1_000, 1)


class Open:
    """A breaker that lets nobody pass."""

    def peek(self) -> Rejected | None:
        return Rejected(State.OPEN, 7.0)


class Closed:
    """A breaker that lets everybody pass."""

    def peek(self) -> Rejected | None:
        return None


class Vendor:
    """Answers or fails as it is told, and counts."""

    def __init__(self, outcome) -> None:
        self.asked = 0
        self._outcome = outcome

    async def __call__(self):
        self.asked += 1
        if isinstance(self._outcome, asyncio.CancelledError):
            raise self._outcome
        return self._outcome


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def purse(clock):
    limit = DayLimit(usd=Decimal(1))
    return Purse(GROK, limit, DAYS, clock=clock, observer=FakeObserver())


ANSWER = Answer(("words",), usd=Decimal("0.02"), tokens=300)


async def test_without_a_shield_an_ask_is_simply_made(clock):
    assert await pay(GROK, Shield(), WORST, Vendor(ANSWER), clock) is ANSWER


async def test_an_answer_costs_what_it_says(clock, purse):
    await pay(GROK, Shield(Closed(), purse), WORST, Vendor(ANSWER), clock)
    assert purse.spending.spent == Amount(Decimal("0.02"), 300, 1)
    assert purse.spending.reserved == Amount()


async def test_a_failure_that_was_charged_costs_its_dollars_and_all_tokens_it_may(clock, purse):
    failure = VendorUnavailable("grok", "late", usd=Decimal("0.10"))
    assert await pay(GROK, Shield(purse=purse), WORST, Vendor(failure), clock) is failure
    assert purse.spending.spent == Amount(Decimal("0.10"), 1_000, 1)


async def test_a_failure_that_was_not_charged_costs_a_call(clock, purse):
    failure = VendorUnavailable("grok", "down")
    await pay(GROK, Shield(purse=purse), WORST, Vendor(failure), clock)
    assert purse.spending.spent == Amount(Decimal(0), 0, 1)


async def test_a_spent_budget_asks_nobody_and_says_when_to_look_again(clock, purse):
    shield, vendor = Shield(purse=purse), Vendor(ANSWER)
    held = [await purse.reserve(WORST), await purse.reserve(WORST)]
    refused = await pay(GROK, shield, WORST, vendor, clock)
    assert isinstance(refused, VendorThrottled)
    assert (refused.calls, refused.retry_after_s) == (0, LOOK_AGAIN_S)
    assert "budget of usd" in refused.problem
    assert vendor.asked == 0
    await purse.settle(held[0], Amount())
    assert await pay(GROK, shield, WORST, vendor, clock) is ANSWER


async def test_shortly_before_midnight_one_looks_again_at_midnight(clock, purse):
    midnight = datetime(2024, 11, 26, tzinfo=UTC)
    await clock.advance((midnight - BEGINNING).total_seconds() - 20)
    await purse.reserve(WORST)
    await purse.reserve(WORST)
    refused = await pay(GROK, Shield(purse=purse), WORST, Vendor(ANSWER), clock)
    assert isinstance(refused, VendorThrottled)
    assert refused.retry_after_s == 20


async def test_an_open_breaker_asks_nobody_and_costs_nothing(clock, purse):
    vendor = Vendor(ANSWER)
    refused = await pay(GROK, Shield(Open(), purse), WORST, vendor, clock)
    assert isinstance(refused, VendorUnavailable)
    assert (refused.calls, refused.retry_after_s) == (0, 7.0)
    assert vendor.asked == 0
    assert purse.spending.spent == purse.spending.reserved == Amount()
    assert isinstance(await pay(GROK, Shield(Open()), WORST, vendor, clock), VendorUnavailable)


async def test_a_cancelled_ask_has_cost_the_most(clock, purse):
    vendor = Vendor(asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError):
        await pay(GROK, Shield(purse=purse), WORST, vendor, clock)
    assert purse.spending.spent == WORST
    with pytest.raises(asyncio.CancelledError):
        await pay(GROK, Shield(), WORST, vendor, clock)
