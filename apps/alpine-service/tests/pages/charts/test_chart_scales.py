"""Where charts put their lines and labels, and which points they leave out."""

import math
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.pages.charts.drawing import apart
from alpine_service.pages.charts.numbers import Numbers, Unit
from alpine_service.pages.charts.scale import Span, digits_for, nice_step, span_of, ticks
from alpine_service.pages.charts.thinning import thin
from alpine_service.pages.charts.time_ticks import time_ticks

NUMBERS = st.floats(-1e12, 1e12)
LARGE = st.floats(allow_nan=True, allow_infinity=True)


def us(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> float:
    return datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp() * 1e6


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 10, [0, 2, 4, 6, 8, 10]),
        (0, 4, [0, 1, 2, 3, 4]),
        (-0.3, 0.2, [-0.3, -0.2, -0.1, 0, 0.1, 0.2]),
        (182.1, 190.7, [184, 186, 188, 190]),
        (-10_000, 0, [-10_000, -8_000, -6_000, -4_000, -2_000, 0]),
        (61_234.5, 61_234.9, [61_234.5, 61_234.6, 61_234.7, 61_234.8, 61_234.9]),
    ],
)
def test_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    assert ticks(Span(low, high)) == pytest.approx(expected)


@given(NUMBERS, NUMBERS, st.integers(1, 12))
def test_ticks_are_few_within_the_span_and_in_order(one: float, other: float, most: int) -> None:
    span = span_of([one, other])
    found = ticks(span, most)
    assert len(found) <= most + 1
    assert list(found) == sorted(set(found))
    assert all(span.has(each) for each in found)


@given(st.lists(LARGE, max_size=6))
def test_every_span_has_an_extent(values: list[float]) -> None:
    span = span_of(values)
    assert span.high > span.low
    assert all(0 <= span.place(each) <= 1 for each in values if not math.isnan(each))


@given(st.floats(1e-9, 1e15), st.integers(1, 12))
def test_a_step_is_one_two_or_five(extent: float, most: int) -> None:
    step = nice_step(extent, most)
    assert extent / step <= most + 1e-6
    lead = float(f"{step:.6e}".partition("e")[0])
    assert lead in (1.0, 2.0, 5.0)


def test_ticks_have_as_many_decimals_as_tell_them_apart() -> None:
    assert digits_for([0, 2, 4]) == 0
    assert digits_for([0, 0.5, 1]) == 1
    assert digits_for([0.25, 0.27]) == 2
    assert digits_for([5]) == 0
    assert digits_for([]) == 0


@pytest.mark.parametrize(
    ("begin", "end", "words"),
    [
        ((2026, 3, 2, 12, 0), (2026, 3, 2, 12, 50), ["12:00", "12:10", "12:20", "12:30"]),
        ((2026, 3, 2, 20, 0), (2026, 3, 3, 8, 0), ["20:00", "22:00", "3 Mar", "02:00"]),
        ((2026, 3, 2), (2026, 3, 8), ["2 Mar", "3 Mar", "4 Mar"]),
        ((2026, 3, 2), (2026, 4, 6), ["2 Mar", "9 Mar", "16 Mar", "23 Mar"]),
        ((2025, 11, 20), (2026, 4, 6), ["Dec", "2026", "Feb", "Mar", "Apr"]),
        ((2024, 2, 1), (2026, 8, 1), ["Jul", "2025", "Jul", "2026", "Jul"]),
        ((2011, 5, 1), (2026, 8, 1), ["2015", "2020", "2025"]),
    ],
)
def test_times_are_named_by_what_changed(
    begin: tuple[int, ...], end: tuple[int, ...], words: list[str]
) -> None:
    found = [each for _, each in time_ticks(Span(us(*begin), us(*end)))]
    assert found[: len(words)] == words


@given(st.floats(us(1971, 1, 1), us(2200, 1, 1)), st.floats(1e6, 3e15))
def test_times_are_few_and_within_the_span(begin: float, extent: float) -> None:
    span = Span(begin, begin + extent)
    found = time_ticks(span)
    assert len(found) <= 7
    assert all(span.has(at) for at, _ in found)
    assert [at for at, _ in found] == sorted({at for at, _ in found})


@given(st.lists(st.tuples(st.integers(0, 10_000), NUMBERS), max_size=2_000), st.integers(1, 50))
def test_thinning_keeps_the_ends_and_the_extremes(
    given_points: list[tuple[int, float]], columns: int
) -> None:
    points = sorted(((float(x), y) for x, y in given_points), key=lambda each: each[0])
    kept = thin(points, columns)
    assert len(kept) <= max(4 * columns, 0)
    if points:
        assert (kept[0], kept[-1]) == (points[0], points[-1])
        values = [y for _, y in points]
        assert {min(values), max(values)} <= {y for _, y in kept}
    # What is kept is a part of what there was, in its order.
    rest = iter(points)
    assert all(each in rest for each in kept)


def test_few_points_are_all_kept() -> None:
    points = [(float(x), 0.0) for x in range(600)]
    assert thin(points) == points
    assert len(thin([*points, (600.0, 0.0)])) < 600


@given(st.lists(st.floats(0, 100), max_size=8))
def test_labels_keep_apart_within_the_plot(tops: list[float]) -> None:
    found = apart(sorted(tops), 8.0)
    assert all(0 <= each <= 100 for each in found)
    assert all(later - earlier >= 7.9 for earlier, later in pairwise(found))


@pytest.mark.parametrize(
    ("numbers", "value", "words"),
    [
        (Numbers(Unit.PRICE, 2), 1_234_567.891, "1\u202f234\u202f567.89"),
        (Numbers(Unit.PRICE, 2), -0.001, "0.00"),
        (Numbers(Unit.CHANGE, 1), 1_234.0, "+12.3\u202f%"),
        (Numbers(Unit.CHANGE, 1), -1_234.0, "\u221212.3\u202f%"),
        (Numbers(Unit.CHANGE), 0.0, "0\u202f%"),
        (Numbers(Unit.CHANGE, 1), -1.0, "0.0\u202f%"),
        (Numbers(Unit.PART), 0.75, "75\u202f%"),
    ],
)
def test_values_are_written_with_signs_and_thousands_apart(
    numbers: Numbers, value: float, words: str
) -> None:
    assert numbers.say(value) == words
