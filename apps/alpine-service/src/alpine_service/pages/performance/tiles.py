"""The figures at the head of a page about the record."""

from attrs import frozen

from alpine_service.domain.signals.equity import DayPoint
from alpine_service.domain.signals.record_figures import RecordFigures
from alpine_service.pages.formats import NOTHING, change_bp, count, percent
from alpine_service.pages.performance.equity import day_words
from alpine_service.pages.performance.kept import Figures


@frozen
class Tile:
    """A figure, what it is, and what stands below it."""

    label: str
    value: str
    note: str
    is_bad: bool = False


def tiles_of(figures: Figures) -> tuple[Tile, ...]:
    """What is not defined is a dash."""
    record = figures.record
    rate, resolved = record.hit_rate, record.counted - record.overdue
    return (
        Tile("Counted signals", count(record.counted), f"{count(resolved)} resolved"),
        Tile(
            "Hit rate",
            NOTHING if rate is None else percent(rate.rate),
            "95 % interval " + interval(rate.low, rate.high) if rate else "nothing counted yet",
        ),
        Tile("Mean return", change_bp(record.mean_return_bp), _error(record)),
        Tile(
            "Sum of returns",
            change_bp(record.total_bp) if record.counted else NOTHING,
            "of one stake",
        ),
        Tile(
            "Deepest drawdown",
            change_bp(-record.drawdown.deepest_bp) if record.counted else NOTHING,
            f"on {day_words(record.drawdown.trough_day)}" if record.drawdown.deepest_bp else "none",
        ),
        Tile(
            "Overdue reveals",
            count(record.overdue),
            "each counted as a loss of all",
            record.overdue > 0,
        ),
    )


def interval(low: float, high: float) -> str:
    """48.2 to 61.7 %, as one thing that no line breaks."""
    return f"{low * 100:.1f}\u2013{high * 100:.1f}\u202f%"


def _error(record: RecordFigures) -> str:
    if record.standard_error_bp is None:
        return "needs two for an error" if record.counted else "nothing counted yet"
    return f"± {record.standard_error_bp / 100:.2f}\u202f% standard error"


def beside(figures: Figures) -> tuple[tuple[str, str, str], ...]:
    """What does not count, and the extremes: a name, a figure and what it means."""
    tally, record = figures.counts.tally, figures.record
    return (
        ("Holds", count(tally.holds), "withdraw a signal, nothing becomes of them"),
        ("Pending", count(tally.pending), "open, no outcome yet"),
        ("Sealed", count(tally.sealed), "committed, not due to be revealed yet"),
        ("Void", count(tally.void), "no prices to resolve them by"),
        _day("Best day", record.best_day),
        _day("Worst day", record.worst_day),
        ("Best signal", change_bp(record.best_bp), ""),
        ("Worst signal", change_bp(record.worst_bp), ""),
        (
            "Profit factor",
            NOTHING if record.profit_factor is None else f"{record.profit_factor:.2f}",
            "sum of gains over sum of losses",
        ),
    )


def _day(name: str, one: DayPoint | None) -> tuple[str, str, str]:
    return (
        (name, NOTHING, "") if one is None else (name, change_bp(one.total_bp), day_words(one.day))
    )
