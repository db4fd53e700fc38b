"""The figures of a book: what the record is worth, in the ways in which people look at it.

What is not defined is None.
"""

from attrs import frozen

from alpine_service.domain.signals.book import StrategyBook
from alpine_service.domain.signals.buckets import DayBucket
from alpine_service.domain.signals.equity import DayPoint, Drawdown, Year, drawdown, equity, years
from alpine_service.domain.signals.performance import standard_error
from alpine_service.domain.signals.skill import (
    Rate,
    Reliability,
    SourceSkill,
    rate_of,
    reliability,
    skill,
)


@frozen
class RecordFigures:
    """All figures of one strategy, or of all together. Returns are in basis points.

    `counted` includes `overdue`. `days` has those on which something came, in order. The
    `profit_factor` is the sum of gains over the sum of losses, None without a loss. `best_day` and
    `worst_day` are by their totals, the earliest of equals.
    """

    strategy: str
    counted: int
    overdue: int
    hit_rate: Rate | None
    mean_return_bp: float | None
    standard_error_bp: float | None
    total_bp: int
    best_bp: int | None
    worst_bp: int | None
    best_day: DayPoint | None
    worst_day: DayPoint | None
    profit_factor: float | None
    drawdown: Drawdown
    days: tuple[DayPoint, ...]
    years: tuple[Year, ...]
    reliability: tuple[Reliability, ...]
    sources: tuple[SourceSkill, ...]


def figures_of(strategy: str, book: StrategyBook) -> RecordFigures:
    """The figures of a book."""
    whole = DayBucket()
    for bucket in book.days.values():
        whole.merge(bucket)
    days = equity(book.days)
    losses_bp = whole.gains_bp - whole.total_bp
    return RecordFigures(
        strategy=strategy,
        counted=whole.count,
        overdue=book.overdue,
        hit_rate=rate_of(whole.hits, whole.count),
        mean_return_bp=whole.total_bp / whole.count if whole.count else None,
        standard_error_bp=standard_error(whole.count, whole.total_bp, whole.squared),
        total_bp=whole.total_bp,
        best_bp=whole.best_bp,
        worst_bp=whole.worst_bp,
        best_day=max(days, key=lambda each: each.total_bp, default=None),
        worst_day=min(days, key=lambda each: each.total_bp, default=None),
        profit_factor=whole.gains_bp / losses_bp if losses_bp else None,
        drawdown=drawdown(days),
        days=days,
        years=years(days),
        reliability=tuple(reliability(place, each) for place, each in enumerate(book.bins)),
        sources=tuple(skill(name, book.sources[name]) for name in sorted(book.sources)),
    )
