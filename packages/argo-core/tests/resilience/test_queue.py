import math

import pytest

from argo_core.errors import InvalidInput
from argo_core.resilience.allowance import Allowance, LimitPolicy
from argo_core.resilience.limiter import Limiter
from argo_core.resilience.queue import (
    MOST_WAITERS,
    Granted,
    Left,
    Queue,
    Queued,
    Reason,
    Step,
    TurnedAway,
    Urgency,
)

LATER = 1e6
REFRESH = Urgency.REFRESH


def _queue(rate: float = 1.0, burst: float = 1.0, most: int = MOST_WAITERS) -> Queue:
    return Queue(_limiter(rate, burst), most)


def _limiter(rate: float = 1.0, burst: float = 1.0) -> Limiter:
    return Limiter(LimitPolicy((Allowance(rate, burst),), slack_s=0.0))


def _granted(step: Step) -> list[int]:
    return [each.waiter for each in step.happened if isinstance(each, Granted)]


def _drained(queue: Queue, wake_at: float | None) -> list[tuple[float, int]]:
    """Who is granted when, if the timer is never late."""
    grants: list[tuple[float, int]] = []
    while wake_at is not None:
        step = queue.wake(wake_at)
        grants += [(wake_at, waiter) for waiter in _granted(step)]
        wake_at = step.wake_at
    return grants


def _kept(queue: Queue) -> int:
    """Everything the queue still remembers of anybody."""
    lines = queue._lines.values()
    return len(queue._granted) + sum(len(line.waiters) + line.cost for line in lines)


def test_a_free_source_is_asked_at_once() -> None:
    queue = _queue(burst=2)
    assert queue.take(0.0) == 1
    waiter, step = queue.join(0.0, REFRESH, LATER)
    assert step == Step((Granted(waiter, 2, 0.0),), None)
    assert queue.take(0.0) == 0


def test_who_waits_is_told_when_and_granted_then() -> None:
    queue = _queue()
    queue.take(0.0)
    waiter, step = queue.join(0.25, REFRESH, LATER)
    assert step == Step((Queued(waiter, 1.0),), 1.0)
    assert len(queue) == 1
    assert queue.wake(math.nextafter(1.0, 0)) == Step((), 1.0)
    assert queue.wake(1.0) == Step((Granted(waiter, 2, 0.75),), None)
    assert len(queue) == 0


def test_nobody_overtakes_the_queue_by_the_free_path() -> None:
    queue = _queue(burst=2)
    queue.take(0.0, 2)
    heavy, _ = queue.join(0.0, REFRESH, LATER, cost=2)
    assert queue.take(1.5) == 0
    assert _granted(queue.wake(2.0)) == [heavy]


def test_a_heavy_waiter_is_not_starved() -> None:
    queue = _queue(rate=1.0, burst=5.0)
    queue.take(0.0, 5)
    heavy, step = queue.join(0.0, REFRESH, LATER, cost=5)
    light = []
    for tick in range(1, 40):
        now = tick / 8
        waiter, step = queue.join(now, REFRESH, LATER)
        light.append(waiter)
        assert not _granted(step)
    grants = _drained(queue, step.wake_at)
    assert grants[0] == (5.0, heavy)
    assert [waiter for _, waiter in grants[1:]] == light


def test_an_interactive_call_overtakes_what_came_up_to_two_seconds_before() -> None:
    queue = _queue(rate=0.1)
    queue.take(0.0)
    first, _ = queue.join(0.0, REFRESH, LATER)
    second, _ = queue.join(1.0, REFRESH, LATER)
    urgent, step = queue.join(2.5, Urgency.INTERACTIVE, LATER)
    assert [waiter for _, waiter in _drained(queue, step.wake_at)] == [first, urgent, second]


def test_equal_turns_are_served_as_they_came() -> None:
    queue = _queue()
    queue.take(0.0)
    refresh, _ = queue.join(0.0, REFRESH, LATER)
    urgent, _ = queue.join(2.0 - 1e-9, Urgency.INTERACTIVE, LATER)
    assert urgent > refresh
    queue = _queue(rate=0.1)
    queue.take(0.0)
    refresh, _ = queue.join(0.0, REFRESH, LATER)
    urgent, step = queue.join(2.0, Urgency.INTERACTIVE, LATER)
    assert [waiter for _, waiter in _drained(queue, step.wake_at)] == [refresh, urgent]


