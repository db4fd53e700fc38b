"""What a circuit breaker has to survive, one failure mode a test."""

import asyncio
import math
import tracemalloc

import pytest

from argo_core.errors import (
    InvalidInput,
    VendorGarbled,
    VendorRefused,
    VendorThrottled,
    VendorUnavailable,
)
from argo_core.resilience.breaker import Breaker
from argo_core.resilience.breaker_policy import BreakerPolicy, breaker_policy_for
from argo_core.resilience.breaker_table import Command, Finding, State
from argo_core.resilience.permit import Outcome, Permit, Rejected, Settled, blame

POLICY = BreakerPolicy(slow_s=2.0)
GOOD, BAD, IGNORED = Outcome.SUCCESS, Outcome.FAILURE, Outcome.IGNORED
U = 0.0


def admitted(breaker, now):
    permit, _ = breaker.acquire(now, U)
    assert isinstance(permit, Permit)
    return permit


def rejected(breaker, now):
    answer, _ = breaker.acquire(now, U)
    assert isinstance(answer, Rejected)
    return answer


def call(breaker, now, outcome, *, took=0.0, u=U, retry_after_s=0.0):
    """One call that begins at `now`; the change of state it ended in."""
    _, change = breaker.settle(admitted(breaker, now), now + took, outcome, u, retry_after_s)
    return change


def opened(now=0.0):
    breaker = Breaker(POLICY)
    for _ in range(4):
        call(breaker, now, BAD)
    assert call(breaker, now, BAD).after is State.OPEN
    return breaker


def half_open(now=5.0):
    """A breaker with a probe in flight."""
    breaker = opened()
    return breaker, admitted(breaker, now)


async def guarded(breaker, clock, upstream):
    """The way the guard of a source uses a breaker."""
    permit, _ = breaker.acquire(clock(), U)
    if isinstance(permit, Rejected):
        return permit
    try:
        answer = await upstream()
    except BaseException as error:
        breaker.settle(permit, clock(), blame(error), U)
        raise
    breaker.settle(permit, clock(), blame(None), U)
    return answer


# The failure modes.


async def test_of_a_hundred_concurrent_callers_one_probes():
    breaker, calls, gate = opened(), [], asyncio.Event()

    async def upstream():
        calls.append(1)
        await gate.wait()
        return "answer"

    tasks = [asyncio.create_task(guarded(breaker, lambda: 5.0, upstream)) for _ in range(100)]
    await asyncio.sleep(0)  # noqa: TID251 - gives every task its turn, and takes no time
    gate.set()
    answers = await asyncio.gather(*tasks)
    assert len(calls) == 1
    assert answers.count("answer") == 1
    assert answers.count(Rejected(State.HALF_OPEN, 30.0)) == 99


def test_cancellation_is_no_failure():
    breaker = Breaker(POLICY)
    for _ in range(100):
        assert call(breaker, 0.0, blame(asyncio.CancelledError())) is None
    assert breaker.standing.calls == ()
    assert breaker.standing.failures == 0


def test_a_cancelled_call_neither_breaks_nor_makes_a_row_of_failures():
    breaker = Breaker(POLICY)
    for _ in range(4):
        call(breaker, 0.0, BAD)
        breaker.settle(admitted(breaker, 0.0), 0.0, IGNORED, U)
    assert call(breaker, 0.0, BAD).trigger is Finding.TRIPPED


def test_a_slow_cancelled_call_neither_breaks_nor_makes_a_row_either():
    breaker = Breaker(POLICY)
    for _ in range(20):
        call(breaker, 0.0, GOOD)
    for outcome, took in ((BAD, 0.0), (BAD, 0.0), (BAD, 0.0), (IGNORED, 2.1), (BAD, 0.0)):
        assert call(breaker, breaker.standing.at, outcome, took=took) is None
    assert call(breaker, 3.0, BAD).trigger is Finding.TRIPPED


