import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.resilience.allowance import Allowance, LimitPolicy
from argo_core.resilience.complaint import LEAST_SHARE, Paused, Slowed
from argo_core.resilience.limiter import MOST_RETURNED, Limiter


def _limiter(*limits: tuple[float, float], slack_s: float = 0.0) -> Limiter:
    allowances = tuple(Allowance(rate, burst) for rate, burst in limits or ((1.0, 2.0),))
    return Limiter(LimitPolicy(allowances, slack_s=slack_s))


def test_the_burst_passes_at_once_and_then_the_rate() -> None:
    limiter = _limiter((2.0, 3.0))
    assert [bool(limiter.take(0.0)) for _ in range(4)] == [True, True, True, False]
    assert limiter.retry_after(0.0) == 0.5
    assert not limiter.take(math.nextafter(0.5, 0))
    assert limiter.take(0.5)


def test_a_full_bucket_saves_no_more_than_its_burst() -> None:
    limiter = _limiter((1.0, 2.0))
    assert limiter.tokens(1_000.0) == (2.0,)
    assert [bool(limiter.take(1_000.0)) for _ in range(3)] == [True, True, False]


@given(
    st.floats(0.01, 5_000),
    st.integers(1, 5),
    st.floats(0, 1e9),
    st.lists(st.integers(1, 5), min_size=1, max_size=12),
)
def test_who_waits_as_told_is_never_told_to_wait_again(
    rate: float, burst: int, start: float, costs: list[int]
) -> None:
    limiter, now = Limiter(LimitPolicy((Allowance(rate, burst), Allowance(3.3, 5)))), start
    for cost in costs:
        now = limiter.ready_at(now, min(cost, burst))
        assert limiter.take(now, min(cost, burst))


def test_a_heavy_call_needs_all_its_tokens() -> None:
    limiter = _limiter((1.0, 3.0))
    assert limiter.take(0.0, 2) == 2
    assert not limiter.take(0.0, 2)
    assert limiter.ready_at(0.0, 2) == 1.0
    assert limiter.take(1.0, 2) == 4


def test_a_late_timer_within_the_slack_loses_nothing() -> None:
    limiter = _limiter((100.0, 1.0), slack_s=0.005)
    late = 0.004
    now = 0.0
    for _ in range(1_000):
        now = limiter.ready_at(now) + late
        assert limiter.take(now)
    assert now <= 1_000 / 100 + late


def test_several_limits_take_all_or_none() -> None:
    limiter = _limiter((1.0, 2.0), (0.01, 3.0), (10.0, 1.0))
    assert limiter.take(0.0)
    assert not limiter.take(0.0)
    assert limiter.tokens(0.0) == (1.0, 2.0, 0.0)
    assert limiter.take(0.1)
    assert not limiter.take(0.2)
    assert limiter.ready_at(0.2) == pytest.approx(1.0)
    assert limiter.take(1.0)
    assert limiter.retry_after(2.0) == pytest.approx(98.0)


def test_a_call_that_is_not_made_gives_its_token_back() -> None:
    limiter = _limiter((1.0, 1.0))
    ticket = limiter.take(0.0)
    limiter.refund(0.0, ticket)
    assert limiter.tokens(0.0) == (1.0,)
    assert limiter.take(0.0)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (1, 0, 2), (0, 2, 1)])
def test_refunds_in_any_order_conserve_tokens(order: tuple[int, ...]) -> None:
    limiter = _limiter((1.0, 4.0))
    assert limiter.take(0.0)
    tickets = [limiter.take(0.5) for _ in range(3)]
    for each in order:
        limiter.refund(0.75, tickets[each])
    assert limiter.tokens(0.75) == (3.75,)


def test_what_time_has_paid_is_not_refunded() -> None:
    # A refund of TAT - T here would let two calls pass at second 1 with a burst of one.
    limiter = _limiter((1.0, 1.0))
    first = limiter.take(0.0)
    assert limiter.take(1.0)
    limiter.refund(1.0, first)
    assert not limiter.take(1.0)
    assert limiter.tokens(1.0) == (0.0,)


def test_what_time_has_paid_in_part_is_refunded_in_part() -> None:
    limiter = _limiter((1.0, 2.0))
    first = limiter.take(0.0)
    assert limiter.take(0.5)
    limiter.refund(0.5, first)
    assert limiter.tokens(0.5) == (1.0,)


