from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from alpine_service.domain.delivery.pace import Pace, share

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
WANTS = st.lists(st.integers(0, 9), max_size=6)


@given(st.integers(0, 60), WANTS)
def test_all_of_the_room_is_given_as_long_as_somebody_wants_it(room: int, wants: list[int]) -> None:
    assert sum(share(room, wants)) == min(room, sum(wants))


@given(st.integers(0, 60), WANTS)
def test_nobody_gets_more_than_wanted_or_much_less_than_another(
    room: int, wants: list[int]
) -> None:
    given_ = share(room, wants)

    assert all(0 <= part <= want for part, want in zip(given_, wants, strict=True))
    for part, want in zip(given_, wants, strict=True):
        if part < want:
            assert part >= max(given_) - 1


def test_the_odd_ones_go_one_by_one() -> None:
    assert share(11, [3, 5, 4]) == [3, 4, 4]


def test_one_that_wants_all_does_not_hold_the_others_up() -> None:
    assert share(10, [1_000, 2, 1]) == [7, 2, 1]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3_000)), max_size=30))
def test_no_more_is_sent_than_the_burst_and_the_rate_allow(steps: list[tuple[int, int]]) -> None:
    pace = Pace(at_once=99, per_s=10.0, burst=20)
    now, paced, sent = NOW, None, 0
    for wanted, passed_ms in steps:
        now += timedelta(milliseconds=passed_ms)
        count = min(wanted, pace.allowance(paced, now))
        if count:
            paced = pace.spend(paced, now, count)
        sent += count
        assert sent <= pace.burst + pace.per_s * (now - NOW).total_seconds() + 0.01


def test_after_a_rest_the_whole_burst_is_there_again() -> None:
    pace = Pace(at_once=99, per_s=10.0, burst=20)

    assert pace.allowance(None, NOW) == 20
    assert pace.allowance(pace.spend(None, NOW, 20), NOW) == 0
    assert pace.allowance(pace.spend(None, NOW, 20), NOW + timedelta(seconds=1)) == 10
    assert pace.allowance(pace.spend(None, NOW, 20), NOW + timedelta(seconds=2)) == 20