async def test_a_cancelled_probe_frees_its_slot():
    breaker = opened()

    async def upstream():
        await asyncio.get_running_loop().create_future()

    task = asyncio.create_task(guarded(breaker, lambda: 5.0, upstream))
    await asyncio.sleep(0)  # noqa: TID251 - lets the probe begin, and takes no time
    assert rejected(breaker, 5.0).state is State.HALF_OPEN
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert admitted(breaker, 5.0).probe


def test_slow_timeouts_trip_though_their_callers_gave_up():
    breaker = Breaker(POLICY)
    gave_up = blame(asyncio.CancelledError())
    changes = [call(breaker, at, gave_up, took=2.1) for at in range(0, 15, 3)]
    assert [change and change.trigger for change in changes] == [*[None] * 4, Finding.TRIPPED]


def test_a_call_is_slow_past_the_threshold_and_not_at_it():
    breaker = Breaker(POLICY)
    call(breaker, 0.0, GOOD, took=2.0)
    call(breaker, 3.0, GOOD, took=2.1)
    assert [slow for _, _, slow in breaker.standing.calls] == [False, True]


def test_slow_successes_trip_at_eighty_percent():
    breaker = Breaker(POLICY)
    call(breaker, 0, GOOD, took=2.0)
    assert [call(breaker, at, GOOD, took=2.1) for at in (3, 6, 9)] == [None] * 3
    assert call(breaker, 12, GOOD, took=2.1).trigger is Finding.TRIPPED


def test_a_call_begun_before_the_trip_never_closes_it():
    breaker = Breaker(POLICY)
    early = [admitted(breaker, 0.0) for _ in range(3)]
    for _ in range(5):
        call(breaker, 0.0, BAD)
    probe = admitted(breaker, 5.0)
    assert [breaker.settle(each, 5.0, GOOD, U) for each in early] == [(Settled.LATE, None)] * 3
    assert breaker.state is State.HALF_OPEN
    assert breaker.standing.late == 3
    breaker.settle(probe, 5.0, GOOD, U)
    assert breaker.standing.successes == 1


def test_a_call_begun_before_the_trip_does_not_count_after_it_closed():
    breaker = Breaker(POLICY)
    early = admitted(breaker, 0.0)
    for _ in range(5):
        call(breaker, 0.0, BAD)
    call(breaker, 5.0, GOOD)
    assert call(breaker, 5.0, GOOD).after is State.CLOSED
    assert breaker.settle(early, 5.0, BAD, U) == (Settled.LATE, None)
    assert breaker.standing.failures == 0


def test_a_lost_probe_does_not_wedge():
    breaker, _ = half_open()
    assert rejected(breaker, 35.0) == Rejected(State.HALF_OPEN, 0.0)
    answer, change = breaker.acquire(35.1, U)
    assert change.trigger is Finding.PROBE_LOST
    assert answer == Rejected(State.OPEN, pytest.approx(10.0))
    assert admitted(breaker, 45.2).probe


def test_a_look_ahead_does_not_hide_a_lost_probe():
    breaker, _ = half_open()
    assert breaker.peek(35.0) == Rejected(State.HALF_OPEN, 0.0)
    assert breaker.peek(35.1) is None


def test_a_probe_that_comes_back_too_late_has_failed():
    breaker, probe = half_open()
    settled, change = breaker.settle(probe, 35.1, GOOD, U)
    assert (settled, change.trigger) == (Settled.COUNTED, Finding.PROBE_LOST)
    assert breaker.state is State.OPEN


def test_a_lost_probe_that_comes_back_after_all_changes_nothing():
    breaker, probe = half_open()
    rejected(breaker, 35.1)
    assert breaker.settle(probe, 35.2, GOOD, U) == (Settled.LATE, None)
    assert breaker.state is State.OPEN


def test_a_clock_stepped_back_an_hour_is_held():
    breaker = opened(now=3600.0)
    assert rejected(breaker, 0.0) == Rejected(State.OPEN, 5.0)
    assert rejected(breaker, 3604.0) == Rejected(State.OPEN, 1.0)
    assert admitted(breaker, 3605.0).probe


