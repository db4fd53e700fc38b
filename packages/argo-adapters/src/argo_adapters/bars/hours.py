"""The US stock market's hours since 1990, for bars that reach back further than the live table.

From 2024 on they are the shipped session table's. Before, every weekday but the exceptions that
`exceptions` lists, from 09:30 to 16:00 in New York by the time zone database.
"""

from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from argo_adapters.bars.exceptions import SINCE, USUAL_CLOSE, USUAL_OPEN, exceptions
from argo_adapters.calendar.session_table import SINCE as TABLE_SINCE
from argo_adapters.calendar.session_table import UNTIL, load_session_table
from argo_core.backtest.data.hours import MarketHours
from argo_core.backtest.data.renames import day_of
from argo_core.market.moment import to_micros

_NEW_YORK = "America/New_York"
_SATURDAY = 5
_FULL_DAY_US = 23_400_000_000
_TOLD = (
    "XNYS: from 2024 the shipped session table; from 1990 weekdays 09:30-16:00 America/New_York "
    "but for the shipped list of holidays and early closes"
)


@lru_cache(maxsize=1)
def us_market_hours() -> MarketHours:
    """Regular hours of every session from 1990 to the end of the session table."""
    edges = _before_the_table()
    table = load_session_table().sessions
    edges += [(to_micros(one.open), to_micros(one.close)) for one in table]
    days = [opened // 86_400_000_000 for opened, _ in edges]
    return MarketHours(
        since=day_of(SINCE),
        until=day_of(UNTIL.date()),
        day=days,
        open_us=[opened for opened, _ in edges],
        close_us=[closed for _, closed in edges],
        half=[closed - opened < _FULL_DAY_US for opened, closed in edges],
        told=_TOLD,
    )


def _before_the_table() -> list[tuple[int, int]]:
    zone, others = ZoneInfo(_NEW_YORK), exceptions()

    def moment(day: date, at: time) -> int:
        return to_micros(datetime.combine(day, at, zone))

    found = []
    for ordinal in range(SINCE.toordinal(), TABLE_SINCE.date().toordinal()):
        day = date.fromordinal(ordinal)
        close = others.get(day, USUAL_CLOSE)
        if day.weekday() < _SATURDAY and close is not None:
            found.append((moment(day, USUAL_OPEN), moment(day, close)))
    return found
