import math
from datetime import timedelta
from typing import Any, cast

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from argo_core.consensus.rules.quotes_and_news import (
    NEWS_HALF_LIFE_S,
    RULE,
    SAMPLE_GRACE_S,
    SAMPLE_HALF_LIFE_S,
    NewsItem,
    QuoteRow,
    score,
)
from argo_core.errors import InvalidInput
from argo_core.market.samples import SampledReading, Samples
from argo_core.testing.strategies import NOON

SECOND = timedelta(seconds=1)
FLAT = QuoteRow(100.0, 100.0, 101.0, 99.0, 100.0, NOON)
RISEN = QuoteRow(103.0, 100.5, 103.0, 100.0, 100.0, NOON)
FALLEN = QuoteRow(97.0, 99.5, 100.0, 97.0, 100.0, NOON)
UP = SampledReading(NOON, 103.0, 1.8, 1.6, 0.8, 75.0, 2e-5)

percent = st.integers(-400, 400).map(lambda step: math.exp(step / 10_000))


@st.composite
def rows(draw: st.DrawFn) -> QuoteRow:
    """A day that went anywhere by up to four percent."""
    low, opened, price, high = sorted(100 * draw(percent) for _ in range(4))
    if draw(st.booleans()):
        opened, price = price, opened
    return QuoteRow(price, opened, high, low, 100 * draw(percent), NOON)


sampled = st.builds(
    SampledReading,
    at=st.integers(0, 1_200).map(lambda age: NOON - age * SECOND),
    price=st.just(100.0),
    trend=st.floats(-3, 3),
    momentum=st.floats(-3, 3),
    correlation=st.floats(0, 1),
    rsi=st.floats(0, 100),
    sigma=st.just(2e-5),
)
items = st.builds(
    NewsItem,
    sentiment=st.floats(-1, 1),
    relevance=st.floats(0, 1),
    published=st.integers(-60, 80 * 60).map(lambda age: NOON - age * 60 * SECOND),
)
feeds = st.lists(items, max_size=4)


def _x(row: QuoteRow, reading: SampledReading | None = None, *news: NewsItem) -> float:
    return score(row, reading, news, NOON).strength


def _mirrored(row: QuoteRow) -> QuoteRow:
    return QuoteRow(
        1e4 / row.price,
        1e4 / row.open,
        1e4 / row.low,
        1e4 / row.high,
        1e4 / row.previous_close,
        NOON,
    )


@given(rows(), st.none() | sampled, feeds)
def test_the_strength_is_always_in_range(
    row: QuoteRow, reading: SampledReading | None, news: list[NewsItem]
) -> None:
    assert -1 <= score(row, reading, news, NOON).strength <= 1


@given(rows(), st.none() | sampled, feeds)
def test_mirrored_prices_and_news_give_about_the_opposite(
    row: QuoteRow, reading: SampledReading | None, news: list[NewsItem]
) -> None:
    other = (
        None
        if reading is None
        else evolve(reading, trend=-reading.trend, momentum=-reading.momentum)
    )
    bad = [evolve(item, sentiment=-item.sentiment) for item in news]
    one = score(row, reading, news, NOON).strength
    # The place in the range is a matter of prices, not logarithms: a little is left over.
    assert score(_mirrored(row), other, bad, NOON).strength == pytest.approx(-one, abs=0.03)


@given(rows(), st.none() | sampled, feeds)
def test_the_order_of_news_does_not_matter(
    row: QuoteRow, reading: SampledReading | None, news: list[NewsItem]
) -> None:
    assert score(row, reading, news, NOON) == score(row, reading, news[::-1], NOON)


@given(rows(), st.none() | sampled, feeds, items)
def test_better_news_never_lowers_the_strength(
    row: QuoteRow, reading: SampledReading | None, news: list[NewsItem], item: NewsItem
) -> None:
    better = evolve(item, sentiment=min(1.0, item.sentiment + 0.2))
    assert _x(row, reading, *news, item) <= _x(row, reading, *news, better)


@given(rows(), sampled)
def test_stronger_samples_never_lower_the_strength(row: QuoteRow, reading: SampledReading) -> None:
    assert _x(row, reading) <= _x(row, evolve(reading, trend=reading.trend + 0.5))


def test_a_day_in_one_direction_is_strong_and_one_without_is_not() -> None:
    assert _x(RISEN) > 0.75
    assert _x(FALLEN) < -0.75
    assert _x(FLAT) == 0.0
    assert _x(RISEN, UP, NewsItem(0.4, 0.9, NOON)) > 0.9


def test_parts_that_disagree_cancel() -> None:
    down = evolve(UP, trend=-1.8, momentum=-1.6)
    assert abs(_x(RISEN, down)) < 0.4


def test_a_range_of_nothing_has_no_place_in_it() -> None:
    assert _x(QuoteRow(100.0, 100.0, 100.0, 100.0, 100.0, NOON)) == 0.0


def test_a_price_outside_the_days_range_widens_it() -> None:
    extended = QuoteRow(104.0, 100.0, 101.0, 99.0, 100.0, NOON)
    facts = {fact.kind: fact.value for fact in score(extended, None, (), NOON).facts}
    assert facts["place in day range"] == "1.00"


def test_the_same_move_says_less_where_moves_are_usual() -> None:
    assert score(RISEN, None, (), NOON, typical_day=0.06).strength < _x(RISEN) / 2


