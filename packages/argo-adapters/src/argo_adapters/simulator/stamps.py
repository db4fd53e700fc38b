"""Moments as whole nanoseconds, and the ways vendors write them."""

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from argo_core.market.moment import to_micros

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

NEW_YORK = ZoneInfo("America/New_York")


@lru_cache(maxsize=65_536)
def nanoseconds(moment: datetime) -> int:
    """The moment since 1970; remembered, because hundreds of instruments share each minute."""
    return to_micros(moment) * 1000


@lru_cache(maxsize=65_536)
def iso(at: int) -> str:
    """RFC 3339 in UTC with a Z and only the decimals it needs."""
    seconds, rest = divmod(at, SECOND)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}{f'.{rest:09d}'.rstrip('0') if rest else ''}Z"


@lru_cache(maxsize=65_536)
def eastern(at: int) -> datetime:
    """New York's wall clock, to the microsecond."""
    seconds, rest = divmod(at, SECOND)
    return datetime.fromtimestamp(seconds, NEW_YORK).replace(microsecond=rest // 1000)


def midnight(at: int) -> int:
    """When New York's day that holds this moment began."""
    return _midnight(at // HOUR)


@lru_cache(maxsize=65_536)
def _midnight(hours: int) -> int:
    # Clocks change at two in the morning on a whole hour of UTC, so an hour lies in one day.
    local = datetime.fromtimestamp(hours * 3600, NEW_YORK)
    return int(local.replace(hour=0, minute=0).timestamp()) * SECOND


def new_york_day(text: str) -> int | None:
    """When the New York day written YYYY-MM-DD begins; None when it is not written so."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=NEW_YORK)
    except ValueError:
        return None
    return int(day.timestamp()) * SECOND


def parse_iso(text: str) -> int | None:
    """Nanoseconds of an RFC 3339 moment or a plain date in UTC; None when it is neither."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1_000_000) * 1000
