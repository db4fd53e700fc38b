"""Alpha Vantage's clock faces: New York for stocks, UTC for news and crypto, never with a zone."""

import re
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from argo_adapters.http.fields import Node

# Read once at import, because reading a zone's file would block the loop.
EASTERN = ZoneInfo("America/New_York")

_STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?")
_NEWS_STAMP = re.compile(r"[0-9]{8}T[0-9]{4}(?:[0-9]{2})?")


def moment_in(zone: tzinfo, stamp: Node) -> datetime:
    """The UTC moment of a stamp such as `2026-11-20 15:59:58.123` on a clock of that zone.

    The hour that autumn repeats is taken as the first one; the markets are closed in it.

    Raises:
        VendorGarbled: it is no such stamp, such as the samples' `2099-99-99`.
    """
    return _read(stamp, _STAMP).replace(tzinfo=zone).astimezone(UTC)


def news_moment(stamp: Node) -> datetime:
    """The UTC moment of a stamp such as `20261120T133000`.

    Raises:
        VendorGarbled: it is no such stamp.
    """
    return _read(stamp, _NEWS_STAMP).replace(tzinfo=UTC)


def _read(stamp: Node, shape: re.Pattern[str]) -> datetime:
    if shape.fullmatch(text := stamp.text()):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            # Year 1 would overflow on its way to UTC.
            if 2000 <= moment.year < 2100:  # noqa: PLR2004 - this century
                return moment
    raise stamp.refused("a time")
