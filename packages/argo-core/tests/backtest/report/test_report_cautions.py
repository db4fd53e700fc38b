from collections.abc import Callable

import numpy as np
from attrs import evolve

from argo_core.backtest.bars.finding import Defect, Finding
from argo_core.backtest.bars.plan import Costs, Exits, Plan
from argo_core.backtest.report.benchmark import Benchmark
from argo_core.backtest.report.cautions import cautions
from argo_core.backtest.report.report import Report
from argo_core.backtest.statistics.statistic import Statistic

Make = Callable[..., Report]


def told(report: Report) -> str:
    return "\n".join(one.text for one in cautions(report))


def test_an_end_by_the_drawdown_rule_is_said_with_its_date(make_report: Make) -> None:
    said = told(make_report(rows=60, halted=20))
    assert "Halted by the drawdown rule on 2014-01-30: no entry in the 39 rows after it" in said
    assert "The daily loss rule stopped entries in 40 sessions." in said
    assert "alted" not in told(make_report(rows=60))


def test_a_world_without_costs_is_called_one(make_report: Make) -> None:
    plan = Plan(costs=Costs(spread_ppm=0, slippage_ppm=0, participation_ppm=0))
    said = told(make_report(rows=60, plan=plan))
    assert "No spread and no slippage" in said
    assert "not bounded by volume" in said
    assert "bounded" not in told(make_report(rows=60))


def test_few_trades_and_few_sessions_say_next_to_nothing(make_report: Make) -> None:
    said = told(make_report(rows=60))
    assert "Only 4 closed trades" in said
    assert "1 position still open" in said
    assert "Only 59 daily returns" in said
    assert "Only" not in told(make_report(rows=400))


def test_a_market_that_is_always_open_is_said_to_be_reckoned_as_others(make_report: Make) -> None:
    report = make_report(rows=60)
    assert "sessions a year" not in told(report)
    panel = report.backtest.panel
    always = evolve(panel, session=panel.session[0] + np.arange(panel.rows))
    said = told(Report.of(evolve(report.backtest, panel=always), ()))
    assert "365 sessions a year; yearly figures are reckoned with 252" in said


def test_nothing_traded_is_said_alone(make_report: Make) -> None:
    said = told(make_report(rows=60, fills=[]))
    assert "Nothing was traded" in said
    assert "closed trade" not in said


def test_a_sharpe_ratio_that_may_be_zero_is_doubted(make_report: Make) -> None:
    report = make_report(rows=400)
    sharpe = report.statistic("sharpe")
    assert sharpe is not None

    def between(low: float | None, high: float | None) -> Report:
        return evolve(report, statistics=(evolve(sharpe, low=low, high=high),))

    assert "may be zero: its 95% interval is −0.50 to 1.00" in told(between(-0.5, 1.0))
    assert "may be zero" not in told(between(0.1, 1.0))
    assert "may be zero" not in told(between(None, None))
    assert "may be zero" not in told(evolve(report, statistics=()))


def test_a_ratio_that_was_not_deflated_is_said_to_be_so(make_report: Make) -> None:
    report = make_report(rows=400)
    assert "Not corrected" in told(report)
    found = report.statistic("deflated_sharpe")
    assert isinstance(found, Statistic)
    known = evolve(found, value=0.9, reason=None)
    assert "Not corrected" not in told(evolve(report, statistics=(known,)))


def test_a_benchmark_that_earned_more_is_named(make_report: Make) -> None:
    report = make_report(rows=60)
    assert "No benchmark" in told(report)
    rising = np.linspace(100, 300, 60).astype(np.int64)
    falling = np.linspace(300, 100, 60).astype(np.int64)
    others = (Benchmark(name="Up", path=rising), Benchmark(name="Down", path=falling))
    said = told(evolve(report, benchmarks=others))
    assert "Up earned more: 200.00% against" in said
    assert "Down" not in said
    assert "No benchmark" not in said


def test_flaws_notes_and_the_origin_of_the_data_are_said(make_report: Make) -> None:
    flaws = (
        Finding(Defect.JUMP, None, 3, "2014-01-05", "kept"),
        Finding(Defect.LATE_START, None, 1, "2014-01-05", "kept"),
        Finding(Defect.JUMP, None, 4, "2014-02-05", "kept"),
    )
    report = evolve(make_report(rows=60, findings=flaws), notes=("Only survivors.",))
    said = told(report)
    assert "jump 7, late start 1" in said
    assert "Only survivors." in said
    assert "made by chance" in said


def test_what_speaks_against_the_result_comes_first(make_report: Make) -> None:
    grave = [one.grave for one in cautions(make_report(rows=60, halted=20))]
    assert grave == sorted(grave, reverse=True)
    assert len(set(grave)) == 2


def test_bars_of_nobody_knows_where_say_so(make_report: Make) -> None:
    report = make_report()
    nameless = evolve(report.backtest.panel, origin="")
    told = cautions(evolve(report, backtest=evolve(report.backtest, panel=nameless)))
    assert told[-1].text.endswith("is missing, and where they come from is not told.")


def test_an_end_of_time_within_one_bar_is_said(make_report: Make) -> None:
    hourly = Plan(exits=Exits(horizon_s=3_600))
    assert "Positions end 1 hour after the decision" in told(make_report(rows=60, plan=hourly))
    for horizon_s in (0, 5 * 86_400):
        plan = Plan(exits=Exits(horizon_s=horizon_s))
        assert "Positions end" not in told(make_report(rows=60, plan=plan))


def test_what_the_caller_remarks_explains_and_does_not_warn(make_report: Make) -> None:
    report = evolve(make_report(rows=60), remarks=("A check was passed.",))
    (told,) = [one for one in cautions(report) if one.text == "A check was passed."]
    assert not told.grave
