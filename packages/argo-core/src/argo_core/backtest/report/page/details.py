"""The tables below the charts."""

from collections.abc import Sequence

from argo_core.backtest.report.groups import Group, by_reason, by_symbol, reason
from argo_core.backtest.report.page.html import Html, el, join
from argo_core.backtest.report.page.tables import Column, fold, table, toned
from argo_core.backtest.report.report import Report
from argo_core.backtest.report.series import Month, months, spells, years
from argo_core.backtest.report.words import (
    ABSENT,
    count,
    day,
    dollars,
    interval,
    moment,
    percent,
    title,
    value,
)
from argo_core.backtest.trades import BarTrade
from argo_core.trading.order import Side

_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY = 86_400
_FULL = 0.10
"""A month that moved this much has the strongest colour."""


def monthly(report: Report) -> Html:
    """Returns by month and year, a colour to each."""
    told = months(report.dates, report.sessions.path)
    if not told:
        why = el("p", "Undefined: equity fell to zero or below.", class_="soft")
        return el("section", el("h2", "Returns by month"), why)
    by_place = {(one.year, one.month): one.earned for one in told}
    whole = years(told)
    others = [years(months(report.dates, one.path)) for one in report.benchmarks[:1]]
    names = [*_NAMES, "Year", *(one.name for one in report.benchmarks[:1])]
    head = el("tr", el("th", "", scope="col"), *(el("th", one, scope="col") for one in names))
    rows = [
        el(
            "tr",
            el("th", str(year), scope="row"),
            *(_cell(by_place.get((year, month))) for month in range(1, 13)),
            _cell(whole[year], "year"),
            *(_plain(one.get(year)) for one in others),
        )
        for year in whole
    ]
    made = el("table", el("thead", head), el("tbody", *rows), class_="heat")
    return el(
        "section",
        el("h2", "Returns by month, per cent"),
        el("div", made, class_="scroll"),
        el("p", _best(told), class_="kicker"),
    )


def _best(told: Sequence[Month]) -> str:
    up = sum(one.earned > 0 for one in told)
    best, worst = (choose(told, key=lambda one: one.earned) for choose in (max, min))
    return (
        f"{up} of {count(len(told), 'month')} up; best {_NAMES[best.month - 1]} {best.year} "
        f"{percent(best.earned)}, worst {_NAMES[worst.month - 1]} {worst.year} "
        f"{percent(worst.earned)}. The first and the last may be parts of months."
    )


def _cell(earned: float | None, kind: str = "") -> Html:
    if earned is None:
        return el("td", "")
    strength = min(1.0, abs(earned) / _FULL) * 62
    tone = "up" if earned >= 0 else "down"
    return el(
        "td",
        percent(earned, 1).rstrip("%"),
        class_=f"{tone} {kind}".strip(),
        style=f"--p:{strength:.0f}%",
    )


def _plain(earned: float | None) -> Html:
    return el("td", ABSENT if earned is None else percent(earned, 1).rstrip("%"), class_="soft")


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
    told = f"{count(len(groups), 'symbol')} traded, {dollars(total, plus=True)} in all; the best "
    told += f"{len(best)} earned {dollars(gained)}." if best else "earned nothing."
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


_TRADE = (
    Column("Symbol"),
    Column("Side"),
    Column("Opened"),
    Column("Closed"),
    Column("Shares", True),
    Column("Entry", True),
    Column("Exit", True),
    Column("Bars", True),
    Column("Ended by"),
    Column("Fees", True),
    Column("Result", True),
    Column("Return", True),
    Column("R", True),
)


def listed(report: Report, most: int) -> Html:
    """The first and the last trades, and how many lie between."""
    told = report.trades
    heading = el("h2", f"Trades · {len(told):,}")
    if not told:
        return el("section", heading, el("p", "Nothing was traded.", class_="soft"))
    if len(told) <= most:
        return el("section", heading, _trade_table(report, told, ""), class_="long")
    half = most // 2
    between = len(told) - 2 * half
    return el(
        "section",
        heading,
        _trade_table(report, told[:half], f"The first {half}"),
        el("p", f"… {count(between, 'trade')} between …", class_="kicker"),
        _trade_table(report, told[len(told) - half :], f"The last {half}"),
        class_="long",
    )


def _trade_table(report: Report, some: Sequence[BarTrade], caption: str) -> Html:
    return table(_TRADE, [_trade_row(report, one) for one in some], caption=caption)


def _trade_row(report: Report, one: BarTrade) -> tuple[str, ...]:
    paid = one.entry * one.quantity
    return (
        one.symbol,
        "long" if one.side is Side.BUY else "short",
        _when(report, one.opened),
        "open" if one.closed is None else _when(report, one.closed),
        f"{one.quantity:,}",
        dollars(one.entry, 2),
        dollars(one.exit, 2),
        f"{one.bars:,}",
        reason(one),
        dollars(one.fees, 2),
        toned(dollars(one.pnl, 2, plus=True), float(one.pnl)),
        percent(float(one.pnl / paid), plus=True),
        ABSENT if one.r is None else f"{one.r:.2f}".replace("-", "\N{MINUS SIGN}"),
    )


def _when(report: Report, row: int) -> str:
    panel = report.backtest.panel
    if panel.bar_s >= _DAY:
        return day(panel.session[row]).isoformat()
    return moment(int(panel.known_us[row]))[:16].replace("T", " ")


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
