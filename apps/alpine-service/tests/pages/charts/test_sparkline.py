"""Small lines without axes."""

import math
import re

from hypothesis import given
from hypothesis import strategies as st

from alpine_service.pages.charts.price_chart import levels_of
from alpine_service.pages.charts.sparkline import sparkline
from alpine_service.pages.charts.values import Level

ANY = st.floats(allow_nan=True, allow_infinity=True)
POINTS = st.lists(st.tuples(st.floats(-1e16, 1e16), ANY), max_size=400).map(
    lambda points: sorted(points, key=lambda each: each[0])
)


def places(path: str) -> list[tuple[float, float]]:
    assert re.fullmatch(r"(M[\d.]+ [\d.]+(L[\d.]+ [\d.]+)+)?", path)
    numbers = [float(each) for each in re.findall(r"[\d.]+", path)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


@given(POINTS, st.lists(st.builds(Level, st.just(""), ANY), max_size=3))
def test_everything_is_within_the_box(
    points: list[tuple[float, float]], levels: list[Level]
) -> None:
    found = sparkline(points, levels, 112, 32)
    drawn = places(found.path)
    assert len(drawn) <= 112
    assert all(0 <= x <= 112 and 0 <= y <= 32 for x, y in drawn)
    assert all(0 <= each.y <= 32 for each in found.levels)
    if found.last_x is not None and found.last_y is not None:
        assert 0 <= found.last_x <= 112
        assert 0 <= found.last_y <= 32


def test_of_one_price_only_its_dot_is_there() -> None:
    found = sparkline([(5.0, 182.3)], (), 100, 30)
    assert (found.path, found.last_x, found.last_y) == ("", 97.0, 15.0)


def test_of_nothing_there_is_nothing() -> None:
    found = sparkline([])
    assert (found.path, found.last_x, found.levels) == ("", None, ())


def test_prices_that_differ_by_less_than_can_be_computed_with_are_equal() -> None:
    for tiny in (5e-324, 1e-310, 1e-200):
        found = sparkline([(0.0, 0.0), (1.0, tiny)], (Level("", tiny / 2),), 100, 30)
        assert found.path == "M3.0 15.0L97.0 15.0"
        assert [each.y for each in found.levels] == [15.0]


def test_equal_prices_are_a_line_in_the_middle() -> None:
    found = sparkline([(0.0, 5.0), (1.0, 5.0), (2.0, 5.0)], (), 100, 30)
    assert found.path == "M3.0 15.0L50.0 15.0L97.0 15.0"


def test_levels_are_within_and_beyond_the_prices() -> None:
    levels = levels_of("100", "90", "110")
    found = sparkline([(0.0, 100.0), (1.0, 105.0)], levels, 100, 30)
    assert [(each.look, each.y) for each in found.levels] == [
        ("good", 3.0),
        ("accent", 15.0),
        ("bad", 27.0),
    ]
    assert found.path == "M3.0 15.0L97.0 9.0"


def test_what_is_no_number_is_left_out() -> None:
    clean = sparkline([(0.0, 1.0), (1.0, 2.0)])
    assert sparkline([(0.0, 1.0), (0.5, math.inf), (0.6, math.nan), (1.0, 2.0)]) == clean


def test_a_peak_of_a_moment_is_seen_among_thousands() -> None:
    points = [(float(x), 100.0 if x == 5_123 else 1.0) for x in range(10_000)]
    found = sparkline(points, (), 112, 32)
    assert min(y for _, y in places(found.path)) == 3.0
