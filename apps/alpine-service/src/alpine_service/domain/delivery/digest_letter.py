"""The daily mail's words: signals, results and the record, and the link that ends it."""

from collections.abc import Iterator, Sequence
from datetime import date

from alpine_service.domain.delivery.digest import DigestContent, DigestLine
from alpine_service.domain.letters.blocks import (
    Block,
    Cell,
    Column,
    Facts,
    Heading,
    Link,
    Paragraph,
    Row,
    Table,
    Tone,
)
from alpine_service.domain.letters.letter import Letter, write
from alpine_service.domain.signals.performance import Performance

_COLUMNS = (
    Column("Symbol"),
    Column("Direction"),
    Column("Confidence", is_numeric=True),
    Column("Entry", is_numeric=True),
    Column("Stop", is_numeric=True),
    Column("Target", is_numeric=True),
)
# A sign of its own for each, so that it is told without the colour too.
_DIRECTIONS = {
    "BUY": Cell("BUY ▲", Tone.BUY),
    "SELL": Cell("SELL ▼", Tone.SELL),
    "HOLD": Cell("HOLD ■", Tone.HOLD),
}
_RESULTS = {
    "target": "Target reached",
    "stop": "Stop reached",
    "expired": "Ran out",
    "void": "Void, for want of prices",
}
_NONE = "–"
# So many signals are named in the line that a list of mails shows.
_NAMED = 3


def compose(
    content: DigestContent, record: Performance, day: date, public_url: str, token: str
) -> Letter:
    """The mail of that day.

    The headers let a mail program unsubscribe by itself (RFC 8058); people are asked by a page.
    """
    by_program = f"{public_url}/v1/digest/unsubscribe?token={token}"
    by_page = f"{public_url}/digest/unsubscribe?token={token}"
    return write(
        f"Signals of {day.isoformat()}: {content.signals}",
        [
            *_signals(content, public_url),
            *_results(content),
            *_record(record, public_url),
        ],
        [
            Paragraph("You get this mail because you asked for one a day.", is_quiet=True),
            Link("Change when it comes", f"{public_url}/account", is_quiet=True),
            Link("No more of these mails", by_page, is_quiet=True),
        ],
        preheader=_preheader(content),
        title=f"Signals of {day.day} {day:%B %Y}",
        headers={
            "List-Unsubscribe": f"<{by_program}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )


def _signals(content: DigestContent, public_url: str) -> Iterator[Block]:
    if not content.signals:
        yield Paragraph("No new signals.")
        return
    yield Paragraph(f"{_count(content.signals)}, the newest first.")
    yield Table(_COLUMNS, [_row(line, public_url) for line in content.lines])
    if content.signals > len(content.lines):
        more = content.signals - len(content.lines)
        yield Link(f"And {more} more", f"{public_url}/signals/record")


def _row(line: DigestLine, public_url: str) -> Row:
    return Row(
        (
            Cell(line.symbol),
            _DIRECTIONS.get(line.direction, Cell(line.direction)),
            Cell(f"{abs(line.confidence_bp) / 100:.2f} %"),
            *(Cell(price or _NONE) for price in (line.entry, line.stop, line.target)),
        ),
        f"{public_url}/signals/{line.log_index}",
        f"{line.decided_at:%Y-%m-%d %H:%M} UTC, {line.strategy}",
        _state(line),
    )


def _state(line: DigestLine) -> str:
    if line.direction == "HOLD":
        return "nothing to resolve"
    if line.result is None:
        return "open"
    if line.return_bp is None:
        return line.result
    sign = "−" if line.return_bp < 0 else "+"
    return f"{line.result} {sign}{abs(line.return_bp) / 100:.2f} %"


def _results(content: DigestContent) -> Sequence[Block]:
    if not content.results:
        return ()
    rows = sorted((_RESULTS.get(each, each), str(n)) for each, n in content.results.items())
    return (Heading("Outcomes"), Facts(rows))


def _record(record: Performance, public_url: str) -> Iterator[Block]:
    yield Heading("The record so far")
    low, high = record.hit_rate_low, record.hit_rate_high
    if record.hit_rate is None or low is None or high is None:
        yield Paragraph("Nothing counts yet: no signal was resolved.")
    else:
        facts = [
            ("Signals that count", f"{record.counted:,}"),
            ("Hit rate", f"{record.hit_rate:.1%}".replace("%", " %")),
            ("Its 95 % interval", f"{100 * low:.1f} to {100 * high:.1f} %"),
        ]
        if record.tally.overdue:
            facts.append(("Not revealed in time, each a loss of all", f"{record.tally.overdue:,}"))
        yield Facts(facts)
    yield Paragraph(
        "All strategies together, retired ones included; of what everybody may see.", is_quiet=True
    )
    yield Link("All of it, with proofs", public_url)


def _preheader(content: DigestContent) -> str:
    named = [f"{line.symbol} {line.direction}" for line in content.lines[:_NAMED]]
    more = "" if content.signals <= len(named) else f" and {content.signals - len(named)} more"
    return f"{', '.join(named)}{more}" if named else "No new signals, but outcomes of earlier ones."


def _count(number: int) -> str:
    return f"{number} signal" if number == 1 else f"{number} signals"
