"""The first and the last trades."""

from collections.abc import Sequence

from argo_core.backtest.report.groups import reason
from argo_core.backtest.report.page.html import Html, el
from argo_core.backtest.report.page.tables import Column, table, toned
from argo_core.backtest.report.report import Report
from argo_core.backtest.report.words import ABSENT, count, day, dollars, moment, percent, signed
from argo_core.backtest.trades import BarTrade
from argo_core.trading.order import Side

_DAY = 86_400

_TRADE = (
    Column("Symbol"),
    Column("Side"),
    Column("Result", True),
    Column("Return", True),
    Column("R", True),
    Column("Opened"),
    Column("Closed"),
    Column("Shares", True),
    Column("Entry", True),
    Column("Exit", True),
    Column("Bars", True),
    Column("Ended by"),
    Column("Fees", True),
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
        toned(dollars(one.pnl, 2, plus=True), float(one.pnl)),
        percent(float(one.pnl / paid), plus=True),
        ABSENT if one.r is None else signed(f"{one.r:.2f}"),
        _when(report, one.opened),
        "open" if one.closed is None else _when(report, one.closed),
        f"{one.quantity:,}",
        dollars(one.entry, 2),
        dollars(one.exit, 2),
        f"{one.bars:,}",
        reason(one),
        dollars(one.fees, 2),
    )


def _when(report: Report, row: int) -> str:
    panel = report.backtest.panel
    if panel.bar_s >= _DAY:
        return day(panel.session[row]).isoformat()
    return moment(int(panel.known_us[row]))[:16].replace("T", " ")
