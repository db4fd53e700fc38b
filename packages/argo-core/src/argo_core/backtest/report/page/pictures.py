"""The charts of the page, each with words for those who cannot see it."""

from collections.abc import Callable
from typing import Any

from argo_core.backtest.report.charts.canvas import style, svg
from argo_core.backtest.report.charts.equity import beside, equity
from argo_core.backtest.report.charts.look import NARROW, WIDE, Look
from argo_core.backtest.report.charts.prices import MOST, prices
from argo_core.backtest.report.charts.reliability import reliability
from argo_core.backtest.report.charts.returns import rolling, spread
from argo_core.backtest.report.groups import most_traded
from argo_core.backtest.report.page.html import Html, el, join, text
from argo_core.backtest.report.page.tables import Column, fold, table
from argo_core.backtest.report.report import Report
from argo_core.backtest.report.series import daily_returns
from argo_core.backtest.report.words import count, dollars, percent, worth
from argo_core.backtest.statistics.calendar import ROLLING
from argo_core.backtest.statistics.drawdown import drawdown

_DASHES = ("", "5 2", "2 2", "6 2 2 2")


def picture(draw: Callable[[Look], Any], name: str, label: str, caption: str = "") -> Html | None:
    """A chart drawn twice, for wide and for narrow pages; None where there is nothing to draw."""
    made = []
    for kind, look in (("wide", WIDE), ("narrow", NARROW)):
        with style(look):
            drawn = draw(look)
            if drawn is None:
                return None
            told = Html(svg(drawn, f"{name}-{kind}", text(label)))
        made.append(el("div", told, class_=kind))
    return el("figure", *made, el("figcaption", caption) if caption else None)


def money(report: Report) -> Html:
    """Equity, benchmarks, drawdown and exposure, with a table of month ends."""
    path, dates = report.sessions.path, report.dates
    label = (
        f"The account went from {worth(path[0])} on {dates[0]} to {worth(path[-1])} on {dates[-1]}"
        f", at its lowest {percent(float(drawdown(path).min()))} below its highest."
    )
    drawn = picture(
        lambda look: equity(report, look),
        "equity",
        label,
        "Benchmarks begin with the same money. Shaded: the deepest fall until it was made good. "
        "A red upright line: where the drawdown rule ended all entries.",
    )
    return el("section", el("h2", "Money"), _key(report), drawn, _month_ends(report))


def _key(report: Report) -> Html:
    rows = [("accent", "", report.backtest.strategy, float(report.sessions.path[-1]) / 10_000)]
    for place, one in enumerate(report.benchmarks):
        dash = _DASHES[place % len(_DASHES)]
        rows.append((f"other-{place % 4 + 1}", dash, one.name, float(beside(report, place)[-1])))
    return el("ul", *(_key_line(*row) for row in rows), class_="key")


def _key_line(colour: str, dash: str, name: str, end: float) -> Html:
    line = el(
        "svg",
        el(
            "path",
            d="M0 4H26",
            stroke=f"var(--{colour})",
            stroke_width="2.4" if not dash and colour == "accent" else "1.8",
            stroke_dasharray=dash or None,
            fill="none",
        ),
        viewBox="0 0 26 8",
        aria_hidden="true",
    )
    return el("li", line, name, el("b", dollars(end)))


def _month_ends(report: Report) -> Html:
    dates, path = report.dates, report.sessions.path
    last = [
        place
        for place, one in enumerate(dates)
        if place + 1 == len(dates)
        or (one.year, one.month) != (dates[place + 1].year, dates[place + 1].month)
    ]
    below = drawdown(path)
    others = [beside(report, place) for place in range(len(report.benchmarks))]
    columns = [Column("Month's end"), Column("Equity", True), Column("Below highest", True)]
    columns += [Column(one.name, True) for one in report.benchmarks]
    rows = [
        (
            dates[place].isoformat(),
            worth(path[place]),
            percent(float(below[place])),
            *(dollars(float(one[place])) for one in others),
        )
        for place in last
    ]
    return fold("The same as a table", table(columns, rows))


def shapes(report: Report) -> Html:
    """Rolling Sharpe ratio and the spread of returns, side by side."""
    steady = picture(
        lambda look: rolling(report, look.half()),
        "rolling",
        f"Sharpe ratio of the last {ROLLING} sessions through time.",
        f"Over {ROLLING} sessions, yearly, no riskless rate."
        + (f" Thin: {report.benchmarks[0].name}." if report.benchmarks else ""),
    )
    values = daily_returns(report.sessions.path)
    spread_out = picture(
        lambda look: spread(report, look.half()),
        "spread",
        _spread_label(report),
        "Dashed: normal with the same mean and deviation. Upright: mean, and the 5% quantile. "
        + _spread_label(report),
    )
    return el(
        "div",
        el(
            "section",
            el("h2", "Rolling Sharpe ratio"),
            steady or _none(f"Undefined: it takes {ROLLING} returns that differ."),
        ),
        el(
            "section",
            el("h2", "Daily returns"),
            spread_out or _none(f"{count(len(values), 'return')}, too few or all the same."),
        ),
        class_="two",
    )


def _spread_label(report: Report) -> str:
    values = daily_returns(report.sessions.path)
    if not len(values):
        return ""
    ups = int((values > 0).sum())
    return (
        f"{count(len(values), 'session')}: {ups:,} up, {int((values < 0).sum()):,} down; best "
        f"{percent(float(values.max()))}, worst {percent(float(values.min()))}."
    )


def _none(why: str) -> Html:
    return el("p", why, class_="soft")


def on_prices(report: Report, most: int) -> Html | None:
    """Where the most traded symbols were bought and sold."""
    made = []
    for place, symbol in enumerate(most_traded(report.trades, most)):
        some = [one for one in report.trades if one.symbol == symbol]
        total = float(sum(one.pnl for one in some))
        told = f"{count(len(some), 'trade')}, {dollars(total, plus=True)}"
        drawn = picture(
            lambda look, symbol=symbol: prices(report, symbol, look),  # type: ignore[misc]
            f"prices-{place}",
            f"Closes of {symbol} and where it was traded: {told}.",
        )
        shown = f"; the last {MOST} drawn" if len(some) > MOST else ""
        made.append(join(el("h3", f"{symbol} · {told}{shown}"), drawn))
    if not made:
        return None
    caption = (
        "The most traded symbols. Triangle: entry, up to buy and down to sell short; dot: exit; "
        "green earned, red lost, after fees."
    )
    return el("section", el("h2", "Trades on prices"), *made, el("p", caption, class_="kicker"))


def reliable(report: Report) -> Html | None:
    """The reliability curve where the caller gave points."""
    points = report.reliability
    if not points:
        return None
    drawn = picture(
        lambda look: reliability(points, look.half()),
        "reliability",
        "Chances that were said, against how often it happened; the table has the numbers.",
        "On the dashed line what was said came true as often. Size: how many; bars: 95% interval.",
    )
    rows = [
        (
            percent(one.said, 1),
            percent(one.happened, 1),
            f"{percent(one.low, 1)} to {percent(one.high, 1)}"
            if one.low is not None and one.high is not None
            else None,
            f"{one.n:,}",
        )
        for one in points
    ]
    columns = [Column("Said"), *(Column(one, True) for one in ("Happened", "95% interval", "n"))]
    told = table(columns, rows)
    return el(
        "section", el("h2", "Reliability of confidence"), el("div", drawn, told, class_="two")
    )