def test_calls_given_back_earlier_do_not_raise_the_worth_of_later_ones() -> None:
    limiter = _limiter((1.0, 1.0))
    limiter.refund(0.0, limiter.take(0.0))
    second = limiter.take(0.0)
    assert limiter.take(1.0)
    limiter.refund(1.0, second)
    assert limiter.tokens(1.0) == (0.0,)


def test_a_refund_across_a_growing_rate_makes_up_nothing() -> None:
    limiter = Limiter(LimitPolicy((Allowance(1.0, 2.0),), slack_s=0.0, regain=0.5))
    first = limiter.take(0.0)
    limiter.throttled(0.0, first)
    assert limiter.take(0.96)
    limiter.refund(1.0, first)
    # The second call alone leaves 1 at 0.96, and half the rate adds 0.02 until the rate grows.
    assert 1.0 <= limiter.tokens(1.0)[0] <= 1.02


def test_an_old_call_refunded_after_many_others_is_remembered_no_more() -> None:
    limiter = _limiter((1.0, MOST_RETURNED + 2.0))
    tickets = [limiter.take(0.0) for _ in range(MOST_RETURNED + 2)]
    for ticket in reversed(tickets):
        limiter.refund(0.0, ticket)
    # The first ticket's followers are remembered but for one, so one token is lost, none made up.
    assert limiter.tokens(0.0) == (MOST_RETURNED + 1.0,)


@pytest.mark.parametrize(("ticket", "cost"), [(0, 1), (2, 1), (1, 2), (1, 0), (1, -1)])
def test_a_ticket_that_was_not_given_is_refused(ticket: int, cost: int) -> None:
    limiter = _limiter((1.0, 2.0))
    assert limiter.take(0.0)
    with pytest.raises(InvalidInput, match="ticket"):
        limiter.refund(0.0, ticket, cost)


def test_retry_after_is_never_shortened() -> None:
    limiter = _limiter()
    assert limiter.pause(0.0, 60.0, 0.0) == Paused(60.0)
    assert limiter.pause(10.0, 1.0, 0.9) == Paused(60.0)
    assert limiter.pause(-3_600.0, 30.0, 0.0) == Paused(60.0)
    assert limiter.ready_at(20.0) == 60.0
    assert limiter.retry_after(30.0) == 30.0
    assert not limiter.take(math.nextafter(60.0, 0))
    assert limiter.take(60.0)


@given(st.floats(0, 1_000), st.floats(0, 1, exclude_max=True))
def test_jitter_only_lengthens_a_pause(delay_s: float, u: float) -> None:
    until = _limiter().pause(5.0, delay_s, u).until
    assert 5.0 + delay_s <= until <= 5.0 + 1.1 * delay_s


def test_jitter_spreads_pauses() -> None:
    assert _limiter().pause(0.0, 10.0, 0.5).until == 10.5


def test_a_pause_stops_every_limit_and_every_cost() -> None:
    limiter = _limiter((1.0, 5.0), (2.0, 5.0))
    limiter.pause(0.0, 3.0, 0.0)
    assert not any(limiter.take(now, cost) for now in (0.0, 1.0, 2.9) for cost in (1, 5))
    assert limiter.take(3.0, 5)


def test_a_header_only_lowers_tokens() -> None:
    limiter = _limiter((1.0, 4.0))
    limiter.lower(0.0, 9.0)
    assert limiter.tokens(0.0) == (4.0,)
    limiter.lower(0.0, 1.5)
    assert limiter.tokens(0.0) == (1.5,)
    limiter.lower(0.0, 3.0)
    assert limiter.tokens(0.0) == (1.5,)
    limiter.lower(0.0, 0.0)
    assert limiter.ready_at(0.0) == 1.0


def test_a_header_speaks_of_one_limit() -> None:
    limiter = _limiter((1.0, 4.0), (2.0, 8.0))
    limiter.lower(0.0, 3.0, limit=1)
    assert limiter.tokens(0.0) == (4.0, 3.0)
    for limit in (-1, 2):
        with pytest.raises(InvalidInput, match="limit"):
            limiter.lower(0.0, 3.0, limit)


@pytest.mark.parametrize("remaining", [1.0, 3.0, 3.5])
def test_a_refund_does_not_raise_what_a_header_has_said(remaining: float) -> None:
    limiter = _limiter((1.0, 4.0))
    ticket = limiter.take(0.0)
    limiter.lower(0.0, remaining)
    limiter.refund(0.0, ticket)
    assert limiter.tokens(0.0)[0] <= remaining


