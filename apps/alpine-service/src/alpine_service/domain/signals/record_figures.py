"""The figures of a book: what the record is worth, in the ways in which people look at it.

The equity is that of an equal fixed stake on every signal: the plain sum of the returns in basis
points of that stake. Nothing is compounded and no cost is taken off. An overdue commit is a loss of
everything, on the day when its reveal was due. What is not defined is None.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import accumulate

from attrs import frozen

from alpine_service.domain.signals.book import (
    BIN_BP,
    PPM,
    ConfidenceBin,
    DayBucket,
    SourceTally,
    StrategyBook,
)
from alpine_service.domain.signals.performance import standard_error, wilson


@frozen
class Rate:
    """How many of how many, and the rate with its Wilson interval of 95 %, each from 0 to 1."""

    hits: int
    count: int
    rate: float
    low: float
    high: float


@frozen
class DayPoint:
    """The signals of a day (UTC), and the equity at its end, the sum of all returns until then."""

    day: date
    count: int
    hits: int
    total_bp: int
    equity_bp: int


@frozen
class Drawdown:
    """How far the equity fell below its peak before, both at the ends of days; 0 or more.

    The equity begins at 0, and `peak_day` is None while that is the peak. Both days are of the
    deepest fall, and None if there was none.
    """

    current_bp: int
    deepest_bp: int
    peak_day: date | None
    trough_day: date | None


@frozen
class Span:
    """The signals of a month or a year."""

    count: int
    total_bp: int


@frozen
class Year:
    """A year's months, January first, None for one without a signal; and the year as a whole."""

    year: int
    months: tuple[Span | None, ...]
    whole: Span


@frozen
class Reliability:
    """Signals with a size of confidence from `low_bp` on and below `high_bp`, the last bin's in it.

    A signal hits with a return above zero.
    """

    low_bp: int
    high_bp: int
    count: int
    mean_confidence_bp: float | None
    hit_rate: Rate | None


@frozen
class SourceSkill:
    """How often a source pointed where the price went.

    `signals` list it; `agreement` is over those where it pointed somewhere and the price moved.
    `mean_share` is its part of the contributions' sizes |phi|, from 0 to 1, the mean over signals.
    """

    source: str
    signals: int
    agreement: Rate | None
    mean_share: float | None


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
        reliability=tuple(_reliability(place, each) for place, each in enumerate(book.bins)),
        sources=tuple(_skill(name, book.sources[name]) for name in sorted(book.sources)),
    )


def rate_of(hits: int, count: int) -> Rate | None:
    """None of nothing."""
    if not count:
        return None
    low, high = wilson(hits, count)
    return Rate(hits, count, hits / count, low, high)


def equity(days: Mapping[date, DayBucket]) -> tuple[DayPoint, ...]:
    """Day by day, with the sum until its end."""
    ordered = sorted(days.items())
    sums = accumulate(bucket.total_bp for _, bucket in ordered)
    return tuple(
        DayPoint(day, bucket.count, bucket.hits, bucket.total_bp, equity_bp)
        for (day, bucket), equity_bp in zip(ordered, sums, strict=True)
    )


def drawdown(days: Sequence[DayPoint]) -> Drawdown:
    """The fall from the peak now, and the deepest there was, the first of equals."""
    peak_bp, peak_day = 0, None
    deepest = Drawdown(0, 0, None, None)
    for each in days:
        if each.equity_bp > peak_bp:
            peak_bp, peak_day = each.equity_bp, each.day
        if peak_bp - each.equity_bp > deepest.deepest_bp:
            deepest = Drawdown(0, peak_bp - each.equity_bp, peak_day, each.day)
    now_bp = days[-1].equity_bp if days else 0
    return Drawdown(peak_bp - now_bp, deepest.deepest_bp, deepest.peak_day, deepest.trough_day)


def years(days: Sequence[DayPoint]) -> tuple[Year, ...]:
    """Those with a signal in them, in order."""
    months: dict[int, dict[int, Span]] = {}
    for each in days:
        year = months.setdefault(each.day.year, {})
        before = year.get(each.day.month, Span(0, 0))
        year[each.day.month] = Span(before.count + each.count, before.total_bp + each.total_bp)
    return tuple(
        Year(
            year,
            tuple(spans.get(month) for month in range(1, 13)),
            Span(
                sum(span.count for span in spans.values()),
                sum(span.total_bp for span in spans.values()),
            ),
        )
        for year, spans in months.items()
    )


def _reliability(place: int, one: ConfidenceBin) -> Reliability:
    return Reliability(
        place * BIN_BP,
        (place + 1) * BIN_BP,
        one.count,
        one.confidence_bp / one.count if one.count else None,
        rate_of(one.hits, one.count),
    )


def _skill(source: str, tally: SourceTally) -> SourceSkill:
    return SourceSkill(
        source,
        tally.signals,
        rate_of(tally.agreed, tally.judged),
        tally.share_ppm / PPM / tally.signals if tally.signals else None,
    )
