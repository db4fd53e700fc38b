from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from alpine_service.domain.delivery.schedule import SCHEDULE

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY_S = 86_400
LUCK = st.floats(0, 1)


def test_the_delays_are_those_that_we_promise() -> None:
    waits = [SCHEDULE.next_at(tries, NOW, chance=0.0) for tries in range(9)]

    hours = timedelta(hours=1)
    assert waits[:-1] == [
        NOW,
        NOW + timedelta(seconds=5),
        NOW + timedelta(minutes=5),
        NOW + timedelta(minutes=30),
        NOW + 2 * hours,
        NOW + 5 * hours,
        NOW + 10 * hours,
        NOW + 10 * hours,
    ]
    assert waits[-1] is None


@given(tries=st.integers(0, 7), chance=LUCK)
def test_chance_makes_a_wait_longer_by_a_tenth_at_most(tries: int, chance: float) -> None:
    least, at = SCHEDULE.next_at(tries, NOW, 0.0), SCHEDULE.next_at(tries, NOW, chance)

    assert least is not None
    assert at is not None
    assert least <= at <= NOW + (least - NOW) * 1.1 + timedelta(microseconds=1)


@given(tries=st.integers(0, 7), chance=LUCK, asked=st.floats(0, 1e12))
def test_a_receiver_may_ask_for_more_time_and_never_for_less_or_for_ever(
    tries: int, chance: float, asked: float
) -> None:
    plain = SCHEDULE.next_at(tries, NOW, chance)
    at = SCHEDULE.next_at(tries, NOW, chance, asked)

    assert plain is not None
    assert at == max(plain, NOW + timedelta(seconds=min(asked, DAY_S)))


@given(tries=st.integers(8, 100), chance=LUCK)
def test_after_the_last_attempt_it_is_given_up_whatever_is_asked(tries: int, chance: float) -> None:
    assert SCHEDULE.next_at(tries, NOW, chance, 60.0) is None
