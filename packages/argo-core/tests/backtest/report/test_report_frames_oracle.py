from collections.abc import Callable

import pytest
from attrs import evolve

from argo_core.backtest.report.benchmark import Benchmark
from argo_core.backtest.report.notebook import Result
from argo_core.backtest.report.report import Report

pytestmark = pytest.mark.oracle

Make = Callable[..., Report]


def test_frames_have_moments_dates_and_numbers_of_their_kinds(make_report: Make) -> None:
    pandas = pytest.importorskip("pandas")
    report = make_report(rows=60)
    held = Benchmark(name="hold", path=report.sessions.path * 2)
    result = Result(evolve(report, benchmarks=(held,)))
    trades, equity, told = result.trades_frame(), result.equity_frame(), result.statistics_frame()
    assert len(trades) == len(report.trades)
    assert str(trades["opened"].dt.tz) == "UTC"
    assert pandas.isna(trades["closed"].iloc[-1])
    assert trades["pnl"].sum() == pytest.approx(float(sum(one.pnl for one in report.trades)))
    assert list(equity.columns) == ["equity", "hold"]
    assert equity["equity"].iloc[-1] == pytest.approx(report.sessions.path[-1] / 10_000)
    assert (equity["hold"] == equity["equity"]).all()
    assert equity.index.name == "date"
    assert list(told.index) == [one.name for one in report.statistics]
    assert told["value"].isna().sum() == sum(one.value is None for one in report.statistics)


def test_frames_of_nothing_are_empty(make_report: Make) -> None:
    pytest.importorskip("pandas")
    result = Result(make_report(rows=1, fills=[]))
    assert len(result.trades_frame()) == 0
    assert len(result.equity_frame()) == 1