def test_a_backfill_is_served_in_the_end_however_much_is_urgent() -> None:
    queue = _queue(rate=1.0)
    queue.take(0.0)
    backfill, _ = queue.join(0.0, Urgency.BACKFILL, LATER)
    for second in range(1, 31):
        # The whole rate is asked for by interactive calls.
        urgent, _ = queue.join(second - 0.5, Urgency.INTERACTIVE, LATER)
        assert _granted(queue.wake(float(second))) == [urgent]
    queue.join(30.5, Urgency.INTERACTIVE, LATER)
    assert _granted(queue.wake(31.0)) == [backfill]


def test_a_wake_grants_what_is_due_and_wakes_nobody_else() -> None:
    queue = _queue(rate=4.0)
    queue.take(0.0)
    waiters = []
    for _ in range(500):
        waiter, step = queue.join(0.0, REFRESH, LATER)
        waiters.append(waiter)
    wakes, wake_at, order = 0, step.wake_at, []
    while wake_at is not None:
        step = queue.wake(wake_at)
        assert len(step.happened) == 1
        order += _granted(step)
        wakes, wake_at = wakes + 1, step.wake_at
    assert (wakes, order) == (500, waiters)


def test_five_thousand_cancelled_waiters_leave_nothing_behind() -> None:
    queue = _queue(rate=1.0)
    queue.take(0.0)
    for start in range(0, 5_000, 500):
        waiters = [queue.join(0.5, REFRESH, LATER)[0] for _ in range(500)]
        for waiter in waiters[start % 3 :: 3] + waiters:
            queue.cancel(0.5, waiter)
    assert len(queue) == _kept(queue) == 0
    assert queue.wake(0.75) == Step((), None)
    assert queue.take(1.0)


def test_cancelled_waiters_do_not_pile_up_behind_one_that_stays() -> None:
    queue = _queue(rate=1.0)
    queue.take(0.0)
    stays, _ = queue.join(0.0, REFRESH, LATER)
    for _ in range(5_000):
        waiter, _ = queue.join(0.5, REFRESH, LATER)
        step = queue.cancel(0.5, waiter)
        assert step == Step((Left(waiter, refunded=False),), 1.0)
        assert _kept(queue) == 2
    assert _granted(queue.wake(1.0)) == [stays]


def test_a_cancelled_head_makes_way_at_once() -> None:
    queue = _queue(burst=3.0)
    queue.take(0.0, 3)
    heavy, _ = queue.join(0.0, REFRESH, LATER, cost=3)
    light, _ = queue.join(0.0, REFRESH, LATER)
    step = queue.cancel(1.5, heavy)
    assert step.happened == (Left(heavy, refunded=False), Granted(light, 4, 1.5))


@pytest.mark.parametrize("cancel_first", [True, False])
def test_a_grant_racing_a_cancel_conserves_tokens(cancel_first: bool) -> None:
    limiter = _limiter()
    queue = Queue(limiter)
    queue.take(0.0)
    waiter, _ = queue.join(0.0, REFRESH, LATER)
    if cancel_first:
        assert queue.cancel(1.0, waiter).happened == (Left(waiter, refunded=False),)
        assert queue.wake(1.0) == Step((), None)
    else:
        assert _granted(queue.wake(1.0)) == [waiter]
        assert queue.cancel(1.0, waiter).happened == (Left(waiter, refunded=True),)
    for _ in range(3):
        assert queue.cancel(1.0, waiter) == Step((), None)
    assert limiter.tokens(1.0) == (1.0,)


def test_a_token_given_back_goes_to_the_next_in_the_same_step() -> None:
    queue = _queue()
    queue.take(0.0)
    first, _ = queue.join(0.0, REFRESH, LATER)
    second, _ = queue.join(0.0, REFRESH, LATER)
    assert _granted(queue.wake(1.0)) == [first]
    step = queue.cancel(1.0, first)
    assert step == Step((Left(first, refunded=True), Granted(second, 3, 1.0)), None)
    ticket = queue.take(2.0)
    third, _ = queue.join(2.0, REFRESH, LATER)
    assert _granted(queue.refund(2.0, ticket)) == [third]


def test_a_call_that_has_begun_keeps_its_token() -> None:
    limiter = _limiter()
    queue = Queue(limiter)
    waiter, _ = queue.join(0.0, REFRESH, LATER)
    queue.begin(waiter)
    queue.begin(waiter)
    assert queue.cancel(0.0, waiter) == Step((), None)
    assert limiter.tokens(0.0) == (0.0,)


