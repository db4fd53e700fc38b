"""The plans as data."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from alpine_service.domain.plans.entitlement import Channel
from alpine_service.domain.plans.plan import FREE, NOTHING, PLANS, TEST, entitlement_of

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_without_a_subscription_there_is_the_free_plan() -> None:
    assert entitlement_of(None, None, None, NOW) == FREE
    assert not FREE.is_realtime


@pytest.mark.parametrize("state", ["trial", "active", "past due", "cancelled"])
def test_a_plan_is_had_before_its_end_and_not_at_it(state: str) -> None:
    assert entitlement_of("pro", state, NOW + timedelta(seconds=1), NOW).plan == "pro"
    assert entitlement_of("pro", state, NOW, NOW) == FREE


def test_what_has_expired_entitles_to_nothing_whatever_its_end() -> None:
    assert entitlement_of("pro", "expired", NOW + timedelta(days=1), NOW) == FREE


def test_a_plan_that_nobody_knows_entitles_to_no_more_than_the_free_one() -> None:
    assert entitlement_of("gold", "active", NOW + timedelta(days=1), NOW) == FREE


def test_a_dearer_plan_has_at_least_what_a_cheaper_one_has() -> None:
    plans = sorted(PLANS.values(), key=lambda plan: plan.monthly_cents)
    for cheap, dear in pairwise(plans):
        less, more = cheap.entitlement, dear.entitlement
        assert less.channels <= more.channels
        for name in ("is_realtime", "per_minute", "per_day", "keys", "streams", "endpoints"):
            assert getattr(less, name) <= getattr(more, name)


def test_channels_and_their_numbers_agree() -> None:
    for entitlement in (NOTHING, TEST, *(plan.entitlement for plan in PLANS.values())):
        assert (Channel.STREAM in entitlement.channels) == (entitlement.streams > 0)
        assert (Channel.WEBHOOKS in entitlement.channels) == (entitlement.endpoints > 0)


def test_a_test_key_sees_public_data_only_and_says_so() -> None:
    assert not TEST.is_realtime
    assert TEST.plan == "test"
    assert TEST.plan not in PLANS
