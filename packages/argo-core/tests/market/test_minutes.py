from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.market.bar import MINUTE
from argo_core.market.instrument import Symbol
from argo_core.market.minutes import BREAK, Minute, broken
from argo_core.testing.strategies import NOON

A = Symbol("A")
SECOND = timedelta(seconds=1)

observations = st.lists(
    st.tuples(st.integers(0, 400), st.integers(1, 9), st.integers(0, 3)), min_size=1, max_size=40
)


def test_prices_of_one_minute_widen_one_bar() -> None:
    minute = Minute.begin(A, 10.0, NOON + 3 * SECOND, 5.0)
    for second, price, volume in ((10, 12.0, 1.0), (20, 9.0, 2.0), (59, 11.0, 0.0)):
        minute, done = minute.observe(price, NOON + second * SECOND, volume)
        assert done is None
    bar = minute.bar
    assert (bar.start, bar.open, bar.high, bar.low, bar.close) == (NOON, 10.0, 12.0, 9.0, 11.0)
    assert bar.volume == 8.0


def test_the_first_price_of_a_later_minute_completes_the_bar() -> None:
    minute = Minute.begin(A, 10.0, NOON)
    later, done = minute.observe(11.0, NOON + MINUTE)
    assert done == minute.bar
    assert (later.bar.start, later.bar.open, later.bar.volume) == (NOON + MINUTE, 11.0, 0.0)


def test_a_missing_minute_stays_missing() -> None:
    later, done = Minute.begin(A, 10.0, NOON).observe(11.0, NOON + 5 * MINUTE)
    assert done is not None
    assert later.bar.start - done.start == 5 * MINUTE


def test_a_price_of_an_earlier_minute_is_ignored() -> None:
    minute = Minute.begin(A, 10.0, NOON)
    assert minute.observe(99.0, NOON - SECOND) == (minute, None)


def test_a_minute_is_over_when_the_next_one_begins() -> None:
    minute = Minute.begin(A, 10.0, NOON + 7 * SECOND)
    assert not minute.over(NOON + 59 * SECOND)
    assert minute.over(NOON + MINUTE)


@pytest.mark.parametrize(
    ("price", "volume", "field"),
    [(float("nan"), 0.0, "open"), (0.0, 0.0, "open"), (1.0, -1.0, "volume")],
)
def test_nonsense_is_refused_with_its_field(price: float, volume: float, field: str) -> None:
    minute = Minute.begin(A, 10.0, NOON)
    with pytest.raises(InvalidInput) as refused:
        minute.observe(price, NOON + SECOND, volume)
    assert refused.value.field == field


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(InvalidInput, match="start"):
        Minute.begin(A, 10.0, NOON.replace(tzinfo=None))


@given(observations)
def test_bars_are_what_grouping_the_prices_by_minute_gives(
    seen: list[tuple[int, int, int]],
) -> None:
    seen.sort(key=lambda one: one[0])
    bars = []
    minute: Minute | None = None
    for second, price, volume in seen:
        at = NOON + second * SECOND
        if minute is None:
            minute = Minute.begin(A, float(price), at, float(volume))
            continue
        minute, done = minute.observe(float(price), at, float(volume))
        bars += [done] if done else []
    assert minute is not None
    bars.append(minute.bar)
    groups: dict[int, list[tuple[int, int, int]]] = {}
    for one in seen:
        groups.setdefault(one[0] // 60, []).append(one)
    assert [bar.start for bar in bars] == [NOON + number * MINUTE for number in groups]
    for bar, group in zip(bars, groups.values(), strict=True):
        prices = [price for _, price, _ in group]
        assert (bar.open, bar.close) == (prices[0], prices[-1])
        assert (bar.high, bar.low) == (max(prices), min(prices))
        assert bar.volume == sum(volume for *_, volume in group)


def test_only_a_silence_longer_than_the_break_ends_a_session() -> None:
    assert not broken(NOON, NOON + BREAK)
    assert broken(NOON, NOON + BREAK + MINUTE)