def test_who_would_be_late_is_turned_away_at_once() -> None:
    queue = _queue()
    queue.take(0.0)
    queue.join(0.0, REFRESH, LATER)
    queue.join(0.0, REFRESH, LATER)
    waiter, step = queue.join(0.0, REFRESH, deadline=2.9)
    assert step == Step((TurnedAway(waiter, Reason.LATE, 3.0),), 1.0)
    waiter, step = queue.join(0.0, REFRESH, deadline=3.0)
    assert step.happened == (Queued(waiter, 3.0),)
    # Only those ahead of it count.
    urgent, step = queue.join(0.0, Urgency.INTERACTIVE, deadline=1.0)
    assert step.happened == (Queued(urgent, 1.0),)


def test_who_became_late_is_turned_away_and_costs_nothing() -> None:
    queue = _queue()
    queue.take(0.0)
    first, _ = queue.join(0.0, REFRESH, deadline=1.0)
    second, _ = queue.join(0.0, REFRESH, deadline=5.0)
    step = queue.wake(1.5)
    assert step.happened == (TurnedAway(first, Reason.LATE, 0.0), Granted(second, 2, 1.5))


def test_the_thousand_and_first_waiter_is_turned_away_at_once() -> None:
    queue = _queue()
    queue.take(0.0)
    for _ in range(MOST_WAITERS):
        last, _ = queue.join(0.0, REFRESH, LATER)
    waiter, step = queue.join(0.0, Urgency.INTERACTIVE, LATER)
    assert step == Step((TurnedAway(waiter, Reason.FULL, 1.0),), 1.0)
    queue.cancel(0.0, last)
    _, step = queue.join(0.0, REFRESH, LATER)
    assert step.happened[0] == Queued(waiter + 1, 1_000.0)


def test_granted_calls_that_have_not_begun_count_as_waiting() -> None:
    queue = _queue(burst=3.0, most=2)
    first, _ = queue.join(0.0, REFRESH, LATER)
    queue.join(0.0, REFRESH, LATER)
    _, step = queue.join(0.0, REFRESH, LATER)
    assert [type(each) for each in step.happened] == [TurnedAway]
    queue.begin(first)
    third, step = queue.join(0.0, REFRESH, LATER)
    assert _granted(step) == [third]


def test_a_pause_stops_siblings_and_turns_away_at_once_who_cannot_wait() -> None:
    limiter = _limiter(burst=2.0)
    queue = Queue(limiter)
    queue.take(0.0, 2)
    patient, _ = queue.join(0.0, REFRESH, deadline=100.0)
    hasty, _ = queue.join(0.0, REFRESH, deadline=10.0)
    sibling, _ = queue.join(0.0, REFRESH, deadline=60.0)
    limiter.pause(0.5, 59.5, 0.0)
    step = queue.review(0.5)
    assert step == Step((TurnedAway(hasty, Reason.LATE, 59.5),), 60.0)
    assert queue.wake(59.0) == Step((), 60.0)
    assert _granted(queue.wake(60.0)) == [patient, sibling]


def test_a_review_counts_only_those_who_stay() -> None:
    limiter = _limiter()
    queue = Queue(limiter)
    queue.take(0.0)
    first, _ = queue.join(0.0, REFRESH, deadline=5.0)
    second, _ = queue.join(0.0, REFRESH, deadline=10.0)
    third, _ = queue.join(0.0, REFRESH, deadline=25.0)
    limiter.retune(0.0, [Allowance(0.1)])
    step = queue.review(0.0)
    assert step == Step((TurnedAway(first, Reason.LATE, 10.0),), 10.0)
    assert _drained(queue, step.wake_at) == [(10.0, second), (20.0, third)]


def test_a_review_after_a_faster_rate_grants_at_once() -> None:
    limiter = _limiter(rate=0.01)
    queue = Queue(limiter)
    queue.take(0.0)
    waiter, _ = queue.join(0.0, REFRESH, LATER)
    limiter.retune(50.0, [Allowance(100.0)])
    assert _granted(queue.review(50.5)) == [waiter]


def test_a_waiter_heavier_than_a_new_burst_is_turned_away() -> None:
    limiter = _limiter(burst=3.0)
    queue = Queue(limiter)
    queue.take(0.0, 3)
    heavy, _ = queue.join(0.0, REFRESH, LATER, cost=3)
    light, _ = queue.join(0.0, REFRESH, LATER)
    limiter.retune(0.0, [Allowance(1.0, 2.0)])
    step = queue.review(0.0)
    assert step == Step((TurnedAway(heavy, Reason.LATE, math.inf),), 1.0)
    assert _granted(queue.wake(1.0)) == [light]


