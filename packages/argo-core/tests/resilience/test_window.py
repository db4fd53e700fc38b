"""The window of calls says what a plain list of the last few of them would say."""

from hypothesis import given
from hypothesis import strategies as st

from argo_core.resilience.breaker_policy import BreakerPolicy
from argo_core.resilience.window import Call, Window

POLICIES = st.builds(
    BreakerPolicy,
    slow_s=st.just(1.0),
    window_calls=st.integers(1, 8),
    window_s=st.sampled_from([3.0, 20.0]),
    min_calls=st.just(1),
    failure_share=st.sampled_from([0.3, 0.8]),
    slow_share=st.sampled_from([0.5, 1.0]),
)
# Mostly well, so that calls leave the window uncounted before the first one goes wrong.
WELL = st.sampled_from([(False, False)] * 5 + [(True, False), (False, True), (True, True)])
ADDED = st.lists(st.tuples(st.sampled_from([0.0, 0.5, 1.0, 4.0]), WELL), max_size=40)


def plain(policy: BreakerPolicy, calls: list[Call]) -> tuple[tuple[Call, ...], bool]:
    """The calls of the window and whether they trip, with everything looked at each time."""
    kept = tuple(
        call for call in calls[-policy.window_calls :] if calls[-1][0] - call[0] <= policy.window_s
    )
    failures, slow = sum(call[1] for call in kept), sum(call[2] for call in kept)
    trips = failures + slow > 0 and len(kept) >= policy.min_calls
    return kept, trips and (
        failures / len(kept) >= policy.failure_share or slow / len(kept) >= policy.slow_share
    )


@given(POLICIES, ADDED)
def test_the_window_holds_and_trips_as_a_plain_list_would(
    policy: BreakerPolicy, added: list[tuple[float, tuple[bool, bool]]]
) -> None:
    window, calls, now = Window(policy), [], 0.0
    for passed, (failed, slow) in added:
        now += passed
        calls.append((now, failed, slow))
        kept, trips = plain(policy, calls)
        assert window.add(now, failed, slow) == trips
        assert window.calls == kept
        assert Window(policy, window.calls).calls == kept


def test_a_cleared_window_is_a_new_one() -> None:
    window = Window(BreakerPolicy(slow_s=1.0))
    window.add(1.0, True, True)
    window.clear()
    assert window.calls == ()
    assert not window.add(2.0, False, False)
