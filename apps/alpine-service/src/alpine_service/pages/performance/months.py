"""Months by years as a table; the colour only repeats what sign and figure say."""

from collections.abc import Iterable

from attrs import frozen

from alpine_service.domain.signals.equity import Span, Year
from alpine_service.pages.formats import change_bp, count

NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HEATS = 3


@frozen
class Month:
    """`heat` is a class: good or bad, and 1 to 3 for how much against the largest month."""

    text: str
    signals: str
    heat: str


@frozen
class YearRow:
    year: int
    months: tuple[Month | None, ...]
    whole: Month


def months_of(years: Iterable[Year]) -> tuple[YearRow, ...]:
    """The newest year first."""
    found = tuple(years)
    largest = max(
        (abs(span.total_bp) for year in found for span in year.months if span is not None),
        default=0,
    )
    return tuple(
        YearRow(
            year.year,
            tuple(None if span is None else _month(span, largest) for span in year.months),
            _month(year.whole, 0),
        )
        for year in reversed(found)
    )


def _month(span: Span, largest: int) -> Month:
    heat = ""
    if span.total_bp and largest:
        strength = -(-_HEATS * abs(span.total_bp) // largest)
        heat = f"heat-{'good' if span.total_bp > 0 else 'bad'}-{strength}"
    return Month(change_bp(span.total_bp, 1), count(span.count), heat)
