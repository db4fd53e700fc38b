"""The shipped table of US stock sessions: XNYS, every boundary in UTC, nothing to compute.

`generator` wrote `xnys_sessions.csv`: the session's date, then the minutes after that
date's midnight UTC at which extended hours begin, the market opens, closes, and extended hours end.
"""

import csv
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files

from argo_core.market.session import Session, SessionTable

FILE = "xnys_sessions.csv"
COLUMNS = ("date", "pre", "open", "close", "post")
SINCE = datetime(2024, 1, 1, tzinfo=UTC)
UNTIL = datetime(2029, 1, 1, tzinfo=UTC)


@cache
def load_session_table() -> SessionTable:
    """XNYS from 2024 to 2028: half days, holidays and daylight saving time included."""
    text = files("argo_adapters.calendar").joinpath(FILE).read_text(encoding="ascii")
    rows = csv.DictReader(text.splitlines())
    return SessionTable(tuple(_session(row) for row in rows), SINCE, UNTIL)


def _session(row: dict[str, str]) -> Session:
    midnight = datetime.fromisoformat(row["date"]).replace(tzinfo=UTC)
    return Session(*(midnight + timedelta(minutes=int(row[name])) for name in COLUMNS[1:]))
