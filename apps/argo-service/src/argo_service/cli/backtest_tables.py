"""A backtest as tables for people: figures with what they mean, warnings, findings, assumptions."""

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.table import Table

from argo_core.backtest.bars.finding import Finding
from argo_core.backtest.report.cautions import cautions
from argo_core.backtest.report.report import Report
from argo_core.backtest.report.words import count, dollars, interval, title, value
from argo_core.backtest.strategies.table import Entry
from argo_service.backtesting.dataset import Dataset

COMPARED = ("total_return", "cagr", "volatility", "sharpe", "max_drawdown")
"""What is shown of the benchmarks beside the strategy's own."""

WIDE = 140
"""Columns from which on there is room for definitions."""


def draw(console: Console, report: Report) -> None:
    """All of it, the most important last, where a terminal leaves the eye."""
    _draw_taken_for_granted(console, report)
    _draw_findings(console, report)
    _draw_statistics(console, report)
    if report.benchmarks:
        _draw_benchmarks(console, report)
    for one in cautions(report):
        mark = "[bold]![/bold]" if one.grave else "·"
        console.print(f"{mark} {_plain(one.text)}")
    console.print(_plain(_head(report)))
    console.print(f"result {report.backtest.result_sha256}")


def _head(report: Report) -> str:
    run, panel = report.backtest, report.backtest.panel
    first, last = report.dates[0], report.dates[-1]
    bars = f"{count(panel.bars, 'bar')} of {count(len(panel.symbols), 'symbol')}"
    money = f"{dollars(run.plan.capital)} became {dollars(report.sessions.path[-1] / 10_000)}"
    made = ", ".join(f"{name} {one}" for name, one in run.parameters.items() if one)
    return f"{run.strategy} ({made}) on {panel.name}, {bars}, {first} to {last}: {money}"


def _draw_taken_for_granted(console: Console, report: Report) -> None:
    table = Table(title="Taken for granted", title_justify="left", show_header=False, box=None)
    for one in report.assumptions:
        table.add_row(one.topic, _plain(one.text), style=None if one.applied else "dim")
    console.print(table)


def _draw_findings(console: Console, report: Report) -> None:
    if not report.findings:
        return
    table = Table(title="Found in the bars", title_justify="left", box=None, padding=(0, 1))
    for name in ("what", "symbols", "cases", "first", "what was done"):
        table.add_column(name, justify="right" if name in {"symbols", "cases"} else "left")
    kinds: dict[tuple[str, str], list[Finding]] = {}
    for one in report.findings:
        kinds.setdefault((one.defect.value, one.rule), []).append(one)
    for (defect, rule), found in kinds.items():
        cases = f"{sum(one.count for one in found):,}"
        symbols = "all" if found[0].symbol is None else f"{len(found):,}"
        first = min(found, key=lambda one: one.first)
        where = f"{first.symbol or ''} {first.first}".strip()
        table.add_row(defect.replace("_", " "), symbols, cases, where, _plain(rule))
    console.print(table)


def _draw_statistics(console: Console, report: Report) -> None:
    wide = console.width >= WIDE
    table = Table(title="Statistics", title_justify="left", box=None, padding=(0, 1))
    table.add_column("statistic", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("95 %", no_wrap=True)
    table.add_column("n", justify="right")
    if wide:
        table.add_column("definition, or why there is none", overflow="fold")
    for one in report.statistics:
        said = f"{one.definition} ({one.source})" if one.reason is None else f"none: {one.reason}"
        told = (_plain(said),) if wide else ()
        table.add_row(title(one.name), value(one), interval(one), f"{one.n:,}", *told)
    console.print(table)
    if not wide:
        for one in report.statistics:
            if one.reason is not None:
                console.print(f"{title(one.name)}: none, {_plain(one.reason)}.")
        console.print(f"Definitions: in a terminal of {WIDE} columns, by --json or --html.\n")


def _draw_benchmarks(console: Console, report: Report) -> None:
    table = Table(title="Beside it", title_justify="left", box=None, padding=(0, 1))
    table.add_column("")
    for name in COMPARED:
        table.add_column(title(name), justify="right")
    rows = [(report.backtest.strategy, report.statistics)]
    rows += [(one.name, one.statistics) for one in report.benchmarks]
    for name, statistics in rows:
        known = {one.name: value(one) for one in statistics}
        table.add_row(_plain(name), *(known.get(each, "") for each in COMPARED))
    console.print(table)


def draw_choices(
    console: Console, datasets: Sequence[Dataset], strategies: Mapping[str, Entry]
) -> None:
    """What there is to try, and to try it on."""
    table = Table(title="Data sets", title_justify="left", box=None, padding=(0, 1))
    for name in ("name", "kind", "symbols", "from", "to"):
        table.add_column(name)
    for one in datasets:
        told: Iterable[object] = (one.kind.value, one.symbols, one.start, one.end)
        table.add_row(one.name, *("" if each is None else str(each) for each in told))
    console.print(table)
    table = Table(title="Strategies", title_justify="left", box=None, padding=(0, 1))
    for name in ("name", "what it does", "parameters"):
        table.add_column(name)
    for name, entry in strategies.items():
        made = "\n".join(f"{one.name}={one.default:g}  {one.meaning}" for one in entry.parameters)
        table.add_row(name, entry.meaning, _plain(made))
    console.print(table)


def _plain(text: str) -> str:
    """So that brackets in a text are no markup."""
    return text.replace("[", r"\[")
