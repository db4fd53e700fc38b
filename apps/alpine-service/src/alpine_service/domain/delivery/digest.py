"""The daily mail: when it comes, and what is in it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

from attrs import field, frozen

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
    """One signal."""

    symbol: str
    direction: str
    confidence_bp: int
    strategy: str
    decided_at: datetime


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


@frozen
class DigestMail:
    """A digest's words, and the link that turns further ones off."""

    subject: str
    text: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


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


def compose(content: DigestContent, day: date, public_url: str, token: str) -> DigestMail:
    """The mail of that day. The headers let a mail program unsubscribe by itself (RFC 8058)."""
    link = f"{public_url}/v1/digest/unsubscribe?token={token}"
    parts = [f"Alpine, {day.isoformat()}: {_count(content.signals, 'signal')}.", ""]
    parts += [_line(each) for each in content.lines]
    if content.signals > len(content.lines):
        parts.append(f"and {content.signals - len(content.lines)} more")
    if content.results:
        parts += ["", "Outcomes:"]
        parts += [f"  {result}: {count}" for result, count in sorted(content.results.items())]
    parts += [
        "",
        f"All of it, with proofs: {public_url}",
        "",
        f"No more of these mails: {link}",
        "",
    ]
    return DigestMail(
        f"Signals of {day.isoformat()}: {content.signals}",
        "\n".join(parts),
        {
            "List-Unsubscribe": f"<{link}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )


def _at(day: date, hour: int, zone: tzinfo) -> datetime:
    # Through UTC, because sums within a zone do not see its changes of clocks.
    local = datetime(day.year, day.month, day.day, hour, tzinfo=zone)
    return (local - (local.utcoffset() or timedelta(0))).replace(tzinfo=UTC)


def _line(line: DigestLine) -> str:
    return (
        f"{line.decided_at:%Y-%m-%d %H:%M} UTC  {line.symbol:<8} {line.direction:<4}"
        f" {abs(line.confidence_bp) / 100:6.2f} %  {line.strategy}"
    )


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
