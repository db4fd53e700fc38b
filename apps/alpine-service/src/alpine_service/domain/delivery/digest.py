"""The daily mail: when it comes, and what is in it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

import orjson
from attrs import frozen

from alpine_service.domain.signals.signal import SignalRecord

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DEFAULT_HOUR = 7
DEFAULT_ZONE = "UTC"
# So many signals are listed; of the others it says how many there are.
MOST_LINES = 50


@frozen
class DigestWish:
    """What somebody wants: a mail a day at that hour of that zone, or none."""

    is_on: bool = False
    hour: int = DEFAULT_HOUR
    zone: str = DEFAULT_ZONE


@frozen
class DigestLine:
    """One signal; prices are decimals as the log has them, and a result comes with its outcome."""

    log_index: int
    symbol: str
    direction: str
    confidence_bp: int
    strategy: str
    decided_at: datetime
    entry: str | None = None
    stop: str | None = None
    target: str | None = None
    result: str | None = None
    return_bp: int | None = None


@frozen
class DigestContent:
    """What happened since the last mail: `lines` are the newest of `signals`."""

    signals: int
    lines: Sequence[DigestLine]
    results: Mapping[str, int]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not self.signals and not self.results


def next_digest(behind: datetime, hour: int, zone: tzinfo) -> datetime:
    """The first moment behind that one at which it is that hour in the zone.

    An hour that a change of clocks leaves out is taken an hour later; of one that comes twice, the
    first is taken.
    """
    day = behind.astimezone(zone).date()
    while True:
        moment = _at(day, hour, zone)
        if moment > behind:
            return moment
        day += timedelta(days=1)


def line_of(seen: SignalRecord) -> DigestLine:
    """The line of a signal that is open to the receiver, as `seen_by` gave it.

    Raises:
        ValueError: it is sealed to them.
    """
    if seen.data is None:
        raise ValueError(f"the signal at {seen.log_index} is sealed")
    members = orjson.loads(seen.data)
    return DigestLine(
        log_index=seen.log_index,
        symbol=str(seen.symbol),
        direction=str(seen.direction),
        confidence_bp=seen.confidence_bp or 0,
        strategy=seen.strategy,
        decided_at=_EPOCH + timedelta(microseconds=seen.decided_us),
        entry=members.get("entry"),
        stop=members.get("stop"),
        target=members.get("target"),
        result=seen.result,
        return_bp=seen.return_bp,
    )


def _at(day: date, hour: int, zone: tzinfo) -> datetime:
    # Through UTC, because sums within a zone do not see its changes of clocks.
    local = datetime(day.year, day.month, day.day, hour, tzinfo=zone)
    return (local - (local.utcoffset() or timedelta(0))).replace(tzinfo=UTC)
