"""Returns by month and year, a colour to each."""

from collections.abc import Sequence

from argo_core.backtest.report.page.html import Html, el
from argo_core.backtest.report.report import Report
from argo_core.backtest.report.words import ABSENT, count, percent
from argo_core.backtest.statistics.calendar import YearOfReturns, monthly

_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FULL = 0.10
"""A month that moved this much has the strongest colour, a year three times as much."""


def heat_map(report: Report) -> Html:
    """A row for each year, the year of the first benchmark at its end."""
    dates = report.sessions.path_dates
    years = monthly(dates, report.sessions.path)
    first = report.benchmarks[:1]
    names = ("", *_NAMES, "Year", *(one.name for one in first))
    others = [{one.year: one.total for one in monthly(dates, each.path)} for each in first]
    rows = [
        el(
            "tr",
            el("th", str(one.year), scope="row"),
            *(_cell(month, _FULL) for month in one.months),
            _cell(one.total, 3 * _FULL, "year"),
            *(_plain(each.get(one.year)) for each in others),
        )
        for one in years
    ]
    head = el("tr", *(el("th", name, scope="col") for name in names))
    made = el("table", el("thead", head), el("tbody", *rows), class_="heat")
    return el(
        "section",
        el("h2", "Returns by month, per cent"),
        el("div", made, class_="scroll", tabindex="0"),
        el("p", _extremes(years), class_="kicker"),
    )


def _extremes(years: Sequence[YearOfReturns]) -> str:
    told = [
        (earned, f"{_NAMES[place]} {one.year}")
        for one in years
        for place, earned in enumerate(one.months)
        if earned is not None
    ]
    if not told:
        return "No month has a return."
    up = sum(earned > 0 for earned, _ in told)
    best, worst = max(told), min(told)
    return (
        f"{up} of {count(len(told), 'month')} up; best {best[1]} {percent(best[0])}, worst "
        f"{worst[1]} {percent(worst[0])}. The first and the last may be parts of months."
    )


def _cell(earned: float | None, full: float, kind: str = "") -> Html:
    if earned is None:
        return el("td", "")
    strength = min(1.0, abs(earned) / full) * 62
    tone = "up" if earned >= 0 else "down"
    told = percent(earned, 1).rstrip("%")
    return el("td", told, class_=f"{tone} {kind}".strip(), style=f"--p:{strength:.0f}%")


def _plain(earned: float | None) -> Html:
    return el("td", ABSENT if earned is None else percent(earned, 1).rstrip("%"), class_="soft")