def test_joining_also_serves_those_who_are_due() -> None:
    queue = _queue()
    queue.take(0.0)
    first, _ = queue.join(0.0, REFRESH, LATER)
    second, step = queue.join(1.5, Urgency.INTERACTIVE, LATER)
    assert step == Step((Granted(first, 2, 1.5), Queued(second, 2.5)), 2.5)


def test_a_clock_that_steps_back_does_not_reorder_the_queue() -> None:
    queue = _queue()
    queue.take(3_600.0)
    first, _ = queue.join(3_600.0, REFRESH, LATER)
    second, step = queue.join(0.0, REFRESH, LATER)
    assert _drained(queue, step.wake_at) == [(3_601.0, first), (3_602.0, second)]


def test_who_must_wait_again_keeps_its_turn_and_its_token_is_not_lost() -> None:
    limiter = _limiter(rate=1.0, burst=2.0)
    queue = Queue(limiter)
    first, _ = queue.join(0.0, REFRESH, LATER)
    second, _ = queue.join(0.0, REFRESH, LATER)
    third, _ = queue.join(0.0, REFRESH, LATER)
    limiter.pause(0.25, 4.75, 0.0)
    # In whichever order they come back, each stands where it stood.
    assert queue.again(0.25, second) == Step((), 5.0)
    assert queue.again(0.25, first) == Step((), 5.0)
    assert len(queue) == 3
    assert limiter.tokens(0.25) == (2.0,)
    assert _granted(queue.wake(5.0)) == [first, second]
    queue.begin(first)
    queue.begin(second)
    assert _granted(queue.wake(6.0)) == [third]
    assert queue.cancel(6.0, third).happened == (Left(third, refunded=True),)
    assert _kept(queue) == 0


def test_who_must_wait_again_past_its_deadline_is_turned_away() -> None:
    limiter = _limiter()
    queue = Queue(limiter)
    waiter, _ = queue.join(0.0, REFRESH, deadline=2.0)
    limiter.pause(0.0, 3.0, 0.0)
    assert queue.again(0.0, waiter) == Step((TurnedAway(waiter, Reason.LATE, 3.0),), None)
    assert limiter.tokens(0.0) == (1.0,)
    assert _kept(queue) == 0


def test_a_review_counts_all_who_stay_ahead() -> None:
    limiter = _limiter()
    queue = Queue(limiter)
    queue.take(0.0)
    first, _ = queue.join(0.0, REFRESH, deadline=25.0)
    second, _ = queue.join(0.0, REFRESH, deadline=15.0)
    third, _ = queue.join(0.0, REFRESH, deadline=25.0)
    limiter.retune(0.0, [Allowance(0.1)])
    # The second would come at 20 because the first is ahead of it; the third then takes its place.
    step = queue.review(0.0)
    assert step == Step((TurnedAway(second, Reason.LATE, 20.0),), 10.0)
    assert _drained(queue, step.wake_at) == [(10.0, first), (20.0, third)]


def test_less_urgent_calls_that_came_long_before_count_as_ahead() -> None:
    queue = _queue(rate=0.1)
    queue.take(0.0)
    queue.join(0.0, Urgency.BACKFILL, LATER)
    queue.join(0.0, REFRESH, LATER)
    queue.join(9.0, REFRESH, LATER)
    # At 9.5 the first refresh has overtaken even an interactive call, the second has not.
    waiter, step = queue.join(9.5, Urgency.INTERACTIVE, deadline=19.0)
    assert step.happened == (TurnedAway(waiter, Reason.LATE, 10.5),)
    waiter, step = queue.join(9.5, Urgency.INTERACTIVE, deadline=20.0)
    assert step.happened == (Queued(waiter, 20.0),)


def test_nonsense_is_refused_and_nobody_waits() -> None:
    queue = _queue()
    for deadline in (math.nan, math.inf):
        with pytest.raises(InvalidInput, match="deadline"):
            queue.join(0.0, REFRESH, deadline)
    with pytest.raises(InvalidInput, match="now"):
        queue.join(math.nan, REFRESH, LATER)
    for cost in (0, 2):
        with pytest.raises(InvalidInput, match="cost"):
            queue.join(0.0, REFRESH, LATER, cost)
    assert len(queue) == 0
    assert queue.take(0.0)
