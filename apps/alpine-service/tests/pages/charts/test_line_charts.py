"""Charts over time as they reach a page: places, words, a table, and data for the script."""

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.domain.signals.price_point import PriceKind, PricePoint
from alpine_service.pages.charts.line_chart import MOST_ROWS, Lines, line_chart, thinned
from alpine_service.pages.charts.numbers import Numbers, Unit
from alpine_service.pages.charts.price_chart import levels_of, price_chart
from alpine_service.pages.charts.values import Chart, Kind, Level, Moment, Panel, Series, Table
from alpine_service.pages.rendering import Renderer, renderer
from alpine_service.pages.static_files import read_static

BEGIN_US = 1_772_452_800_000_000
HOUR_US = 3_600_000_000
ANY = st.floats(allow_nan=True, allow_infinity=True)
TIMES = st.integers(0, 2**53 - 1).map(float)
POINTS = st.lists(st.tuples(TIMES, ANY), max_size=40).map(
    lambda points: tuple(sorted(points, key=lambda each: each[0]))
)


class Attributes(HTMLParser):
    """All that stand in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.values: set[str | None] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names |= {name for name, _ in attrs}
        self.values |= {value for _, value in attrs}


@pytest.fixture(scope="module")
def made_with() -> Renderer:
    return renderer(read_static())


def html(made_with: Renderer, chart: Chart) -> str:
    words = '{% from "charts/chart.html" import chart %}{{ chart(one) }}'
    return made_with.environment.from_string(words).render(one=chart)


def places(panel: Panel) -> list[float]:
    paths = " ".join(each.path for each in panel.drawn)
    assert re.fullmatch(r"[\d.MLZ ]*", paths)
    return [
        *(float(each) / 10 for each in re.findall(r"[\d.]+", paths)),
        *(each.at for each in (*panel.x_ticks, *panel.y_ticks)),
        *(place for each in panel.dots for place in (each.x, each.y)),
        *(place for each in panel.rules for place in (each.y, each.label_y)),
    ]


def price(hours: float, amount: str, kind: PriceKind = PriceKind.SIGNAL) -> PricePoint:
    return PricePoint("BRK.B", BEGIN_US + int(hours * HOUR_US), Decimal(amount), kind, 1, 1)


def prices(*amounts: str) -> Sequence[PricePoint]:
    return [price(hours, amount) for hours, amount in enumerate(amounts)]


@given(
    st.lists(st.builds(Series, st.just("s"), POINTS, st.sampled_from(Kind)), max_size=3),
    st.lists(st.builds(Level, st.just("Stop"), ANY), max_size=3),
    st.lists(st.builds(Moment, st.just("Began"), TIMES, ANY), max_size=3),
)
def test_every_place_is_within_the_plot(
    series: list[Series], levels: list[Level], moments: list[Moment]
) -> None:
    numbers = Numbers(Unit.CHANGE, 2)
    plot = Lines("Plot", "It says.", tuple(series), numbers, tuple(levels), tuple(moments))
    chart = line_chart("c", "Chart", "It says.", (plot, plot), table=Table((), ()))
    assert all(0 <= place <= 100 for panel in chart.panels for place in places(panel))
    # JSON has no numbers that are none.
    json.dumps(chart.data, allow_nan=False)


def test_a_line_has_a_bounded_number_of_points_and_keeps_its_peak() -> None:
    points = [price(minute / 60, "900" if minute == 4_321 else "100") for minute in range(10_000)]
    chart = price_chart("BRK.B", points)
    (line,) = chart.panels[0].drawn
    assert line.path.count("L") < 600
    assert chart.data is not None
    drawn = chart.data["plots"][0]["series"][0]["points"]
    assert len(drawn) <= 600
    assert max(value for _, value in drawn) == 900


@pytest.mark.parametrize("digits", [30, 309, 5_000])
def test_a_price_that_is_too_large_to_be_drawn_stands_in_the_table(digits: int) -> None:
    huge = "1" + "0" * digits
    chart = price_chart(
        "BRK.B",
        prices("180", huge),
        levels_of(huge, "170", None),
        [Moment("Decided", float(BEGIN_US), float(Decimal(huge)))],
    )
    json.dumps(chart.data, allow_nan=False)
    rows = [cell.replace("\u202f", "") for row in chart.table.rows for cell in row]
    assert huge in rows


def test_a_chart_says_its_fact_in_words() -> None:
    chart = price_chart("BRK.B", prices("180", "182.50"), levels_of("182.50", "180.00", None))
    assert chart.says == (
        "BRK.B from 180 on 2026-03-02 12:00:00 UTC to 182.50 on 2026-03-02 13:00:00 UTC,"
        " 2 published prices. Entry 182.50, Stop 180.00."
    )
    assert price_chart("BRK.B", []).says == "No price of BRK.B is in the record yet."
    one = price_chart("BRK.B", prices("180.10"))
    assert one.says == "BRK.B at 180.10 on 2026-03-02 12:00:00 UTC."
    assert len(one.panels[0].dots) == 1


def test_a_moment_has_a_sign_of_its_own_and_a_name_in_the_legend() -> None:
    moments = (
        Moment("Decided", float(BEGIN_US), 180.0),
        Moment("Ended", float(BEGIN_US + HOUR_US), 182.5),
    )
    chart = price_chart("BRK.B", prices("180", "182.50"), (), moments)
    assert [each.sign for each in chart.panels[0].dots] == ["ring", "square"]
    assert [each.name for each in chart.legend][1:] == ["Decided", "Ended"]


def test_only_the_lowest_plot_names_times() -> None:
    plot = Lines("P", "", (Series("s", ((0.0, 1.0), (1e12, 2.0))),), Numbers(Unit.PRICE))
    chart = line_chart("c", "C", "", (plot, plot, plot), table=Table((), ()))
    assert [panel.has_x_labels for panel in chart.panels] == [False, False, True]


def test_an_area_reaches_to_zero() -> None:
    series = Series("s", ((0.0, -1.0), (10.0, -4.0)), Kind.AREA)
    plot = Lines("P", "", (series,), Numbers(Unit.PRICE))
    (panel,) = line_chart("c", "C", "", (plot,), table=Table((), ())).panels
    area = next(each for each in panel.drawn if each.kind == "area")
    assert area.path.endswith("L1000 0L0 0Z")


def test_a_step_stands_until_the_next_value() -> None:
    series = Series("s", ((0.0, 0.0), (5.0, 10.0), (10.0, 10.0)), Kind.STEP)
    plot = Lines("P", "", (series,), Numbers(Unit.PRICE))
    (panel,) = line_chart("c", "C", "", (plot,), table=Table((), ())).panels
    (line,) = panel.drawn
    begin, corner, up, *_ = line.path.removeprefix("M").split("L")
    assert (begin.split()[1], corner) == (corner.split()[1], f"500 {begin.split()[1]}")
    assert up.split()[0] == "500"


@pytest.mark.parametrize("rows", [0, 1, MOST_ROWS, MOST_ROWS + 1, 10_000])
def test_a_table_has_some_rows_and_says_how_many_more_there_are(rows: int) -> None:
    given_rows = [(str(place),) for place in range(rows)]
    table = thinned(("n",), given_rows)
    assert len(table.rows) == min(rows, MOST_ROWS)
    assert table.left_out == rows - len(table.rows)
    if rows:
        assert (table.rows[0], table.rows[-1]) == (given_rows[0], given_rows[-1])
    assert len(set(table.rows)) == len(table.rows)


def test_a_figure_has_a_picture_with_a_name_a_table_and_its_data(made_with: Renderer) -> None:
    points = [price(hours, "180") for hours in range(100)]
    chart = price_chart("BRK.B", points, levels_of("1", "2", "3"), more="/all.csv")
    text = html(made_with, chart)
    assert 'role="img" aria-labelledby="chart-prices-1-title chart-prices-1-says"' in text
    assert f'<desc id="chart-prices-1-says">{chart.says}</desc>' in text
    assert text.count("<tr>") == 1 + MOST_ROWS
    assert '<a href="/all.csv">All of it as CSV</a>' in text
    (data,) = re.findall(r'<script type="application/json">(.*?)</script>', text, re.DOTALL)
    assert json.loads(data) == json.loads(json.dumps(chart.data))


def test_nothing_in_a_figure_is_a_style_or_gets_out_of_its_place(made_with: Renderer) -> None:
    bad = "</script><script>alert(1)</script>\"'<b style=x onload=y>"
    points = [evolve(each, symbol=bad) for each in prices("1", "2")]
    chart = price_chart(bad, points, (Level(bad, 1.5),), (Moment(bad, float(BEGIN_US), 1.0),))
    text = html(made_with, chart)
    assert "<b" not in text
    assert text.count("<script") == text.count("</script>") == 1
    reader = Attributes()
    reader.feed(text)
    assert not {each for each in reader.names if each == "style" or each.startswith("on")}
    assert f"Published prices of {bad}, as a table" in reader.values
