"""The equity of the record over its days, and how far it was below its peak."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate

from alpine_service.domain.signals.equity import DayPoint
from alpine_service.domain.signals.record_figures import RecordFigures
from alpine_service.pages.charts.line_chart import Lines, line_chart, thinned
from alpine_service.pages.charts.numbers import Numbers, Unit
from alpine_service.pages.charts.sparkline import sparkline
from alpine_service.pages.charts.values import Chart, Kind, Look, Point, Series, Sparkline
from alpine_service.pages.formats import NOTHING, change_bp, count

CSV_PATH = "/performance.csv"
_CHANGE = Numbers(Unit.CHANGE, 2)
_US = 1_000_000


def day_words(day: date | None) -> str:
    """2 Mar 2026."""
    return NOTHING if day is None else f"{day.day} {day:%b %Y}"


def equity_chart(figures: RecordFigures) -> Chart | None:
    """None before anything counts."""
    days = figures.days
    if not days:
        return None
    line = equity_points(days)
    falls = tuple((at, below) for (at, _), below in zip(line, _falls(line), strict=True))
    rows = [
        (
            day_words(each.day),
            count(each.count),
            change_bp(each.total_bp),
            change_bp(each.equity_bp),
            change_bp(fall),
        )
        for each, (_, fall) in zip(days, falls[1:], strict=True)
    ]
    return line_chart(
        "equity",
        "Equity",
        _equity_says(figures),
        (
            Lines(
                "Sum of all returns",
                _equity_says(figures),
                (Series("Sum of all returns", line, Kind.LINE, Look.ACCENT),),
                _CHANGE,
            ),
            Lines(
                "Below the peak",
                drawdown_says(figures),
                (Series("Below the peak", falls, Kind.AREA, Look.BAD),),
                _CHANGE,
                size="short",
                y_ticks=3,
            ),
        ),
        table=thinned(("Day", "Signals", "That day", "Sum", "Below the peak"), rows),
        more=CSV_PATH,
    )


def equity_sparkline(days: Sequence[DayPoint]) -> Sparkline:
    """The same line without axes, for a row of a table."""
    return sparkline(equity_points(days))


def equity_points(days: Sequence[DayPoint]) -> tuple[Point, ...]:
    """The sum at the end of each day, from nothing at the beginning of the first."""
    if not days:
        return ()
    ends = ((_us(each.day + timedelta(days=1)), float(each.equity_bp)) for each in days)
    return ((_us(days[0].day), 0.0), *ends)


def drawdown_says(figures: RecordFigures) -> str:
    """The deepest fall and the present one, in words."""
    fall = figures.drawdown
    if not fall.deepest_bp:
        return "It never closed a day below a peak."
    since = "its beginning" if fall.peak_day is None else f"its peak of {day_words(fall.peak_day)}"
    now = f"now {change_bp(-fall.current_bp)}" if fall.current_bp else "made good since"
    return (
        f"At its deepest {change_bp(-fall.deepest_bp)} below {since},"
        f" on {day_words(fall.trough_day)}; {now}."
    )


def _equity_says(figures: RecordFigures) -> str:
    first, last = figures.days[0].day, figures.days[-1].day
    is_one = first == last
    span = f"On {day_words(first)}" if is_one else f"From {day_words(first)} to {day_words(last)}"
    signals = "signal" if figures.counted == 1 else "signals"
    return (
        f"{span} the returns of {count(figures.counted)} {signals} add up to"
        f" {change_bp(figures.total_bp)} of one stake."
    )


def _falls(line: Sequence[Point]) -> Sequence[float]:
    peaks = accumulate((value for _, value in line), max)
    return [value - peak for (_, value), peak in zip(line, peaks, strict=True)]


def _us(day: date) -> float:
    return datetime.combine(day, time(), UTC).timestamp() * _US
