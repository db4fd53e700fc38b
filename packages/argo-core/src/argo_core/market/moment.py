"""Moments are aware UTC; on the wire they are whole microseconds since 1970."""

from datetime import UTC, datetime, timedelta

from argo_core.errors import InvalidInput

_NO_TIME = timedelta(0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Outside of this nothing has been seen, and microseconds stop being whole numbers everywhere.
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def aware(name: str, moment: datetime) -> datetime:
    """`moment`, refused unless it is aware UTC and one that data can have.

    Raises:
        InvalidInput: it is naive, in another zone, before 1970 or after 2199.
    """
    # Nearly all of them are of this very zone, and it is asked four times for every price.
    if moment.tzinfo is not UTC and moment.utcoffset() != _NO_TIME:
        raise InvalidInput(name, f"{moment!r} is not in UTC", "give an aware UTC datetime")
    if not _EPOCH <= moment < _LATEST:
        raise InvalidInput(name, f"{moment!r} is out of range", "give a moment from 1970 to 2199")
    return moment


def to_micros(moment: datetime) -> int:
    """Whole microseconds since 1970 UTC, exact."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def from_micros(micros: int) -> datetime:
    """The aware UTC moment that many microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=micros)
