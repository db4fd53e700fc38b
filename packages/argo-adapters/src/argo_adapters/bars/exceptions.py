"""Weekdays from 1990 to 2023 on which the New York Stock Exchange kept other hours, or none.

`exceptions_generator` wrote `xnys_exceptions.csv`: the date, and the early close in New York time,
nothing where the exchange stayed closed. All other weekdays were sessions from 09:30 to 16:00.
"""

import csv
from datetime import date, time
from functools import cache
from importlib.resources import files

FILE = "xnys_exceptions.csv"
COLUMNS = ("date", "close")
SINCE = date(1990, 1, 1)
USUAL_OPEN = time(9, 30)
USUAL_CLOSE = time(16)


@cache
def exceptions() -> dict[date, time | None]:
    """The early close of those days, None where there was no session."""
    text = files("argo_adapters.bars").joinpath(FILE).read_text(encoding="ascii")
    return {
        date.fromisoformat(row["date"]): time.fromisoformat(row["close"]) if row["close"] else None
        for row in csv.DictReader(text.splitlines())
    }