def test_a_clock_stepped_back_during_a_call_makes_it_neither_slow_nor_old():
    breaker = Breaker(POLICY)
    permits = [admitted(breaker, 3600.0) for _ in range(5)]
    for permit in permits:
        assert breaker.settle(permit, 0.0, GOOD, U) == (Settled.COUNTED, None)
    assert breaker.standing.calls == ((3600.0, False, False),) * 5


async def test_twelve_thousand_rejections_leave_nothing_behind():
    error, breaker = VendorUnavailable("massive", "down"), opened()

    async def upstream():
        raise error

    async def rounds(count):
        for _ in range(count):
            assert isinstance(await guarded(breaker, lambda: 1.0, upstream), Rejected)

    await rounds(100)
    tracemalloc.start()
    try:
        await rounds(12_000)
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # A frame or a rejection kept for each would be half a megabyte at least.
    assert grown < 50_000
    assert error.__traceback__ is None


def test_no_rejection_is_used_twice_and_none_is_an_exception():
    breaker = opened()
    one, other = rejected(breaker, 1.0), rejected(breaker, 1.0)
    assert one is not other
    assert not isinstance(one, BaseException)


def test_eighty_percent_failures_trip():
    breaker = Breaker(POLICY)
    changes = [call(breaker, 0.0, each) for each in (BAD, BAD, GOOD, BAD, BAD)]
    assert [change and change.trigger for change in changes] == [*[None] * 4, Finding.TRIPPED]


async def test_the_original_error_surfaces_even_when_it_trips():
    breaker = Breaker(POLICY)
    for _ in range(4):
        call(breaker, 0.0, BAD)
    original = VendorGarbled("grok", "not JSON")

    async def upstream():
        raise original

    with pytest.raises(VendorGarbled) as caught:
        await guarded(breaker, lambda: 0.0, upstream)
    assert caught.value is original
    assert original.__context__ is None
    assert original.__cause__ is None
    assert breaker.state is State.OPEN


def test_a_client_error_never_trips():
    breaker = Breaker(POLICY)
    for error in (VendorRefused("grok", "401"), VendorThrottled("grok", "429")):
        for _ in range(100):
            assert call(breaker, 0.0, blame(error)) is None
    assert breaker.state is State.CLOSED
    assert breaker.standing.calls == ()


def test_a_new_process_does_not_reset_shared_state():
    shared = opened().standing
    newcomer = Breaker(POLICY, shared)
    assert newcomer.standing == shared
    assert rejected(newcomer, 1.0) == Rejected(State.OPEN, 4.0)


@pytest.mark.parametrize("before", [(BAD, BAD, GOOD, BAD), (*[GOOD] * 20, *[BAD] * 4)])
def test_a_new_process_goes_on_in_the_middle_of_a_window_and_of_a_row(before):
    breaker = Breaker(POLICY)
    for outcome in before:
        call(breaker, 0.0, outcome)
    assert call(Breaker(POLICY, breaker.standing), 0.0, BAD).after is State.OPEN


def test_a_new_process_waits_for_the_probe_of_another():
    breaker, _ = half_open()
    newcomer = Breaker(POLICY, breaker.standing)
    assert rejected(newcomer, 6.0) == Rejected(State.HALF_OPEN, 29.0)


# When it trips.


def test_four_calls_are_too_few_to_judge_by():
    breaker = Breaker(POLICY)
    assert [call(breaker, 0.0, BAD) for _ in range(4)] == [None] * 4


def test_a_success_can_be_the_call_that_makes_five():
    breaker = Breaker(POLICY)
    changes = [call(breaker, 0.0, each) for each in (BAD, BAD, BAD, GOOD, GOOD)]
    assert changes[-1].trigger is Finding.TRIPPED


def test_half_of_twenty_is_enough_and_less_is_not():
    breaker = Breaker(POLICY)
    for outcome in (*[GOOD] * 9, *[BAD] * 4, GOOD, *[BAD] * 4, GOOD, BAD):
        assert call(breaker, 0.0, outcome) is None
    assert call(breaker, 0.0, BAD).trigger is Finding.TRIPPED


