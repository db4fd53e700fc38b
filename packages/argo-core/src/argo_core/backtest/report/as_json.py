"""A report as JSON: the same report, the same bytes."""

from decimal import Decimal
from typing import Any

import orjson
from attrs import asdict

from argo_core.backtest.bars.finding import Finding
from argo_core.backtest.bars.plan import RULES_VERSION
from argo_core.backtest.bars.units import from_units
from argo_core.backtest.report.benchmark import Benchmark
from argo_core.backtest.report.cautions import cautions
from argo_core.backtest.report.groups import reason
from argo_core.backtest.report.report import Report
from argo_core.backtest.report.words import day, moment
from argo_core.backtest.statistics.calendar import monthly
from argo_core.backtest.statistics.statistic import Statistic
from argo_core.backtest.trades import BarTrade

FORMAT = "argo-backtest-1"
"""Which names the JSON has; names that change or go, another number."""


def to_dict(report: Report, *, most_trades: int | None = None) -> dict[str, Any]:
    """What `to_json` writes. Money is a string of decimals, a share of 1 a number.

    `most_trades` bounds the trades that are listed, the first ones; None lists all.
    """
    run = report.backtest
    return {
        "format": FORMAT,
        "rules": RULES_VERSION,
        "strategy": run.strategy,
        "parameters": dict(sorted(run.parameters.items())),
        "hashes": {
            "data": run.panel.sha256,
            "request": run.request_sha256,
            "result": run.result_sha256,
        },
        "versions": dict(report.versions),
        "data": _data(report),
        "plan": _plain(asdict(run.plan)),
        "cautions": [asdict(one) for one in cautions(report)],
        "findings": [_finding(one) for one in report.findings],
        "assumptions": [asdict(one) for one in report.assumptions],
        "statistics": [_statistic(one) for one in report.statistics],
        "benchmarks": [_benchmark(one) for one in report.benchmarks],
        "reliability": [asdict(one) for one in report.reliability],
        "years": [asdict(one) for one in monthly(report.sessions.path_dates, report.sessions.path)],
        "equity": {
            "dates": [one.isoformat() for one in report.dates],
            "values": _money(report.sessions.path.tolist()),
        },
        "account": {
            "fees": str(from_units(run.traded.fees)),
            "borrow": str(from_units(run.traded.borrow)),
        },
        "trades": {
            "count": len(report.trades),
            "listed": [trade_dict(report, one) for one in report.trades[:most_trades]],
        },
    }


def to_json(report: Report, *, most_trades: int | None = None) -> bytes:
    """The report in UTF-8. Undefined numbers are null and stand beside their reason."""
    return orjson.dumps(to_dict(report, most_trades=most_trades), option=orjson.OPT_INDENT_2)


def trade_dict(report: Report, trade: BarTrade) -> dict[str, Any]:
    """A trade with the moments at which its rows were known."""
    known = report.backtest.panel.known_us

    def when(row: int | None) -> str | None:
        return None if row is None else moment(int(known[row]))

    return {
        "symbol": trade.symbol,
        "side": trade.side.value,
        "quantity": trade.quantity,
        "decided": when(trade.decided),
        "opened": when(trade.opened),
        "entry": str(trade.entry),
        "closed": when(trade.closed),
        "exit": str(trade.exit),
        "reason": reason(trade),
        "fees": str(trade.fees),
        "pnl": str(trade.pnl),
        "risk": None if trade.risk is None else str(trade.risk),
        "r": trade.r,
        "bars": trade.bars,
    }


def _data(report: Report) -> dict[str, Any]:
    panel = report.backtest.panel
    return {
        "name": panel.name,
        "origin": panel.origin,
        "symbols": list(panel.symbols),
        "rows": panel.rows,
        "bars": panel.bars,
        "bar_s": panel.bar_s,
        "first_session": day(panel.session[0]).isoformat(),
        "last_session": day(panel.session[-1]).isoformat(),
        "first_known": moment(int(panel.known_us[0])),
        "last_known": moment(int(panel.known_us[-1])),
    }


def _finding(one: Finding) -> dict[str, Any]:
    return {**asdict(one), "defect": one.defect.value}


def _statistic(one: Statistic) -> dict[str, Any]:
    return {**asdict(one), "unit": one.unit.value}


def _benchmark(one: Benchmark) -> dict[str, Any]:
    return {
        "name": one.name,
        "note": one.note,
        "statistics": [_statistic(each) for each in one.statistics],
        "equity": _money(one.path.tolist()),
    }


def _money(units: list[int]) -> list[str]:
    return [str(from_units(one)) for one in units]


def _plain(told: Any) -> Any:
    if isinstance(told, dict):
        return {name: _plain(value) for name, value in told.items()}
    return str(told) if isinstance(told, Decimal) else told
