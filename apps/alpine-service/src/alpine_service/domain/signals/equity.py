"""The equity of the record, how it fell and what each month brought.

The equity is that of an equal fixed stake on every signal: the plain sum of the returns in basis
points of that stake. Nothing is compounded and no cost is taken off. An overdue commit is a loss of
everything, on the day when its reveal was due.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import accumulate

from attrs import frozen

from alpine_service.domain.signals.buckets import DayBucket


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
