"""How long a vendor wants to be left alone, read from a reply's headers without a clock of ours."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"[0-9]{1,7}(?:\.[0-9]{1,6})?")


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds from the header Retry-After (RFC 9110, 10.2.3), or None without a usable one.

    A date is measured against the same reply's own Date, so a difference between the vendor's
    clock and ours does not matter; a date without Date is not usable.
    """
    value = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    until, said = http_date(value), http_date(headers.get("Date", ""))
    if until is None or said is None:
        return None
    return max(0.0, (until - said) / timedelta(seconds=1))


def http_date(text: str) -> datetime | None:
    """The aware UTC moment an HTTP date means, or None where it is not one."""
    try:
        moment = parsedate_to_datetime(text)
        # Without a zone it is GMT by definition (RFC 9110, 5.6.7).
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
