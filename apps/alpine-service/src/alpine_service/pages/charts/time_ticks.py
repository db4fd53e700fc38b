"""Times at which a chart has a line: whole minutes, hours, days, months and years in UTC."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from alpine_service.pages.charts.scale import Span
from alpine_service.pages.formats import of_us

_S_US = 1_000_000
_MINUTE_US = 60 * _S_US
_HOUR_US = 60 * _MINUTE_US
_DAY_US = 24 * _HOUR_US
_STEPS_US = (
    *(each * _S_US for each in (1, 2, 5, 10, 15, 30)),
    *(each * _MINUTE_US for each in (1, 2, 5, 10, 15, 30)),
    *(each * _HOUR_US for each in (1, 2, 3, 6, 12)),
    *(each * _DAY_US for each in (1, 2, 4)),
)
_WEEK_US = 7 * _DAY_US
_MONTHS = (1, 2, 3, 6)
_MONTH_US = 30.44 * _DAY_US
_YEARS = (1, 2, 5, 10, 20, 50, 100)
# Weeks begin on Mondays, and 1970 began on a Thursday.
_MONDAY_US = 4 * _DAY_US


def time_ticks(span: Span, most: int = 6) -> tuple[tuple[float, str], ...]:
    """Times in microseconds within the span, `most` + 1 or fewer, each with how it is written.

    What is written is what changed: an hour, a day at midnight, the year in January.
    """
    extent = span.high - span.low
    for step in _STEPS_US:
        if extent / step <= most:
            return _every(span, step, 0)
    if extent / _WEEK_US <= most:
        return _every(span, _WEEK_US, _MONDAY_US)
    for months in _MONTHS:
        if extent / (months * _MONTH_US) <= most:
            return tuple(_months(span, months))
    for years in _YEARS:
        if extent / (years * 12 * _MONTH_US) <= most:
            return tuple(_months(span, 12 * years))
    return ()


def _every(span: Span, step: int, offset: int) -> tuple[tuple[float, str], ...]:
    first = math.ceil((span.low - offset) / step) * step + offset
    return tuple(
        (at, _word(of_us(at), step)) for at in range(first, math.floor(span.high) + 1, step)
    )


def _word(at: datetime, step: int) -> str:
    if step < _MINUTE_US:
        return f"{at:%H:%M:%S}"
    if at.hour or at.minute:
        return f"{at:%H:%M}"
    return f"{at.day} {at:%b}"


def _months(span: Span, step: int) -> Iterator[tuple[float, str]]:
    """Every so many months from a January on."""
    begin = of_us(math.floor(span.low))
    number = begin.year * 12 - begin.year % max(1, step // 12) * 12
    end = of_us(math.floor(span.high)) + timedelta(seconds=1)
    while number < (end.year + 1) * 12:
        at = datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)
        at_us = float(at.timestamp() * _S_US)
        if span.has(at_us):
            yield at_us, f"{at.year}" if at.month == 1 else f"{at:%b}"
        number += step
