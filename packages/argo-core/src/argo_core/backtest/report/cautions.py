"""What a reader must know before he believes a result."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
from attrs import frozen

from argo_core.backtest.report.report import Report
from argo_core.backtest.report.words import count, day, interval, percent, span
from argo_core.backtest.statistics.growth import DAYS, YEAR

FEW_TRADES = 30
"""Fewer closed trades than this say next to nothing of a hit rate."""

_MANY = 300
_LEAST_DAYS = 28


@frozen
class Caution:
    """A warning in a sentence. `grave` ones speak against the result, others explain it."""

    text: str
    grave: bool = True


def cautions(report: Report) -> tuple[Caution, ...]:
    """The warnings that the report's numbers give, and the caller's notes; grave ones first."""
    found = [*_account(report), *_evidence(report), *_comparison(report), *_data(report)]
    return tuple(sorted(found, key=lambda one: not one.grave))


def _account(report: Report) -> Iterator[Caution]:
    panel, traded = report.backtest.panel, report.backtest.traded
    if traded.halted.any():
        row = int(np.argmax(traded.halted))
        left = count(panel.rows - 1 - row, "row")
        yield Caution(
            f"Halted by the drawdown rule on {day(panel.session[row])}: no entry in the {left} "
            "after it, so what follows is not the strategy."
        )
    if traded.reduced.any():
        sessions = len(np.unique(panel.session[traded.reduced > 0]))
        told = count(sessions, "session")
        yield Caution(f"The daily loss rule stopped entries in {told}.", grave=False)
    horizon_s = report.backtest.plan.exits.horizon_s
    if 0 < horizon_s <= panel.bar_s:
        yield Caution(
            f"Positions end {span(horizon_s)} after the decision, no later than the next bar: each "
            "is closed at the second open. Give `horizon_s` of several bars, or 0 for none."
        )
    costs = report.backtest.plan.costs
    if not costs.spread_ppm and not costs.slippage_ppm:
        yield Caution("No spread and no slippage: nobody can trade at these prices.")
    if not costs.participation_ppm:
        yield Caution("Fills are not bounded by volume: more may be bought than was traded.")


def _evidence(report: Report) -> Iterator[Caution]:
    if not report.trades:
        yield Caution("Nothing was traded: figures of trades are undefined, the rest is cash.")
        return
    closed = sum(not one.open for one in report.trades)
    if closed < FEW_TRADES:
        told = count(closed, "closed trade")
        yield Caution(f"Only {told}: fewer than {FEW_TRADES} say next to nothing of the rest.")
    if still := len(report.trades) - closed:
        told = count(still, "position")
        yield Caution(f"{told} still open at the end, marked at the last close.", grave=False)
    if (length := len(report.sessions.path) - 1) < YEAR:
        told = count(length, "daily return")
        yield Caution(f"Only {told}, less than a year: yearly figures are extrapolated.")
    if (a_year := _sessions_a_year(report)) > _MANY:
        yield Caution(
            f"There are {a_year:.0f} sessions a year; yearly figures are reckoned with {YEAR}, as "
            "for stocks, and so are smaller than they would be.",
            grave=False,
        )
    sharpe = report.statistic("sharpe")
    if (
        sharpe
        and sharpe.low is not None
        and sharpe.high is not None
        and sharpe.low <= 0 <= sharpe.high
    ):
        yield Caution(f"The Sharpe ratio may be zero: its 95% interval is {interval(sharpe)}.")
    deflated = report.statistic("deflated_sharpe")
    if deflated is None or deflated.value is None:
        yield Caution(
            "Not corrected for how many strategies and settings were tried before this one.",
        )


def _sessions_a_year(report: Report) -> float:
    dates = report.dates
    days = (dates[-1] - dates[0]).days
    return (len(dates) - 1) * DAYS / days if days >= _LEAST_DAYS else 0.0


def _comparison(report: Report) -> Iterator[Caution]:
    if not report.benchmarks:
        yield Caution("No benchmark stands beside it.")
    path = report.sessions.path
    earned = path[-1] / path[0] - 1
    for one in report.benchmarks:
        if (other := one.path[-1] / one.path[0] - 1) > earned:
            yield Caution(f"{one.name} earned more: {percent(other)} against {percent(earned)}.")


def _data(report: Report) -> Iterator[Caution]:
    yield from (Caution(one) for one in report.notes)
    yield from (Caution(one, grave=False) for one in report.remarks)
    found = Counter[str]()
    for one in report.findings:
        found[one.defect.value.replace("_", " ")] += one.count
    if found:
        told = ", ".join(f"{kind} {number:,}" for kind, number in found.most_common())
        yield Caution(f"The bars had flaws, each answered by a rule: {told}.", grave=False)
    origin = report.backtest.panel.origin
    known = (
        f" unless their origin says otherwise: {origin}"
        if origin
        else ", and where they come from is not told."
    )
    yield Caution(
        "The symbols were given, not chosen by date. What left the market before the bars were "
        f"collected is missing{known}",
        grave=False,
    )
