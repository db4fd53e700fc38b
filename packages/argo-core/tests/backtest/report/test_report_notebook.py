import csv
import io
import sys
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from argo_core.backtest.report.as_json import to_json
from argo_core.backtest.report.benchmark import Benchmark
from argo_core.backtest.report.notebook import Result
from argo_core.backtest.report.report import Report
from argo_core.backtest.report.tearsheet import tearsheet
from argo_core.errors import InvalidInput

Make = Callable[..., Report]
Read = Callable[[str], Any]


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_result_says_warnings_and_figures_when_it_is_typed(make_report: Make) -> None:
    told = repr(Result(make_report(rows=60, strategy="one\ntwo\x1b[31m")))
    assert told.splitlines()[0] == "one"
    assert "\x1b" not in told
    assert "! Only 4 closed trades" in told
    assert "Sharpe" in told
    assert "the number of trials is not known" in told


def test_a_cell_shows_a_page_in_a_frame_that_may_run_nothing(
    make_report: Make, read_page: Read
) -> None:
    told = Result(make_report(rows=60, strategy="<b>\"'"))._repr_html_()
    frame = read_page(told)
    assert frame.tags == ["iframe"]
    assert "sandbox " in told
    inner = read_page(frame.attributes["srcdoc"])
    assert inner.active == set()
    assert "Money" in inner.words
    assert "<b>\"'" in inner.words


def test_a_cell_without_matplotlib_still_shows_figures(
    make_report: Make, read_page: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    frame = read_page(Result(make_report(rows=60))._repr_html_())
    words = read_page(frame.attributes["srcdoc"]).words
    assert "matplotlib: it is not installed" in words
    assert "Total return" in words


def test_a_plot_is_a_figure_that_names_its_lines(make_report: Make) -> None:
    report = make_report(rows=60)
    path, dates = report.sessions.path, report.sessions.path_dates
    held = Benchmark.of_path("$held$", path, dates)
    drawn = Result(evolve(report, benchmarks=(held,))).plot()
    assert type(drawn).__name__ == "Figure"
    top, middle, bottom = drawn.axes
    assert [one.get_text() for one in top.get_legend().get_texts()] == ["$held$", "made-by-hand"]
    own = top.get_lines()[1].get_ydata()
    assert own[-1] == pytest.approx(path[-1] / 10_000)
    assert middle.get_lines()
    assert bottom.get_title(loc="left").startswith("Invested")


def test_page_and_json_are_those_of_the_report(make_report: Make) -> None:
    report = make_report(rows=40)
    assert Result(report).html() == tearsheet(report)
    assert Result(report).json() == to_json(report)


def test_csv_has_every_trade_and_every_session(make_report: Make) -> None:
    report = make_report(rows=60)
    path = report.sessions.path
    others = (Benchmark(name="equity", path=path * 2), Benchmark(name="=cmd()", path=path))
    result = Result(evolve(report, benchmarks=others))
    trades, equity = table(result.trades_csv()), table(result.equity_csv())
    assert len(trades) == len(report.trades)
    assert trades[0]["entry"] == "50.0000"
    assert trades[-1]["closed"] == ""
    assert [one["equity"] for one in equity] == [one["equity 1"] for one in equity]
    assert equity[0] == {
        "date": "2014-01-02",
        "equity": "100000.0000",
        "equity 1": "100000.0000",
        "'=cmd()": "100000.0000",
    }


def test_a_spreadsheet_runs_nothing_and_negative_numbers_stay_numbers(make_report: Make) -> None:
    report = make_report(rows=60, symbols=("=1+1", "@x"))
    told = table(Result(report).trades_csv())
    assert {one["symbol"] for one in told} == {"'=1+1", "'@x"}
    assert any(one["pnl"].startswith("-") for one in told)


@pytest.mark.parametrize("name", ["trades_frame", "equity_frame", "statistics_frame"])
def test_without_pandas_a_frame_says_what_to_install(
    make_report: Make, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InvalidInput, match="pandas: it is not installed; install it: pip"):
        getattr(Result(make_report(rows=30)), name)()
