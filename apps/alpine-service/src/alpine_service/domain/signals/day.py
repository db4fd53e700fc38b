"""Days of the record: UTC, so that a signal's day is the same for every reader."""

from datetime import date, timedelta

DAY_US = 86_400_000_000
EPOCH = date(1970, 1, 1)


def day_of(at_us: int) -> date:
    """The day of a time in microseconds since 1970."""
    return EPOCH + timedelta(days=at_us // DAY_US)