def test_a_header_that_says_nothing_new_leaves_refunds_alone() -> None:
    limiter = _limiter((1.0, 4.0))
    ticket = limiter.take(0.0)
    limiter.lower(0.0, 4.0)
    limiter.refund(0.0, ticket)
    assert limiter.tokens(0.0) == (4.0,)


def test_a_complaint_halves_the_rate_and_five_percent_a_second_come_back() -> None:
    limiter = _limiter((10.0, 1.0))
    ticket = limiter.take(0.0)
    assert limiter.throttled(0.0, ticket) == Slowed(0.5)
    assert limiter.ready_at(0.0) == pytest.approx(1 / 5)
    shares = []
    for second in range(12):
        limiter.tokens(second + 0.5)
        shares.append(limiter.share)
    assert shares == pytest.approx([0.5 + 0.05 * step for step in range(10)] + [1.0, 1.0])
    assert limiter.share == 1.0


def test_the_calls_that_were_under_way_at_a_complaint_do_not_complain_again() -> None:
    limiter = _limiter((10.0, 5.0))
    tickets = [limiter.take(0.0) for _ in range(4)]
    assert limiter.throttled(0.1, tickets[2]) == Slowed(0.5)
    assert all(limiter.throttled(0.2, ticket) is None for ticket in tickets)
    assert limiter.throttled(0.5, limiter.take(0.4)) == Slowed(0.25)


def test_complaints_without_end_leave_a_little() -> None:
    limiter = _limiter((1_000.0, 1.0))
    now = 0.0
    for _ in range(20):
        now = limiter.ready_at(now)
        limiter.throttled(now, limiter.take(now))
    assert limiter.share == LEAST_SHARE


def test_a_complaint_does_not_end_a_pause_nor_a_pause_a_complaint() -> None:
    limiter = _limiter((10.0, 1.0))
    limiter.throttled(0.0, limiter.take(0.0))
    limiter.pause(0.0, 2.5, 0.0)
    assert not limiter.take(2.0)
    assert limiter.take(2.5)
    assert limiter.share == pytest.approx(0.6)
    assert limiter.ready_at(2.5) == pytest.approx(2.5 + 1 / 6)


@given(st.integers(1, 6), st.floats(0, 3), st.floats(0.3, 3))
def test_a_wait_that_spans_the_recovery_is_exact(cost: int, later: float, rate: float) -> None:
    limiter = _limiter((rate, 6.0), (rate * 2, 9.0))
    ticket = limiter.take(0.0, 6)
    limiter.throttled(0.0, ticket)
    ready = limiter.ready_at(later, cost)
    before = math.nextafter(ready, 0)
    if before >= later:
        assert not limiter.take(before, cost)
    assert limiter.take(ready, cost)


def test_asking_often_during_the_recovery_changes_nothing() -> None:
    often, once = _limiter((1.0, 4.0)), _limiter((1.0, 4.0))
    for limiter in (often, once):
        limiter.throttled(0.0, limiter.take(0.0, 4))
    for tick in range(49):
        often.tokens(tick / 10)
    assert often.tokens(4.9) == once.tokens(4.9)
    # Tokens of 0.5, 0.55, 0.6, 0.65 and nine tenths of 0.7.
    assert once.tokens(4.9)[0] == pytest.approx(2.93)


def test_a_rate_change_keeps_tokens() -> None:
    limiter = _limiter((1.0, 4.0))
    limiter.take(0.0, 3)
    limiter.retune(0.5, [Allowance(10.0, 4.0)])
    assert limiter.tokens(0.5) == (1.5,)
    assert limiter.ready_at(0.5, 2) == pytest.approx(0.55)
    limiter.retune(0.5, [Allowance(0.1, 4.0)])
    assert limiter.tokens(0.5)[0] == pytest.approx(1.5)
    assert limiter.ready_at(0.5, 2) == pytest.approx(5.5)


def test_a_larger_burst_is_not_a_gift_and_a_smaller_one_holds() -> None:
    limiter = _limiter((1.0, 4.0))
    limiter.retune(0.0, [Allowance(1.0, 10.0)])
    assert limiter.tokens(0.0) == (4.0,)
    assert limiter.most == 10
    limiter.retune(0.0, [Allowance(1.0, 2.0)])
    assert limiter.tokens(0.0) == (2.0,)
    with pytest.raises(InvalidInput, match="cost"):
        limiter.take(0.0, 3)


