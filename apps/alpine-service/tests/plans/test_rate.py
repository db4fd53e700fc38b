"""The rate of an account."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.domain.plans.rate import MINUTE_US, Rate, judge

rates = st.integers(1, 100_000).map(Rate)


@given(rates)
def test_a_burst_is_admitted_at_once_and_not_one_more(rate: Rate) -> None:
    rate = Rate(min(rate.per_minute, 500))
    arrival = 0
    for number in range(rate.burst):
        judged = judge(rate, arrival, 10**15)
        assert judged.is_admitted
        assert judged.left == rate.burst - 1 - number
        arrival = judged.arrival_us
    assert not judge(rate, arrival, 10**15).is_admitted


@given(rates, st.lists(st.integers(0, 2_000_000), min_size=1, max_size=300))
def test_no_minute_has_more_than_its_rate_and_a_burst(rate: Rate, gaps: list[int]) -> None:
    rate = Rate(min(rate.per_minute, 60))
    now, arrival, admitted = 10**15, 0, []
    for gap in gaps:
        now += gap
        judged = judge(rate, arrival, now)
        arrival = judged.arrival_us
        if judged.is_admitted:
            admitted.append(now)
    for first in admitted:
        within = [each for each in admitted if first <= each < first + MINUTE_US]
        assert len(within) <= rate.per_minute + rate.burst


@given(rates, st.lists(st.integers(0, 200_000), min_size=1, max_size=100))
def test_who_waits_as_told_is_admitted_and_not_before(rate: Rate, gaps: list[int]) -> None:
    now, arrival = 10**15, 0
    for gap in gaps:
        now += gap
        judged = judge(rate, arrival, now)
        arrival = judged.arrival_us
        if judged.wait_us:
            assert not judge(rate, arrival, now + judged.wait_us - 1).is_admitted
        assert judge(rate, arrival, now + judged.wait_us).is_admitted


@given(rates)
def test_a_refusal_counts_nothing(rate: Rate) -> None:
    arrival = 10**15 + rate.burst * rate.interval_us
    assert judge(rate, arrival, 10**15).arrival_us == arrival


@pytest.mark.parametrize(("per_minute", "burst"), [(1, 1), (2, 1), (3, 1), (30, 15), (600, 300)])
def test_half_a_minutes_requests_may_come_at_once(per_minute: int, burst: int) -> None:
    assert Rate(per_minute).burst == burst
