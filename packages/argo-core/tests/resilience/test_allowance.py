import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.resilience.allowance import SLACK_S, Allowance, LimitPolicy, within
from argo_core.resilience.limiter import Limiter

NONSENSE = (math.nan, math.inf, -1.0, 0.0)


def _greedy(allowance: Allowance, window_s: float) -> int:
    """How many calls pass in one closed window, asked for as early as they pass from a full bucket.

    Only the first waits for the last moment; then each comes as soon as it may.
    """
    limiter = Limiter(LimitPolicy((allowance,)))
    now, admitted = 0.0, 0
    while now <= window_s:
        admitted += bool(limiter.take(now))
        now = limiter.ready_at(now)
    return admitted


@given(
    st.integers(1, 400),
    st.sampled_from([0.1, 1.0, 60.0]),
    st.sampled_from([1, 2, 5, 20]),
)
def test_a_vendors_limit_is_kept_less_five_percent(calls: int, window_s: float, burst: int) -> None:
    if burst > calls or burst - 1 >= calls * 0.95:
        with pytest.raises(InvalidInput, match="burst"):
            within(calls, window_s, burst)
        return
    allowance = within(calls, window_s, burst)
    assert allowance.burst == burst
    assert burst - 1 + window_s * allowance.rate == pytest.approx(0.95 * calls)
    assert _greedy(allowance, window_s) <= calls
    # The rest is a margin in time: a vendor whose clock runs slow is not exceeded either.
    if window_s >= 1:
        assert _greedy(allowance, window_s * 1.04) <= calls


def test_five_calls_a_minute_use_four_and_three_quarters_of_them() -> None:
    allowance = within(5, 60.0)
    assert allowance.rate * 60 == pytest.approx(4.75)
    assert _greedy(allowance, 60.0) == 5
    assert _greedy(within(5, 60.0, 3), 60.0) == 5


@pytest.mark.parametrize(("calls", "burst"), [(60, 58), (60, 61), (1, 2), (20, 20)])
def test_a_burst_that_leaves_nothing_for_the_rest_is_refused(calls: int, burst: int) -> None:
    with pytest.raises(InvalidInput, match="burst"):
        within(calls, 60.0, burst)


def test_one_call_a_second_comes_once_in_any_second() -> None:
    allowance = within(1, 1.0)
    assert allowance == Allowance(0.95, 1)
    assert _greedy(allowance, 1.0) == 1


def test_the_naive_reading_of_a_limit_admits_nearly_twice_as_many() -> None:
    assert _greedy(Allowance(60 / 60, 60), 59.0) == 119
    assert _greedy(within(60, 60.0, 20), 60.0) == 58


@pytest.mark.parametrize("value", NONSENSE)
def test_an_allowance_of_nonsense_is_refused(value: float) -> None:
    with pytest.raises(InvalidInput, match="rate"):
        Allowance(value)
    with pytest.raises(InvalidInput, match="burst"):
        Allowance(1.0, value)
    with pytest.raises(InvalidInput, match="window_s"):
        within(60, value)


def test_a_burst_below_one_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no call"):
        Allowance(1.0, 0.5)


def test_a_window_too_short_for_timers_is_refused() -> None:
    with pytest.raises(InvalidInput, match="too short"):
        within(60, 0.099)
    assert _greedy(within(60, 0.1), 0.1) <= 60


def test_the_defaults_are_the_specification() -> None:
    policy = LimitPolicy((Allowance(1.0),))
    assert (policy.slack_s, policy.cut, policy.regain) == (SLACK_S, 0.5, 0.05) == (0.005, 0.5, 0.05)


@pytest.mark.parametrize(
    ("field", "value"),
    [("slack_s", -1.0), ("slack_s", math.nan), ("cut", 0.0), ("cut", 1.0), ("regain", 0.0),
     ("regain", math.nan), ("jitter", -0.1), ("jitter", 1.0)],
)  # fmt: skip
def test_a_policy_of_nonsense_is_refused(field: str, value: float) -> None:
    with pytest.raises(InvalidInput, match=field):
        LimitPolicy((Allowance(1.0),), **{field: value})


def test_a_policy_without_a_limit_is_refused() -> None:
    with pytest.raises(InvalidInput, match="allowances"):
        LimitPolicy(())


def test_a_faster_pace_speeds_up_the_rates_and_nothing_else() -> None:
    policy = LimitPolicy((Allowance(2.0, 3.0), within(5, 60.0)), slack_s=0.01)
    paced = policy.paced(4.0)
    assert paced.allowances[0] == Allowance(8.0, 3.0)
    assert paced.allowances[1].rate == pytest.approx(4 * within(5, 60.0).rate)
    assert paced.slack_s == 0.01
    assert policy.paced(1.0) == policy
    for nonsense in NONSENSE:
        with pytest.raises(InvalidInput, match="pace"):
            policy.paced(nonsense)


def test_processes_that_cannot_ask_each_other_share_out_the_rate() -> None:
    policy = LimitPolicy((Allowance(6.0, 9.0), Allowance(3.0)))
    assert policy.shared_among(1) == policy.allowances
    assert policy.shared_among(3) == (Allowance(2.0, 3.0), Allowance(1.0, 1.0))
    with pytest.raises(InvalidInput, match="instances"):
        policy.shared_among(0)