def test_old_samples_fade() -> None:
    late = NOON + timedelta(seconds=SAMPLE_GRACE_S)
    assert score(FLAT, UP, (), late).strength == _x(FLAT, UP)
    halved = evolve(UP, trend=UP.trend / 2, momentum=UP.momentum / 2)
    later = late + timedelta(seconds=SAMPLE_HALF_LIFE_S)
    assert score(FLAT, UP, (), later).strength == _x(FLAT, halved)


def test_recent_news_counts_more_than_old_news() -> None:
    good, bad = NewsItem(0.5, 0.8, NOON), NewsItem(-0.5, 0.8, NOON)
    aged = timedelta(seconds=NEWS_HALF_LIFE_S)
    assert _x(FLAT, None, good, bad) == 0.0
    assert _x(FLAT, None, good, evolve(bad, published=NOON - aged)) > 0
    as_if_less_relevant = evolve(bad, relevance=0.4)
    assert _x(FLAT, None, evolve(bad, published=NOON - aged)) == _x(FLAT, None, as_if_less_relevant)


def test_relevant_news_counts_more_than_a_passing_mention() -> None:
    assert _x(FLAT, None, NewsItem(0.5, 0.9, NOON)) > _x(FLAT, None, NewsItem(0.5, 0.1, NOON)) > 0
    assert _x(FLAT, None, NewsItem(0.5, 0.0, NOON)) == 0.0


@pytest.mark.parametrize("age", [-SECOND, timedelta(days=3) + SECOND])
def test_news_from_the_future_or_of_last_week_is_ignored(age: timedelta) -> None:
    assert score(FLAT, None, [NewsItem(1.0, 1.0, NOON - age)], NOON) == score(FLAT, None, (), NOON)


def test_a_flood_of_news_alone_cannot_speak_for_the_price() -> None:
    flood = [NewsItem(1.0, 1.0, NOON)] * 1_000
    assert _x(FLAT, None, *flood) < 0.6
    assert _x(FALLEN, None, *flood) < 0


def test_the_facts_say_what_it_rests_on() -> None:
    item = NewsItem(0.4, 0.75, NOON - 60 * SECOND)
    facts = score(RISEN, UP, [item], NOON).facts
    assert [fact.kind for fact in facts] == [
        "day move",
        "place in day range",
        "sampled momentum",
        "sampled RSI",
        "news sentiment",
    ]
    assert (facts[0].value, facts[0].unit) == ("2.96", "%")
    assert facts[-1].as_of == item.published


def test_parts_of_a_random_walk_add_up_to_a_standard_normal() -> None:
    rng = np.random.default_rng(4)
    strengths = []
    for _ in range(600):
        gap = math.sqrt(0.3) * 0.015 * rng.standard_normal()
        moves = math.sqrt(0.7 / 390) * 0.015 * rng.standard_normal(195)
        path = 100 * np.exp(gap + np.cumsum(np.append(0.0, moves)))
        known = Samples()
        for minute in range(3, 196, 3):
            known = known.observe(float(path[minute]), NOON + 60 * minute * SECOND)
        at = NOON + 60 * 195 * SECOND
        price, opened = float(path[-1]), float(path[0])
        row = QuoteRow(price, opened, float(path.max()), float(path.min()), 100.0, at)
        strengths.append(score(row, known.reading, (), at).strength)
    # erf(Z / 2) of a standard normal Z is beyond 0.366 half of the time, beyond 0.755 in a tenth.
    # Half a day's move is measured against a whole day's deviation, so a little less is expected.
    assert np.mean(np.abs(strengths) > 0.366) == pytest.approx(0.5, abs=0.08)
    assert 0.02 < np.mean(np.abs(strengths) > 0.755) < 0.12


@pytest.mark.parametrize("name", ["price", "open", "high", "low", "previous_close"])
@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_a_poisoned_quote_is_refused_with_its_field(name: str, value: float) -> None:
    with pytest.raises(InvalidInput) as refused:
        evolve(FLAT, **cast(dict[str, Any], {name: value}))
    assert refused.value.field == name


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"open": 102.0}, "low"),
        ({"high": 98.0}, "low"),
        ({"high": 400.0}, "high"),
        ({"price": 201.0}, "price"),
        ({"previous_close": 1_000.0}, "previous_close"),
        ({"at": NOON.replace(tzinfo=None)}, "at"),
    ],
)
def test_an_absurd_quote_is_refused_with_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        evolve(FLAT, **changes)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sentiment": math.nan}, "sentiment"),
        ({"sentiment": 1.01}, "sentiment"),
        ({"relevance": -0.1}, "relevance"),
        ({"relevance": math.inf}, "relevance"),
        ({"published": NOON.replace(tzinfo=None)}, "published"),
    ],
)
def test_absurd_news_is_refused_with_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        evolve(NewsItem(0.1, 0.5, NOON), **changes)
    assert refused.value.field == field


@pytest.mark.parametrize("typical", [0.0, -0.01, math.nan, math.inf])
def test_a_typical_day_must_be_positive(typical: float) -> None:
    with pytest.raises(InvalidInput, match="typical_day"):
        score(FLAT, None, (), NOON, typical_day=typical)


def test_a_quote_from_the_future_is_refused() -> None:
    assert score(FLAT, None, (), NOON - 60 * SECOND).strength == 0.0
    with pytest.raises(InvalidInput, match="future"):
        score(FLAT, None, (), NOON - 61 * SECOND)


def test_a_naive_now_is_refused() -> None:
    with pytest.raises(InvalidInput, match="now"):
        score(FLAT, None, (), NOON.replace(tzinfo=None))


def test_the_rule_has_a_version() -> None:
    assert RULE == "alpha-vantage-quotes-and-news-1"
