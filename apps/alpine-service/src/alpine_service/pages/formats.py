"""How values are written on pages: one spelling each, in figures that stand below each other.

Signs are real minus signs, thousands have thin spaces at which no line breaks, times are UTC and
say so. Scripts write no values of a signal: what they put on a page was written here. Only a chart
that is looked into writes the numbers at its cursor by itself.
"""

from datetime import UTC, datetime
from decimal import Decimal

MINUS = "\u2212"
NOTHING = "\u2013"
_THIN = "\u202f"
_US = 1_000_000
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400
# Beyond this an age is better told in days.
_LAST_HOURS_S = 2 * _DAY_S
ARROWS = {"BUY": "▲", "SELL": "▼", "HOLD": "■"}


def count(number: int) -> str:
    """12 345, with thin spaces."""
    return f"{number:,}".replace(",", _THIN).replace("-", MINUS)


def percent(part: float | None, digits: int = 1) -> str:
    """A part of one as per cent; a dash for what is not defined."""
    return NOTHING if part is None else f"{part * 100:.{digits}f}{_THIN}%".replace("-", MINUS)


def percent_bp(bp: float | None, digits: int = 1) -> str:
    """Basis points as per cent, without a plus sign."""
    return NOTHING if bp is None else percent(bp / 10_000, digits)


def change_bp(bp: float | None, digits: int = 2) -> str:
    """Basis points as a change in per cent, with its sign."""
    if bp is None:
        return NOTHING
    text = f"{bp / 100:+.{digits}f}{_THIN}%"
    return text.replace("-", MINUS)


def moment(at: datetime | None) -> str:
    """2026-03-02 12:00:00 UTC."""
    return NOTHING if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def day(at: datetime | None) -> str:
    """2 Mar 2026."""
    return NOTHING if at is None else f"{at.astimezone(UTC).day} {at.astimezone(UTC):%b %Y}"


def clock(at: datetime) -> str:
    """12:00:05, for lists whose day is said elsewhere."""
    return f"{at.astimezone(UTC):%H:%M:%S}"


def machine(at: datetime) -> str:
    """For the attribute `datetime`."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def of_us(microseconds: int) -> datetime:
    """The moment so many microseconds after 1970 began."""
    return datetime.fromtimestamp(microseconds // _US, UTC).replace(microsecond=microseconds % _US)


def span(seconds: float | None) -> str:
    """How long, in the one or two largest units that matter: 8 s, 4 min, 3 h 20 min, 12 d."""
    if seconds is None:
        return NOTHING
    whole = max(0, int(seconds))
    if whole < _MINUTE_S:
        return f"{whole} s"
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S} min"
    if whole < _LAST_HOURS_S:
        hours, minutes = whole // _HOUR_S, whole % _HOUR_S // _MINUTE_S
        return f"{hours} h {minutes} min" if minutes and hours < 10 else f"{hours} h"  # noqa: PLR2004
    return f"{whole // _DAY_S} d"


def price(text: str | Decimal | None) -> str:
    """A price as it is in the record, with thousands apart."""
    if text is None:
        return NOTHING
    # Not by way of an integer: the record bounds no digits, and Python does.
    return f"{Decimal(text):,f}".replace(",", _THIN).replace("-", MINUS)


def arrow(direction: str | None) -> str:
    """A sign for a direction, which colour alone never tells."""
    return ARROWS.get(direction or "", NOTHING)


def short(digest: str, length: int = 12) -> str:
    """The beginning of a long hexadecimal number."""
    return digest if len(digest) <= length else f"{digest[:length]}…"


def coordinate(value: float) -> str:
    """A place in a picture, spelled as JavaScript spells the same number."""
    return f"{value:g}"


def source_name(source: str) -> str:
    """alpha_vantage -> Alpha Vantage."""
    return " ".join(word.capitalize() for word in source.split("_"))


def title(word: str) -> str:
    """Past due -> Past due."""
    return word[:1].upper() + word[1:].replace("_", " ")


FILTERS = {
    each.__name__: each
    for each in (
        count,
        percent,
        percent_bp,
        change_bp,
        moment,
        day,
        clock,
        machine,
        of_us,
        span,
        price,
        arrow,
        short,
        coordinate,
        source_name,
        title,
    )
}
