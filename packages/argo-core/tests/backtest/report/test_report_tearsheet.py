import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from argo_core.backtest.bars.finding import Defect, Finding
from argo_core.backtest.report.benchmark import Benchmark
from argo_core.backtest.report.page.html import Html, el, join, text
from argo_core.backtest.report.page.months import heat_map
from argo_core.backtest.report.page.style import STYLE
from argo_core.backtest.report.report import Reliability, Report
from argo_core.backtest.report.tearsheet import POLICY, tearsheet
from argo_core.market.instrument import Symbol

Make = Callable[..., Report]
Read = Callable[[str], Any]

HOSTILE = (
    "</style></title><script>alert(1)</script><img src=x onerror=alert(2)>\"' onload='x' "
    "--><!-- ]]> javascript:x $x^2$ {0} %s \x00 \u202egnp.exe &lt; \N{SNOWMAN}"
)


def full(report: Report, name: str = "Equal weight") -> Report:
    path, dates = report.sessions.path, report.sessions.path_dates
    others = [
        Benchmark.of_path(name if place == 0 else f"{name} {place}", scaled, dates, name)
        for place, scaled in enumerate([path * 3, path[0] + np.arange(len(path)) * 1000])
    ]
    points = (
        Reliability(said=0.55, happened=0.5, n=40, low=0.4, high=0.6),
        Reliability(said=0.75, happened=0.7, n=10),
    )
    return evolve(
        report, benchmarks=tuple(others), reliability=points, notes=(name,), versions={name: name}
    )


def test_the_same_report_gives_the_same_page(make_report: Make) -> None:
    one, other = (tearsheet(full(make_report(rows=150))) for _ in range(2))
    assert one == other


def test_a_page_is_whole_and_asks_nobody_for_anything(make_report: Make, read_page: Read) -> None:
    report = full(make_report(rows=300, halted=200))
    told = tearsheet(report)
    page = read_page(told)
    assert page.active == set()
    assert page.handlers == []
    assert page.outside == []
    assert len(set(page.ids)) == len(page.ids)
    assert f'content="{text(POLICY)}"' in told
    assert "://" not in told
    assert "url(" not in STYLE
    assert set(re.findall(r"url\(([^)]*)\)", told)) <= {f"#{one}" for one in page.ids}
    assert "@import" not in told
    assert page.tags.count("svg") > 10


def test_figures_warnings_charts_tables_and_hashes_are_there(
    make_report: Make, read_page: Read
) -> None:
    flaws = tuple(Finding(Defect.JUMP, Symbol("AAA"), 3, f"{n}", "kept") for n in range(45))
    report = full(make_report(rows=300, findings=flaws))
    words = read_page(tearsheet(report)).words
    for heading in (
        "Before you believe it",
        "Money",
        "Returns by month, per cent",
        "Rolling Sharpe ratio",
        "Daily returns",
        "Deepest falls",
        "Why trades ended",
        "Who gave and who took",
        "Trades on prices",
        "Reliability of confidence",
        "All statistics",
        "Taken for granted",
        "Not applied, not known",
    ):
        assert heading in words
    assert "Trades · 25" in words
    assert "5 trades between" in words
    assert "5 more" in words
    run = report.backtest
    for digest in (run.panel.sha256, run.request_sha256, run.result_sha256):
        assert digest in words
    assert words.index("Before you believe it") < words.index("Total return")


def test_every_statistic_is_shown_with_its_definition_source_and_reason(
    make_report: Make, read_page: Read
) -> None:
    report = make_report(rows=40, fills=[])
    words = read_page(tearsheet(report)).words
    undefined = [one for one in report.statistics if one.reason]
    assert undefined
    for one in report.statistics:
        assert one.definition in words
        assert one.source in words
    for one in undefined:
        assert f"Undefined: {one.reason}" in words


