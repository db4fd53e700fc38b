"""A backtest in a notebook: type its name, and see it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
from attrs import frozen

from argo_core.backtest.report.as_json import to_json
from argo_core.backtest.report.cautions import cautions
from argo_core.backtest.report.charts.canvas import style
from argo_core.backtest.report.charts.equity import equity
from argo_core.backtest.report.charts.look import NOTEBOOK
from argo_core.backtest.report.optional import CHARTS, FRAMES, needed
from argo_core.backtest.report.page.compact import compact
from argo_core.backtest.report.report import Report
from argo_core.backtest.report.tearsheet import tearsheet
from argo_core.backtest.report.text_tables import csv_text, equity_columns, trade_columns
from argo_core.backtest.report.words import interval, title, value


@frozen(repr=False)
class Result:
    """`report` with everything that one wants of it at hand."""

    report: Report

    def __repr__(self) -> str:
        """The figures that matter most, a line each, after the warnings."""
        run = self.report.backtest
        lines = [f"{run.strategy} on {run.panel.name}, result {run.result_sha256[:12]}"]
        lines += [f"! {one.text}" for one in cautions(self.report) if one.grave]
        for one in self.report.statistics:
            told = f"({interval(one)})" if interval(one) else one.reason or ""
            lines.append(f"{title(one.name):<32}{value(one):>16}  {told}".rstrip())
        shown = "\n".join(lines)
        return "".join(one if one.isprintable() or one == "\n" else "?" for one in shown)

    def _repr_html_(self) -> str:
        """Warnings, figures and one chart; without matplotlib the chart is missing."""
        return compact(self.report)

    def plot(self) -> Any:
        """Equity, drawdown and exposure as a matplotlib Figure, which a notebook shows.

        Raises:
            InvalidInput: matplotlib is not installed.
        """
        # A notebook learns how to show figures when pyplot takes up its backend, which it would
        # otherwise do with the first figure of its own.
        pyplot = needed("matplotlib.pyplot", CHARTS)
        pyplot.switch_backend(pyplot.get_backend())
        with style(NOTEBOOK):
            drawn = equity(self.report, NOTEBOOK)
            drawn.set_facecolor("white")
            drawn.axes[0].legend(loc="upper left")
        return drawn

    def html(self) -> str:
        """The whole tearsheet."""
        return tearsheet(self.report)

    def json(self) -> bytes:
        """Everything, for programs."""
        return to_json(self.report)

    def trades_csv(self) -> str:
        """Every trade."""
        return csv_text(trade_columns(self.report))

    def equity_csv(self) -> str:
        """Equity after every session, and the benchmarks."""
        return csv_text(equity_columns(self.report))

    def trades_frame(self) -> Any:
        """Every trade as a pandas DataFrame; moments are aware, money is floating-point.

        Raises:
            InvalidInput: pandas is not installed.
        """
        columns = trade_columns(self.report)
        for name in ("decided", "opened", "closed"):
            columns[name] = [one and datetime.fromisoformat(one) for one in columns[name]]
        for name in ("entry", "exit", "fees", "pnl", "risk", "r"):
            columns[name] = _floats(columns[name])
        return _frame(columns)

    def equity_frame(self) -> Any:
        """Equity and benchmarks in dollars as a pandas DataFrame by date.

        Raises:
            InvalidInput: pandas is not installed.
        """
        columns = equity_columns(self.report)
        dates = np.array(columns.pop("date"), dtype="datetime64[s]")
        money = {name: _floats(told) for name, told in columns.items()}
        return _frame({"date": dates, **money}).set_index("date")

    def statistics_frame(self) -> Any:
        """Every statistic as a pandas DataFrame by name, with definition and source.

        Raises:
            InvalidInput: pandas is not installed.
        """
        some = self.report.statistics
        columns: dict[str, Any] = {"name": [one.name for one in some]}
        columns["unit"] = [one.unit.value for one in some]
        for name in ("value", "low", "high"):
            columns[name] = _floats([getattr(one, name) for one in some])
        for name in ("n", "reason", "definition", "source"):
            columns[name] = [getattr(one, name) for one in some]
        return _frame(columns).set_index("name")


def _frame(columns: Mapping[str, Any]) -> Any:
    return needed("pandas", FRAMES).DataFrame(columns)


def _floats(told: list[Any]) -> list[float]:
    return [float("nan") if one is None else float(one) for one in told]
