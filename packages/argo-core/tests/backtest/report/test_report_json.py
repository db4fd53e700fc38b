import json
from collections.abc import Callable
from typing import Any

from attrs import evolve

from argo_core.backtest.bars.finding import Defect, Finding
from argo_core.backtest.report.as_json import FORMAT, to_json
from argo_core.backtest.report.benchmark import Benchmark
from argo_core.backtest.report.report import Reliability, Report

Make = Callable[..., Report]
FLAW = (Finding(Defect.JUMP, None, 3, "2014-01-05", "kept"),)


def read(report: Report, **told: Any) -> Any:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(to_json(report, **told), parse_constant=refuse)


def full(report: Report) -> Report:
    path = report.sessions.path
    hold = Benchmark.of_path("hold", path, report.sessions.path_dates, "held")
    point = Reliability(said=0.6, happened=0.55, n=40)
    return evolve(report, benchmarks=(hold,), reliability=(point,), versions={"argo": "1"})


def test_the_same_report_gives_the_same_bytes(make_report: Make) -> None:
    one, other = (full(make_report(rows=80, findings=FLAW)) for _ in range(2))
    assert one is not other
    assert to_json(one) == to_json(other)


def test_parameters_in_another_order_give_the_same_bytes(make_report: Make) -> None:
    one = make_report(rows=30, parameters={"a": "1", "b": "2"})
    other = make_report(rows=30, parameters={"b": "2", "a": "1"})
    assert to_json(one) == to_json(other)


def test_every_statistic_is_there_and_null_stands_beside_a_reason(make_report: Make) -> None:
    report = make_report(rows=30, fills=[])
    told = read(report)["statistics"]
    assert [one["name"] for one in told] == [one.name for one in report.statistics]
    assert all((one["value"] is None) == bool(one["reason"]) for one in told)
    assert all(one["definition"] and one["source"] and one["unit"] for one in told)
    assert any(one["value"] is None for one in told)


def test_hashes_name_data_request_and_result(make_report: Make) -> None:
    report = make_report(rows=30)
    run = report.backtest
    assert read(report)["hashes"] == {
        "data": run.panel.sha256,
        "request": run.request_sha256,
        "result": run.result_sha256,
    }


def test_money_is_exact_text_and_moments_are_utc(make_report: Make) -> None:
    told = read(full(make_report(rows=60, findings=FLAW)))
    assert told["format"] == FORMAT
    assert told["equity"]["values"][0] == "100000.0000"
    assert told["plan"]["capital"] == "100000"
    assert told["account"] == {"fees": "1.2345", "borrow": "0.0000"}
    first = told["trades"]["listed"][0]
    assert (first["opened"], first["entry"]) == ("2014-01-04T21:00:00Z", "50.0000")
    assert told["trades"]["listed"][-1]["closed"] is None
    assert told["findings"][0]["defect"] == "jump"
    assert told["benchmarks"][0]["equity"] == told["equity"]["values"]
    assert told["years"][0]["year"] == 2014
    assert told["versions"] == {"argo": "1"}


def test_trades_can_be_bounded_and_are_counted_all_the_same(make_report: Make) -> None:
    told = read(make_report(rows=300), most_trades=4)["trades"]
    assert len(told["listed"]) == 4
    assert told["count"] == 25


def test_a_single_row_without_a_trade_is_a_report(make_report: Make) -> None:
    told = read(make_report(rows=1, fills=[]))
    assert told["data"]["rows"] == 1
    assert told["trades"] == {"count": 0, "listed": []}
    assert told["years"] == [{"year": 2014, "months": [None] * 12, "total": None}]