def test_five_failures_in_a_row_trip_however_good_it_was_before():
    breaker = Breaker(POLICY)
    for _ in range(20):
        call(breaker, 0.0, GOOD)
    changes = [call(breaker, 0.0, BAD) for _ in range(5)]
    assert [change and change.trigger for change in changes] == [*[None] * 4, Finding.TRIPPED]


def test_five_failures_in_a_row_trip_however_far_apart():
    breaker = Breaker(POLICY)
    changes = [call(breaker, at * 1000.0, BAD) for at in range(5)]
    assert [change and change.trigger for change in changes] == [*[None] * 4, Finding.TRIPPED]


def test_calls_older_than_ten_minutes_are_forgotten():
    breaker = Breaker(POLICY)
    for at in (0.0, 1.0, 2.0):
        call(breaker, at, BAD)
    call(breaker, 3.0, GOOD)
    call(breaker, 601.5, GOOD)
    assert [at for at, _, _ in breaker.standing.calls] == [2.0, 3.0, 601.5]
    call(breaker, 602.0, GOOD)
    assert [at for at, _, _ in breaker.standing.calls] == [2.0, 3.0, 601.5, 602.0]


def test_only_the_last_twenty_calls_are_known():
    breaker = Breaker(POLICY)
    for at in range(12_000):
        call(breaker, at / 100, GOOD)
    assert len(breaker.standing.calls) == 20


# How long it stays open.


def waited(breaker):
    return breaker.standing.until - breaker.standing.at


def test_open_time_doubles_up_to_two_minutes():
    breaker, waits = opened(), []
    for _ in range(2_000):
        waits.append(waited(breaker))
        call(breaker, breaker.standing.until, BAD)
    assert waits[:6] == [5.0, 10.0, 20.0, 40.0, 80.0, 120.0]
    assert set(waits[6:]) == {120.0}


def test_a_longer_retry_after_is_waited_for():
    breaker = Breaker(POLICY)
    for _ in range(4):
        call(breaker, 0.0, BAD)
    assert call(breaker, 0.0, BAD, retry_after_s=300.0).until == 300.0


def test_a_shorter_retry_after_does_not_shorten():
    breaker = Breaker(POLICY)
    for _ in range(4):
        call(breaker, 0.0, BAD)
    assert call(breaker, 0.0, BAD, retry_after_s=1.0).until == 5.0


@pytest.mark.parametrize(("retry_after_s", "until"), [(0.0, 5.25), (100.0, 105.0)])
def test_jitter_is_only_added(retry_after_s, until):
    breaker = Breaker(POLICY)
    for _ in range(4):
        call(breaker, 0.0, BAD)
    assert call(breaker, 0.0, BAD, u=0.5, retry_after_s=retry_after_s).until == until


def closed_after_two_openings():
    breaker, probe = half_open()
    breaker.settle(probe, 5.0, BAD, U)
    call(breaker, 15.0, GOOD)
    assert call(breaker, 15.0, GOOD).trigger is Finding.RECOVERED
    assert breaker.standing.doublings == 2
    return breaker


def test_twenty_clean_calls_forget_the_doubling():
    breaker = closed_after_two_openings()
    for _ in range(19):
        call(breaker, 15.0, GOOD)
    assert breaker.standing.doublings == 2
    call(breaker, 15.0, GOOD)
    assert breaker.standing.doublings == 0


def test_ten_clean_minutes_forget_the_doubling_once_a_call_has_shown_it():
    breaker = closed_after_two_openings()
    call(breaker, 614.0, GOOD)
    assert breaker.standing.doublings == 2
    call(breaker, 615.0, GOOD)
    assert breaker.standing.doublings == 0


@pytest.mark.parametrize(("outcome", "took"), [(BAD, 0.0), (GOOD, 2.1), (IGNORED, 2.1)])
def test_a_blemish_begins_the_clean_window_anew(outcome, took):
    breaker = closed_after_two_openings()
    for _ in range(19):
        call(breaker, 15.0, GOOD)
    call(breaker, 20.0, outcome, took=took)
    call(breaker, 615.0, GOOD)
    assert breaker.standing.doublings == 2
    call(breaker, 620.0 + took, GOOD)
    assert breaker.standing.doublings == 0


