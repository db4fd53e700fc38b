"""Writes the shipped exceptions: `python -m argo_adapters.bars.exceptions_generator`.

Needs the extra `calendars`. The years that the session table vouches for are not in the file.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from argo_adapters.bars.exceptions import COLUMNS, FILE, SINCE, USUAL_CLOSE
from argo_adapters.calendar.session_table import SINCE as TABLE_SINCE

_SATURDAY = 5


def rows() -> Iterator[tuple[date, str]]:
    """Every weekday from SINCE on that was no usual session, with its close if it had any."""
    # It brings pandas, half a second and 75 MB, which only this generator pays.
    import exchange_calendars  # type: ignore[import-not-found] # noqa: PLC0415 - an extra

    last = TABLE_SINCE.date() - timedelta(days=1)
    calendar = exchange_calendars.get_calendar("XNYS", start=SINCE, end=last)
    zone = ZoneInfo("America/New_York")
    closes = {
        label.date(): moment.to_pydatetime().astimezone(zone).time()
        for label, moment in zip(calendar.sessions, calendar.closes, strict=True)
    }
    day = SINCE
    while day <= last:
        if day.weekday() < _SATURDAY and closes.get(day) != USUAL_CLOSE:
            yield day, f"{closes[day]:%H:%M}" if day in closes else ""
        day += timedelta(days=1)


def text() -> str:
    """The whole file."""
    return "".join(f"{day},{close}\n" for day, close in (COLUMNS, *rows()))


if __name__ == "__main__":
    Path(__file__).with_name(FILE).write_text(text(), encoding="ascii")
