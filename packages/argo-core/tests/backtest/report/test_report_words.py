from decimal import Decimal

import pytest

from argo_core.backtest.report import words
from argo_core.backtest.statistics.statistic import Statistic, Unit


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (0.1234, Unit.SHARE, "12.34%"),
        (-0.05, Unit.RATE, "−5.00%"),
        (-0.000001, Unit.SHARE, "0.00%"),
        (0.975, Unit.PROBABILITY, "97.5%"),
        (-1234.5, Unit.DOLLARS, "−$1,234.50"),
        (1.0, Unit.DAYS, "1 day"),
        (12.5, Unit.SESSIONS, "12.5 sessions"),
        (1200.0, Unit.TRADES, "1,200 trades"),
        (3.0, Unit.BARS, "3 bars"),
        (-4.25, Unit.BASIS_POINTS, "−4.2 bp"),
        (-0.5, Unit.R, "−0.50 R"),
        (1.5, Unit.RATIO, "1.50"),
        (-2e20, Unit.RATIO, "−2e+20"),
    ],
)
def test_a_figure_is_read_in_its_unit(value: float, unit: Unit, told: str) -> None:
    assert words.figure(value, unit) == told


def test_every_unit_is_read() -> None:
    assert all(words.figure(1.0, unit) for unit in Unit)


def test_amounts_have_their_sign_before_the_dollar_and_none_at_nothing() -> None:
    assert words.dollars(Decimal("-3.456"), 2) == "−$3.46"
    assert words.dollars(Decimal(5), plus=True) == "+$5"
    assert words.dollars(Decimal("-0.001"), 2, plus=True) == "$0.00"
    assert words.worth(12_340_000) == "$1,234"
    assert words.percent(0.05, plus=True) == "+5.00%"


def test_names_become_headings() -> None:
    assert words.title("max_drawdown") == "Max drawdown"
    assert words.title("cagr") == "CAGR"
    assert words.title("deflated_sharpe") == "Deflated Sharpe"
    assert words.title("mean_r") == "Mean R"


def test_durations_are_told_in_the_greatest_unit_that_tells_them_whole() -> None:
    assert [words.span(one) for one in (0, 1, 90, 60, 5_400, 3_600, 172_800)] == [
        "0 days",
        "1 second",
        "90 seconds",
        "1 minute",
        "90 minutes",
        "1 hour",
        "2 days",
    ]


def test_shares_have_the_places_that_they_need() -> None:
    assert [words.share(one) for one in (0, 200, 100_000, 1_000_000)] == [
        "0%",
        "0.02%",
        "10%",
        "100%",
    ]


def test_what_is_undefined_is_a_dash_and_has_no_interval() -> None:
    none = Statistic(
        name="x", value=None, unit=Unit.RATIO, definition="d", source="s", reason="why", n=0
    )
    some = Statistic(
        name="x",
        value=1.0,
        unit=Unit.RATIO,
        definition="d",
        source="s",
        reason=None,
        n=9,
        low=-0.5,
        high=2.5,
    )
    assert (words.value(none), words.interval(none)) == ("—", "")
    assert (words.value(some), words.interval(some)) == ("1.00", "−0.50 to 2.50")


def test_days_and_moments_are_iso() -> None:
    assert words.day(16_072).isoformat() == "2014-01-02"
    assert words.moment(16_072 * 86_400_000_000 + 1) == "2014-01-02T00:00:00Z"
