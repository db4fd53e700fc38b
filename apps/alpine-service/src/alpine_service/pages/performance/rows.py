"""Strategies as rows of a table, retired ones among the others."""

from collections.abc import Iterable

from attrs import frozen
from yarl import URL

from alpine_service.domain.signals.record_figures import RecordFigures
from alpine_service.pages.charts.values import Sparkline
from alpine_service.pages.formats import NOTHING, change_bp, count, percent
from alpine_service.pages.performance.equity import equity_sparkline
from alpine_service.pages.performance.kept import Looked
from alpine_service.pages.performance.tiles import interval
from alpine_service.ports.signals import StrategyRecord


@frozen
class StrategyRow:
    """A strategy's figures as they are written; what is not defined is a dash."""

    name: str
    href: str
    is_retired: bool
    is_sealed: bool
    equity: Sparkline | None
    counted: str
    hit_rate: str
    interval: str
    mean: str
    error: str
    total: str
    drawdown: str
    overdue: str


def rows_of(looked: Looked) -> tuple[StrategyRow, ...]:
    """All, those with the most signals first."""
    ordered = sorted(
        looked.strategies,
        key=lambda each: (-looked.of(each.strategy).record.counted, each.strategy),
    )
    return tuple(_row(each, looked.of(each.strategy).record) for each in ordered)


def strategy_path(name: str) -> str:
    """The page of a strategy, whatever its name has in it."""
    return str(URL.build(path=f"/strategies/{name}"))


def choices_of(strategies: Iterable[StrategyRecord]) -> list[tuple[str, str]]:
    """For the field that chooses one."""
    return [("", "All strategies"), *((each.strategy, each.strategy) for each in strategies)]


def _row(strategy: StrategyRecord, figures: RecordFigures) -> StrategyRow:
    rate, error = figures.hit_rate, figures.standard_error_bp
    has_any = figures.counted > 0
    return StrategyRow(
        strategy.strategy,
        strategy_path(strategy.strategy),
        strategy.retired_index is not None,
        strategy.disclosure == "delayed",
        equity_sparkline(figures.days) if has_any else None,
        count(figures.counted),
        NOTHING if rate is None else percent(rate.rate),
        "" if rate is None else interval(rate.low, rate.high),
        change_bp(figures.mean_return_bp),
        "" if error is None else f"± {error / 100:.2f}",
        change_bp(figures.total_bp) if has_any else NOTHING,
        change_bp(-figures.drawdown.deepest_bp) if has_any else NOTHING,
        count(figures.overdue),
    )
