"""Vendors' days from the time zone database, as the offset changes that the core reckons with."""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from argo_core.errors import InvalidInput
from argo_core.resilience.vendor_day import OffsetChange, VendorDays

SINCE: Final = datetime(2020, 1, 1, tzinfo=UTC)
"""Vendors' days are known from here on; recorded markets begin later."""

UNTIL: Final = datetime(2041, 1, 1, tzinfo=UTC)
"""Changes of offset are known up to here; the last one then stays."""

# No zone changes its offset twice within so short a time.
_STEP: Final = timedelta(hours=12)
_SECOND: Final = timedelta(seconds=1)


@lru_cache(maxsize=16)
def vendor_days(time_zone: str) -> VendorDays:
    """The days of a vendor whose midnight is that of `time_zone`, such as `America/New_York`.

    Reads the zone's rules from the disk the first time.

    Raises:
        InvalidInput: there is no such time zone.
    """
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        problem = f"{time_zone[:60]!r} is no time zone"
        raise InvalidInput("time_zone", problem, "write it like UTC or America/New_York") from error
    changes = [OffsetChange(SINCE, _offset(zone, SINCE))]
    at = SINCE
    while at < UNTIL:
        if _offset(zone, at + _STEP) != changes[-1].offset:
            moment = _change(zone, at, at + _STEP)
            changes.append(OffsetChange(moment, _offset(zone, moment)))
        at += _STEP
    return VendorDays(tuple(changes))


def _offset(zone: tzinfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def _change(zone: tzinfo, before: datetime, after: datetime) -> datetime:
    """The first whole second with the offset of `after`, by bisection."""
    wanted = _offset(zone, after)
    while after - before > _SECOND:
        middle = before + (after - before) // 2 // _SECOND * _SECOND
        middle = max(middle, before + _SECOND)
        if _offset(zone, middle) == wanted:
            after = middle
        else:
            before = middle
    return after