def test_a_rate_change_during_the_recovery_keeps_the_share() -> None:
    limiter = _limiter((10.0, 1.0))
    limiter.throttled(0.0, limiter.take(0.0))
    limiter.retune(0.0, [Allowance(4.0, 1.0)])
    assert limiter.ready_at(0.0) == pytest.approx(0.5)


def test_a_call_from_before_other_limits_is_not_refunded() -> None:
    # The bucket of one would have run over by second 1; the larger one must not get it back.
    limiter = _limiter((0.5, 1.0))
    ticket = limiter.take(0.0)
    limiter.retune(1.0, [Allowance(0.5, 2.0)])
    limiter.refund(1.0, ticket)
    assert limiter.tokens(1.0)[0] <= 1.0


def test_the_number_of_limits_does_not_change() -> None:
    with pytest.raises(InvalidInput, match="allowances"):
        _limiter().retune(0.0, [Allowance(1.0), Allowance(1.0)])


def test_a_clock_that_steps_back_stands_still() -> None:
    limiter = _limiter((1.0, 1.0))
    assert limiter.take(3_600.0)
    assert not limiter.take(0.0)
    assert limiter.ready_at(0.0) == 3_601.0
    assert limiter.retry_after(0.0) == 1.0
    assert limiter.take(3_601.0)


@pytest.mark.parametrize("now", [math.nan, math.inf, -math.inf])
def test_a_time_that_is_none_is_refused_and_changes_nothing(now: float) -> None:
    limiter = _limiter((1.0, 1.0))
    with pytest.raises(InvalidInput, match="now"):
        limiter.take(now)
    with pytest.raises(InvalidInput, match="now"):
        limiter.pause(now, 1.0, 0.0)
    assert limiter.take(0.0)
    with pytest.raises(InvalidInput, match="now"):
        limiter.take(now)
    assert limiter.take(1.0)


@pytest.mark.parametrize("cost", [0, -1, 3, math.nan])
def test_a_cost_that_can_never_pass_is_refused(cost: int) -> None:
    limiter = _limiter((1.0, 5.0), (1.0, 2.0))
    with pytest.raises(InvalidInput, match="cost"):
        limiter.take(0.0, cost)
    assert limiter.tokens(0.0) == (5.0, 2.0)


@pytest.mark.parametrize(("delay_s", "u"), [(-1.0, 0.0), (math.inf, 0.0), (math.nan, 0.0),
                                            (1.0, 1.0), (1.0, -0.1), (1.0, math.nan)])  # fmt: skip
def test_a_pause_of_nonsense_is_refused_and_pauses_nothing(delay_s: float, u: float) -> None:
    limiter = _limiter()
    with pytest.raises(InvalidInput, match=r"delay_s|u: "):
        limiter.pause(0.0, delay_s, u)
    assert limiter.take(0.0)


@pytest.mark.parametrize("remaining", [-1.0, math.nan, math.inf])
def test_a_header_of_nonsense_is_refused(remaining: float) -> None:
    limiter = _limiter((1.0, 4.0))
    with pytest.raises(InvalidInput, match="remaining"):
        limiter.lower(0.0, remaining)
    assert limiter.tokens(0.0) == (4.0,)


@given(
    st.integers(0, 4),
    st.booleans(),
    st.sampled_from([0.0, 0.5, 7.0]),
    st.lists(st.sampled_from([0.0, 0.25, 1.0, 3.0]), max_size=12),
)
def test_evicting_a_forgettable_limiter_loses_nothing(
    taken: int, complains: bool, pause_s: float, gaps: list[float]
) -> None:
    old, new = _limiter((1.0, 4.0), (0.5, 6.0)), _limiter((1.0, 4.0), (0.5, 6.0))
    for _ in range(taken):
        old.take(0.0)
    if complains and taken:
        old.throttled(0.0, taken)
    if pause_s:
        old.pause(0.0, pause_s, 0.0)
    now = max(0.0, old.forgettable_at)
    for gap in [0.0, *gaps]:
        now += gap
        assert old.tokens(now) == new.tokens(now)
        assert bool(old.take(now)) == bool(new.take(now))


def test_a_limiter_is_not_forgotten_a_moment_too_early() -> None:
    empty, paused, slowed = (_limiter((1.0, 2.0)) for _ in range(3))
    empty.take(0.0, 2)
    paused.pause(0.0, 5.0, 0.0)
    slowed.throttled(0.0, slowed.take(0.0))
    assert [each.forgettable_at for each in (empty, paused, slowed)] == [2.0, 5.0, 10.0]
    assert _limiter().forgettable_at == -math.inf