def test_hostile_names_are_text_and_nothing_else(make_report: Make, read_page: Read) -> None:
    flaws = (Finding(Defect.JUMP, Symbol(HOSTILE), 3, HOSTILE, HOSTILE),)
    report = make_report(
        rows=150,
        strategy=HOSTILE,
        symbols=(HOSTILE, "BBB"),
        name=HOSTILE,
        parameters={HOSTILE: HOSTILE},
        findings=flaws,
    )
    harmless = read_page(tearsheet(full(make_report(rows=150, findings=flaws[:1]), "x")))
    told = tearsheet(full(report, HOSTILE))
    page = read_page(told)
    assert page.active == set()
    assert page.handlers == []
    assert page.outside == []
    assert page.tags.count("style") == page.tags.count("title") == 1
    assert set(page.tags) == set(harmless.tags)
    assert "\x00" not in told
    assert "\u202e" not in told
    assert "<script>alert(1)</script>" in page.words


@pytest.mark.parametrize("rows", [1, 2, 25])
def test_the_shortest_results_have_a_page(make_report: Make, read_page: Read, rows: int) -> None:
    words = read_page(tearsheet(make_report(rows=rows, fills=[]))).words
    assert "Nothing was traded." in words
    assert "Undefined: it takes 126 returns" in words
    assert "Trades on prices" not in words
    assert "Reliability" not in words


def test_an_account_that_never_moved_has_no_shape_and_never_fell(
    make_report: Make, read_page: Read
) -> None:
    report = make_report(rows=200, fills=[], equity=[1_000_000_000] * 200)
    words = read_page(tearsheet(report)).words
    assert "199 returns, too few or all the same." in words
    assert "It never fell." in words


def test_an_account_that_was_lost_has_a_page(make_report: Make, read_page: Read) -> None:
    equity = [1_000_000_000, 500_000_000, -1_000_000, -1_000_000, -1_000_000]
    words = read_page(tearsheet(make_report(rows=5, fills=[], equity=equity))).words
    assert "0 returns, too few" in words


def test_an_account_that_grew_many_times_is_drawn_by_shares(
    make_report: Make, read_page: Read
) -> None:
    equity = np.geomspace(1_000_000_000, 9_000_000_000, 60).astype(np.int64)
    words = read_page(tearsheet(make_report(rows=60, equity=equity))).words
    assert "Worth of the account, logarithmic" in words


def test_bars_within_a_day_are_told_to_the_minute(make_report: Make, read_page: Read) -> None:
    words = read_page(tearsheet(make_report(rows=40, bar_s=60))).words
    assert "40 rows of 1 minute" in words
    assert "2014-01-02 21:02" in words


def test_few_trades_are_listed_all(make_report: Make, read_page: Read) -> None:
    report = make_report(rows=60)
    words = read_page(tearsheet(report)).words
    assert "Trades · 5" in words
    assert "between" not in words.partition("Trades · 5")[2].partition("All statistics")[0]


def test_only_losses_are_no_gain_of_anybody(make_report: Make, read_page: Read) -> None:
    lost = [[2, 0, 1, 10, 500_000, 0, 0, 1, 0], [4, 0, -1, 10, 400_000, 0, 4, 3, 0]]
    words = read_page(tearsheet(make_report(rows=30, fills=lost))).words
    assert "none earned anything" in words


def test_months_are_coloured_by_their_size(make_report: Make) -> None:
    equity = [1_000_000_000] * 20 + [1_200_000_000] * 20 + [1_200_000_000] * 20
    told = heat_map(make_report(rows=60, fills=[], equity=equity))
    assert 'class="up" style="--p:62%">20.0<' in told
    assert 'class="up" style="--p:0%">0.0<' in told


def test_what_is_not_html_is_escaped_and_what_is_stays() -> None:
    assert el("b", "<i>", Html("<u></u>"), None) == "<b>&lt;i&gt;<u></u></b>"
    assert el("meta", content='"', lang="") == '<meta content="&quot;" lang>'
    assert el("p", class_="x", aria_label="y", title=None) == '<p class="x" aria-label="y"></p>'
    assert text("a\nb\x07") == "a b\N{REPLACEMENT CHARACTER}7"


@given(st.text(), st.text())
def test_any_text_comes_back_as_text(inside: str, attribute: str) -> None:
    told = join(el("p", inside, title=attribute))
    assert told.count("<") == 2
    assert told.count(">") == 2
    assert told.count('"') in (0, 2)
