"""Reading Alpaca's calendar and splits; its days and hours are those of New York."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from argo_adapters.http.fields import Node
from argo_core.errors import InvalidInput, VendorGarbled
from argo_core.market.instrument import Symbol
from argo_core.market.session import Session
from argo_core.trading.broker_view import Split

NEW_YORK = ZoneInfo("America/New_York")
SPLITS = ("forward_splits", "reverse_splits", "stock_dividends")

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# The regular hours are written 09:30, the extended ones 0400.
_HOUR = re.compile(r"([0-9]{2}):?([0-9]{2})")


def read_session(node: Node) -> Session:
    """One row of `GET /v2/calendar`."""
    day = read_day(node["date"])
    opens, closes = _hour(node["open"]), _hour(node["close"])
    early, late = node.get("session_open"), node.get("session_close")
    try:
        return Session(
            pre=_moment(day, _hour(early) if early else opens),
            open=_moment(day, opens),
            close=_moment(day, closes),
            post=_moment(day, _hour(late) if late else closes),
        )
    except InvalidInput as error:
        raise VendorGarbled(node.source, f"{node.path} is no session: {error.problem}") from None


def read_splits(actions: Node) -> Iterator[tuple[date, Split]]:
    """Those of a page of `GET /v1/corporate-actions`; a dividend in shares is a split too.

    A split into units of several symbols is none of ours: it is found as a difference of books.
    """
    for kind in SPLITS:
        rows = actions.get(kind)
        for row in rows.rows() if rows else ():
            if kind == "stock_dividends":
                new, old = 1 + row["rate"].positive_price(), Decimal(1)
            else:
                new, old = row["new_rate"].positive_price(), row["old_rate"].positive_price()
            day = row["ex_date"]
            symbol = Symbol(row["symbol"].text())
            yield read_day(day), Split(symbol, eastern_midnight(day), new, old)


def eastern_midnight(node: Node) -> datetime:
    """The moment, in UTC, when that day begins in New York."""
    return _moment(read_day(node), time())


def read_day(node: Node) -> date:
    """A day, written 2026-11-27."""
    text = node.text()
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise node.refused("a day")


def _hour(node: Node) -> time:
    found = _HOUR.fullmatch(node.text())
    try:
        if found:
            return time(int(found[1]), int(found[2]))
    except ValueError:
        pass
    raise node.refused("an hour")


def _moment(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, NEW_YORK).astimezone(UTC)
