from collections.abc import Callable

import pytest
from attrs import evolve

from argo_core.backtest.backtest import Backtest
from argo_core.backtest.report.benchmark import Benchmark
from argo_core.backtest.report.report import Reliability, Report
from argo_core.backtest.report.series import daily_returns, rolling, spells
from argo_core.errors import InvalidInput

Make = Callable[..., Report]


def test_a_report_finds_trades_and_sessions_in_its_backtest(make_report: Make) -> None:
    report = make_report(rows=60)
    assert len(report.trades) == 5
    assert len(report.dates) == len(report.sessions.path) == 60
    assert report.dates[0].isoformat() == "2014-01-02"
    assert [one.open for one in report.trades] == [False] * 4 + [True]


def test_a_session_of_many_rows_begins_and_ends_on_its_own_date(make_report: Make) -> None:
    report = make_report(rows=30, bar_s=60)
    assert [one.isoformat() for one in report.dates] == ["2014-01-02"] * 2


def test_a_statistic_is_found_by_its_name(make_report: Make) -> None:
    report = make_report(rows=30)
    found = report.statistic("sharpe")
    assert found is not None
    assert found.name == "sharpe"
    assert report.statistic("luck") is None


def test_a_benchmark_of_other_sessions_is_refused(make_report: Make) -> None:
    report = make_report(rows=30)
    other = Benchmark(name="hold", path=report.sessions.path[:-1])
    with pytest.raises(InvalidInput, match="hold has 29 values, the backtest 30"):
        evolve(report, benchmarks=(other,))


@pytest.mark.parametrize("path", [[], [0, 10], [-5, 10]])
def test_a_benchmark_that_begins_with_nothing_is_refused(path: list[int]) -> None:
    with pytest.raises(InvalidInput, match="begins with nothing"):
        Benchmark(name="hold", path=path)


def test_a_benchmark_of_a_path_has_the_same_figures_as_a_backtest_of_that_path(
    make_backtest: Callable[..., Backtest],
) -> None:
    backtest = make_backtest(rows=40)
    report = Report.of(backtest, ())
    told = Benchmark.of_path("same", report.sessions.path, report.sessions.path_dates)
    whole = Benchmark.of("whole", backtest, told.statistics)
    assert whole.path.tolist() == told.path.tolist()
    names = [one.name for one in told.statistics]
    assert names[:4] == ["total_return", "cagr", "volatility", "sharpe"]
    assert all(one.value is not None for one in told.statistics)


@pytest.mark.parametrize("name", ["said", "happened", "low", "high"])
def test_a_chance_lies_between_zero_and_one(name: str) -> None:
    with pytest.raises(InvalidInput, match=f"{name}: 1.5 is no chance"):
        evolve(Reliability(said=0.5, happened=0.5, n=3), **{name: 1.5})  # type: ignore[arg-type]


def test_a_point_of_no_verdicts_is_refused() -> None:
    with pytest.raises(InvalidInput, match="0 verdicts"):
        Reliability(said=0.5, happened=0.5, n=0)


def test_spells_under_water_are_told_deepest_first_and_the_last_may_not_end() -> None:
    found = spells([100, 90, 100, 120, 60, 130, 125, 128], 5)
    assert [(one.peak, one.trough, one.recovered) for one in found] == [
        (3, 4, 5),
        (0, 1, 2),
        (5, 6, None),
    ]
    assert found[0].depth == pytest.approx(-0.5)
    assert spells([100, 90, 100, 120, 60, 130, 125, 128], 1) == found[:1]


def test_a_path_that_only_rises_was_never_under_water() -> None:
    assert spells([100, 100, 110, 120], 5) == ()
    assert spells([100], 5) == ()


def test_there_are_no_returns_of_an_account_that_is_lost() -> None:
    assert len(daily_returns([100, 0, 10])) == 0


def test_a_rolling_ratio_is_as_long_as_the_path_and_empty_before_its_window() -> None:
    told = rolling([100 + (place % 3) + place for place in range(200)])
    assert len(told) == 200
    assert (told == told).sum() == 200 - 126  # noqa: PLR0124 - NaN is not itself
    assert len(rolling([100, 101])) == 2
