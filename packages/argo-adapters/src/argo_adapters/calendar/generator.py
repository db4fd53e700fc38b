"""Writes the shipped session table: `python -m argo_adapters.calendar.generator`.

Needs the extra `calendars`. Run it when the exchange announces a change or the span moves on.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from argo_adapters.calendar.session_table import COLUMNS, FILE, SINCE, UNTIL

# Extended hours run from 04:00 to 20:00 in New York, and to 17:00 on half days, which close at
# 13:00: five and a half hours before the open and four after the close, whatever the day.
BEFORE_OPEN = timedelta(hours=5, minutes=30)
AFTER_CLOSE = timedelta(hours=4)


def rows() -> Iterator[tuple[date, int, int, int, int]]:
    """One row for each session, as the file has them."""
    # It brings pandas, half a second and 75 MB, which only this generator pays.
    import exchange_calendars  # type: ignore[import-not-found] # noqa: PLC0415 - an extra

    last_day = UNTIL - timedelta(days=1)
    calendar = exchange_calendars.get_calendar("XNYS", start=SINCE.date(), end=last_day.date())
    for label, opens, closes in zip(
        calendar.sessions, calendar.opens, calendar.closes, strict=True
    ):
        midnight = datetime(label.year, label.month, label.day, tzinfo=UTC)
        opened = opens.to_pydatetime().replace(tzinfo=UTC)
        closed = closes.to_pydatetime().replace(tzinfo=UTC)
        edges = (opened - BEFORE_OPEN, opened, closed, closed + AFTER_CLOSE)
        pre, open_, close, post = ((edge - midnight) // timedelta(minutes=1) for edge in edges)
        yield midnight.date(), pre, open_, close, post


def text() -> str:
    """The whole file."""
    lines = [COLUMNS, *rows()]
    return "".join(",".join(str(cell) for cell in line) + "\n" for line in lines)


if __name__ == "__main__":
    Path(__file__).with_name(FILE).write_text(text(), encoding="ascii")
