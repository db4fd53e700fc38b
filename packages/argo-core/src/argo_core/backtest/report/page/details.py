"""The tables below the charts."""

from argo_core.backtest.report.groups import Group, by_reason, by_symbol
from argo_core.backtest.report.page.html import Html, el, join
from argo_core.backtest.report.page.tables import Column, fold, table, toned
from argo_core.backtest.report.report import Report
from argo_core.backtest.report.series import spells
from argo_core.backtest.report.words import (
    ABSENT,
    count,
    dollars,
    interval,
    percent,
    title,
    value,
)


def falls(report: Report) -> Html:
    """The deepest times under water."""
    dates, path = report.dates, report.sessions.path
    rows = []
    for one in spells(path, 5):
        end = dates[-1] if one.recovered is None else dates[one.recovered]
        rows.append(
            (
                dates[one.peak].isoformat(),
                dates[one.trough].isoformat(),
                "not yet" if one.recovered is None else end.isoformat(),
                percent(one.depth),
                f"{(end - dates[one.peak]).days:,}",
            )
        )
    columns = [Column("Highest"), Column("Deepest"), Column("Made good")]
    columns += [Column("Depth", True), Column("Days", True)]
    told = table(columns, rows) if rows else el("p", "It never fell.", class_="soft")
    return el("section", el("h2", "Deepest falls"), told)


def endings(report: Report) -> Html | None:
    """Trades by the reason of their end, and the symbols that gave and took most."""
    if not report.trades:
        return None
    columns = [Column("Ended by"), Column("Trades", True), Column("Won", True)]
    columns += [Column("Sum", True), Column("Mean", True)]
    ended = el(
        "section",
        el("h2", "Why trades ended"),
        table(columns, [_group_row(one) for one in by_reason(report.trades)]),
    )
    groups = by_symbol(report.trades)
    best = [one for one in groups[:4] if one.pnl > 0]
    worst = [one for one in groups[-4:] if one.pnl < 0]
    columns = [Column("Symbol"), *columns[1:]]
    total = sum((one.pnl for one in groups), start=groups[0].pnl * 0)
    gained = sum(one.pnl for one in best)
    told = f"{count(len(groups), 'symbol')} traded, {dollars(total, plus=True)} in all; "
    told += f"the best {len(best)} earned {dollars(gained)}." if best else "none earned anything."
    by_name = el(
        "section",
        el("h2", "Who gave and who took"),
        table(columns, [_group_row(one) for one in (*best, *worst)]),
        el("p", told, class_="kicker"),
    )
    return join(ended, by_name)


def _group_row(one: Group) -> tuple[str, ...]:
    mean = one.pnl / one.count
    return (
        one.name,
        f"{one.count:,}",
        percent(one.won / one.count, 0),
        toned(dollars(one.pnl, plus=True), float(one.pnl)),
        toned(dollars(mean, 2, plus=True), float(mean)),
    )


def taken_for_granted(report: Report) -> Html:
    """Assumptions, and the rules that bars cannot tell."""
    told = report.assumptions
    columns = [Column("What"), Column("How")]
    applied = [(one.topic, one.text) for one in told if one.applied]
    left = [(one.topic, one.text) for one in told if not one.applied]
    return el(
        "div",
        el("section", el("h2", "Taken for granted"), table(columns, applied, kind="stack")),
        el("section", el("h2", "Not applied, not known"), table(columns, left, kind="stack")),
        class_="two",
    )


def findings(report: Report, most: int = 40) -> Html:
    """What was wrong with the bars and what was done."""
    told = report.findings
    heading = el("h2", f"Findings in the data · {len(told):,}")
    if not told:
        return el("section", heading, el("p", "None was reported.", class_="soft"))
    rows = [
        (
            one.defect.value.replace("_", " "),
            one.symbol or "all",
            f"{one.count:,}",
            one.first,
            one.rule,
        )
        for one in told
    ]
    columns = [Column("Flaw"), Column("Symbol"), Column("Cases", True)]
    columns += [Column("First"), Column("What was done")]
    made = [table(columns, rows[:most])]
    if len(rows) > most:
        made.append(fold(f"{len(rows) - most:,} more", table(columns, rows[most:])))
    return el("section", heading, *made, class_="long")


def statistics(report: Report) -> Html:
    """Every statistic with its definition, its source, its count, and why it is undefined."""
    columns = [Column("Statistic"), Column("Value", True), Column("95% interval", True)]
    columns += [Column(one.name, True) for one in report.benchmarks]
    columns += [Column("n", True), Column("Definition")]
    others = [{each.name: each for each in one.statistics} for one in report.benchmarks]
    rows = []
    for one in report.statistics:
        beside = (each.get(one.name) for each in others)
        rows.append(
            (
                title(one.name),
                value(one),
                interval(one),
                *(ABSENT if each is None else value(each) for each in beside),
                f"{one.n:,}",
                join(
                    el("span", f"Undefined: {one.reason}. ", class_="bad") if one.reason else None,
                    f"{one.definition}. ",
                    el("span", one.source, class_="soft"),
                ),
            )
        )
    notes = [el("li", f"{one.name}: {one.note}") for one in report.benchmarks if one.note]
    return el(
        "section",
        el("h2", "All statistics"),
        table(columns, rows, kind="stats stack"),
        el("ul", *notes, class_="kicker") if notes else None,
        class_="long",
    )
