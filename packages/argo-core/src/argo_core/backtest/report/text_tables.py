"""Trades and equity as columns, for pandas, and as CSV text."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from argo_core.backtest.bars.units import from_units
from argo_core.backtest.report.as_json import trade_dict
from argo_core.backtest.report.report import Report

TRADE_COLUMNS = (
    "symbol",
    "side",
    "quantity",
    "decided",
    "opened",
    "entry",
    "closed",
    "exit",
    "reason",
    "fees",
    "pnl",
    "risk",
    "r",
    "bars",
)

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def trade_columns(report: Report) -> dict[str, list[Any]]:
    """Every trade, moments as ISO text in UTC and money as text with all its decimals."""
    rows = [trade_dict(report, one) for one in report.trades]
    return {name: [row[name] for row in rows] for name in TRADE_COLUMNS}


def equity_columns(report: Report) -> dict[str, list[Any]]:
    """By session its date and the equity after it, then every benchmark begun with as much money.

    Money is text with all its decimals; a benchmark's is rounded to 1/10,000 dollar. A benchmark
    whose name is taken already gets its number behind it.
    """
    path = report.sessions.path
    columns: dict[str, list[Any]] = {
        "date": [one.isoformat() for one in report.dates],
        "equity": [str(from_units(one)) for one in path.tolist()],
    }
    for place, one in enumerate(report.benchmarks, start=1):
        name = one.name if one.name not in columns else f"{one.name} {place}"
        scaled = [round(each * int(path[0]) / int(one.path[0])) for each in one.path.tolist()]
        columns[name] = [str(from_units(each)) for each in scaled]
    return columns


def csv_text(columns: Mapping[str, Sequence[Any]]) -> str:
    """RFC 4180 with a heading. Text that a spreadsheet would run begins with an apostrophe."""
    told = io.StringIO()
    writer = csv.writer(told, lineterminator="\r\n")
    writer.writerow([_quiet(name) for name in columns])
    for row in zip(*columns.values(), strict=True):
        writer.writerow([_quiet(cell) for cell in row])
    return told.getvalue()


def _quiet(cell: Any) -> Any:
    if isinstance(cell, str) and cell.startswith(_FORMULA) and not _number(cell):
        return f"'{cell}"
    return cell


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