def test_a_trip_begins_the_clean_window_anew():
    breaker = closed_after_two_openings()
    for outcome in (BAD, BAD, BAD, GOOD, GOOD):
        change = call(breaker, 15.0, outcome)
    for _ in range(2):
        call(breaker, change.until, GOOD)
    assert breaker.standing.doublings == 3
    for _ in range(19):
        call(breaker, change.until, GOOD)
    assert breaker.standing.doublings == 3


# Probing, and counting once.


def test_a_second_probe_closes():
    breaker, probe = half_open()
    assert breaker.settle(probe, 6.0, GOOD, U) == (Settled.COUNTED, None)
    assert call(breaker, 6.0, GOOD).after is State.CLOSED
    assert not admitted(breaker, 6.0).probe


def test_a_failure_after_a_good_probe_opens_again():
    breaker, probe = half_open()
    breaker.settle(probe, 6.0, GOOD, U)
    change = call(breaker, 6.0, BAD, retry_after_s=60.0)
    assert (change.trigger, change.until) == (Finding.PROBE_FAILED, 66.0)
    assert breaker.standing.successes == 0


def test_an_ignored_probe_is_no_verdict():
    breaker, probe = half_open()
    assert breaker.settle(probe, 6.0, IGNORED, U) == (Settled.IGNORED, None)
    assert breaker.peek(6.0) is None
    assert breaker.state is State.HALF_OPEN


def test_a_permit_counts_once():
    breaker = Breaker(POLICY)
    permit = admitted(breaker, 0.0)
    breaker.settle(permit, 0.0, BAD, U)
    for _ in range(10):
        assert breaker.settle(permit, 0.0, BAD, U) == (Settled.REPEATED, None)
    assert breaker.standing.failures == 1


def test_a_late_permit_is_counted_late_once():
    breaker = Breaker(POLICY)
    permit = admitted(breaker, 0.0)
    breaker.command(Command.DISABLE, 0.0)
    assert breaker.settle(permit, 0.0, BAD, U) == (Settled.LATE, None)
    assert breaker.settle(permit, 0.0, BAD, U) == (Settled.REPEATED, None)
    assert breaker.standing.late == 1


def test_a_look_ahead_changes_nothing():
    breaker = opened()
    before = breaker.standing
    assert breaker.peek(4.0) == Rejected(State.OPEN, 1.0)
    assert breaker.peek(5.0) is None
    assert breaker.standing == before
    assert Breaker(POLICY).peek(0.0) is None


# What operators can say.


def test_forced_open_rejects_until_an_operator_says_otherwise():
    breaker = Breaker(POLICY)
    change = breaker.command(Command.FORCE_OPEN, 0.0)
    assert (change.before, change.after, change.until) == (State.CLOSED, State.FORCED_OPEN, None)
    assert rejected(breaker, 1e9) == Rejected(State.FORCED_OPEN, None)
    assert breaker.standing.rejections == 1
    assert breaker.command(Command.RESET, 1e9).after is State.CLOSED
    admitted(breaker, 1e9)


def test_disabled_admits_all_and_counts_none():
    breaker = opened()
    breaker.command(Command.DISABLE, 0.0)
    for outcome in (BAD, GOOD) * 20:
        permit = admitted(breaker, 0.0)
        assert breaker.settle(permit, 9.0, outcome, U) == (Settled.IGNORED, None)
    assert breaker.standing.calls == ()
    assert breaker.standing.failures == 0


def test_measuring_only_counts_and_never_rejects():
    breaker = Breaker(POLICY)
    breaker.command(Command.ONLY_MEASURE, 0.0)
    for _ in range(50):
        assert call(breaker, 0.0, BAD) is None
    assert breaker.standing.failures == 50
    assert len(breaker.standing.calls) == 20


def test_saying_what_is_already_so_changes_nothing():
    breaker = Breaker(POLICY)
    call(breaker, 0.0, BAD)
    before = breaker.standing
    assert breaker.command(Command.RESET, 0.0) is None
    assert breaker.standing == before


def test_a_command_forgets_the_doubling():
    breaker = closed_after_two_openings()
    breaker.command(Command.DISABLE, 15.0)
    assert breaker.standing.doublings == 0


# Nonsense is refused at the door, and leaves no trace.


@pytest.mark.parametrize("now", [float("nan"), float("inf"), float("-inf")])
def test_a_time_that_is_none_is_refused(now):
    breaker = Breaker(POLICY)
    permit = admitted(breaker, 0.0)
    before = breaker.standing
    for refused in (
        lambda: breaker.peek(now),
        lambda: breaker.acquire(now, U),
        lambda: breaker.settle(permit, now, BAD, U),
        lambda: breaker.command(Command.RESET, now),
        lambda: Breaker(POLICY).acquire(now, U),
    ):
        with pytest.raises(InvalidInput, match="now"):
            refused()
    assert breaker.standing == before
    assert not permit.settled


@pytest.mark.parametrize("u", [float("nan"), -0.1, 1.0])
def test_chance_outside_its_range_is_refused(u):
    breaker = Breaker(POLICY)
    permit = admitted(breaker, 0.0)
    with pytest.raises(InvalidInput, match="u:"):
        breaker.acquire(0.0, u)
    with pytest.raises(InvalidInput, match="u:"):
        breaker.settle(permit, 0.0, BAD, u)
    assert not permit.settled


@pytest.mark.parametrize("retry_after_s", [float("nan"), float("inf"), -1.0])
def test_a_retry_after_that_is_no_duration_is_refused(retry_after_s):
    breaker = Breaker(POLICY)
    permit = admitted(breaker, 0.0)
    with pytest.raises(InvalidInput, match="retry_after_s"):
        breaker.settle(permit, 0.0, BAD, U, retry_after_s)
    assert not permit.settled


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slow_s", 0.0),
        ("slow_s", float("nan")),
        ("window_s", float("inf")),
        ("window_calls", 0),
        ("window_calls", 20.5),
        ("min_calls", 21),
        ("failure_share", 1.1),
        ("slow_share", 0.0),
        ("in_a_row", -1),
        ("open_s", 121.0),
        ("jitter_share", 2.0),
        ("probe_successes", 1.5),
        ("probe_lost_s", 0.0),
    ],
)
def test_a_policy_without_sense_is_refused(field, value):
    with pytest.raises(InvalidInput):
        BreakerPolicy(**{"slow_s": 2.0, field: value})


@pytest.mark.parametrize(
    ("timeout_s", "slow_s", "lost_s"), [(2.0, 1.0, 30.0), (20.0, 10.0, 30.0), (54.0, 27.0, 81.0)]
)
def test_a_policy_follows_from_the_timeout_of_the_source(timeout_s, slow_s, lost_s):
    policy = breaker_policy_for(timeout_s)
    assert (policy.slow_s, policy.probe_lost_s) == (slow_s, lost_s)
    assert policy.probe_lost_s > timeout_s
    for nonsense in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(InvalidInput, match="timeout_s"):
            breaker_policy_for(nonsense)


def test_a_faster_pace_shortens_what_is_counted_in_the_vendors_seconds():
    policy = breaker_policy_for(10.0)
    paced = policy.paced(5.0)
    assert (paced.open_s, paced.open_max_s, paced.window_s) == (1.0, 24.0, 120.0)
    assert (paced.slow_s, paced.probe_lost_s) == (policy.slow_s, policy.probe_lost_s)
    assert policy.paced(1.0) == policy


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, GOOD),
        (VendorUnavailable("massive", "503"), BAD),
        (VendorGarbled("massive", "not JSON"), BAD),
        (TimeoutError(), BAD),
        (KeyError("an adapter's bug"), BAD),
        (VendorThrottled("massive", "429"), IGNORED),
        (VendorRefused("massive", "403"), IGNORED),
        (asyncio.CancelledError(), IGNORED),
        (KeyboardInterrupt(), IGNORED),
    ],
)
def test_blame_falls_on_the_vendor_or_on_nobody(error, outcome):
    assert blame(error) is outcome
