"""Query parameters, each checked by name: what is malformed, doubled or unknown is refused."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Collection
from datetime import UTC, datetime
from decimal import Decimal
from difflib import get_close_matches

from attrs import evolve, field, frozen
from yarl import URL

from argo_core.consensus.reasons import Direction
from argo_core.errors import InvalidInput
from argo_core.ledger.record import SignalQuery
from argo_core.market.instrument import Symbol, parse_symbol

DEFAULT_LIMIT = 50
MOST = 500
_PERCENT_TO_BP = 100
_WHOLE = re.compile(r"[0-9]{1,9}")
_LONGEST = 200


@frozen
class Parameters:
    """The query of a request, each name once.

    Raises:
        InvalidInput: a name is unknown or given twice; so does every method for its value.
    """

    given: dict[str, str] = field(factory=dict)

    @classmethod
    def of(cls, url: URL, known: Collection[str]) -> "Parameters":
        given: dict[str, str] = {}
        for name, value in url.query.items():
            shown = name[:40]
            if name not in known:
                close = get_close_matches(name, known, n=1)
                listed = ", ".join(sorted(known)) or "none"
                fix = f"did you mean {close[0]}?" if close else f"this path takes: {listed}"
                raise InvalidInput(shown, "there is no such parameter", fix)
            if name in given:
                raise InvalidInput(shown, "it is given twice", "give it once")
            if len(value) > _LONGEST:
                raise InvalidInput(shown, "it is too long", f"keep it within {_LONGEST}")
            given[name] = value
        return cls(given)

    def symbol(self) -> Symbol | None:
        text = self.given.get("symbol")
        return None if text is None else parse_symbol(text)

    def direction(self) -> str | None:
        return self.choice("direction", tuple(Direction))

    def choice(self, name: str, choices: tuple[str, ...], default: str | None = None) -> str | None:
        text = self.given.get(name, default)
        if text is not None and text not in choices:
            fix = f"give one of {', '.join(choices)}"
            raise InvalidInput(name, f"{text[:40]!r} is not known", fix)
        return text

    def percent_as_bp(self, name: str) -> int:
        """Percent with up to two decimals, as basis points; 0 when absent."""
        text = self.given.get(name, "0")
        fix = "give a percentage from 0 to 100, such as 82.5"
        try:
            points = Decimal(text) * _PERCENT_TO_BP
        except ArithmeticError as error:
            raise InvalidInput(name, f"{text[:40]!r} is not a number", fix) from error
        if not points.is_finite() or not 0 <= points <= 100 * _PERCENT_TO_BP:
            raise InvalidInput(name, f"{text[:40]!r} is out of range", fix)
        if points != points.to_integral_value():
            raise InvalidInput(name, f"{text[:40]!r} is too fine", "give at most two decimals")
        return int(points)

    def moment(self, name: str) -> datetime | None:
        text = self.given.get(name)
        if text is None:
            return None
        fix = "give ISO 8601 with a zone, such as 2024-11-25T14:30:00Z"
        try:
            # A plus sign that was not percent-encoded arrives as a space.
            moment = datetime.fromisoformat(text.replace(" ", "+"))
            aware = moment.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise InvalidInput(name, f"{text[:40]!r} is not a moment", fix) from error
        # Without a zone Python would take the machine's own.
        if moment.tzinfo is None:
            raise InvalidInput(name, f"{text[:40]!r} has no zone", fix)
        return aware

    def limit(self) -> int:
        text = self.given.get("limit", str(DEFAULT_LIMIT))
        fix = f"give a whole number from 1 to {MOST}"
        if not _WHOLE.fullmatch(text) or not 1 <= int(text) <= MOST:
            raise InvalidInput("limit", f"{text[:40]!r} is not a page size", fix)
        return int(text)

    def query(self, symbol: Symbol | None) -> SignalQuery:
        """What to look for, of `symbol` if there is one, from where the cursor points."""
        query = SignalQuery(
            symbol=symbol,
            direction=self.direction(),
            min_confidence_bp=self.percent_as_bp("min_confidence"),
            since=self.moment("since"),
            until=self.moment("until"),
            limit=self.limit(),
        )
        cursor = self.given.get("cursor")
        return query if cursor is None else evolve(query, before=read_cursor(cursor, query))


def write_cursor(before: int, query: SignalQuery) -> str:
    """An opaque cursor to the entries below `before`, good for the same question only."""
    text = json.dumps([before, _fingerprint(query)], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(text: str, query: SignalQuery) -> int:
    """The index a cursor points to.

    Raises:
        InvalidInput: it is not one of ours, or belongs to another question.
    """
    fix = "use the text of `next` from the page before, unchanged"
    try:
        padded = text + "=" * (-len(text) % 4)
        before, fingerprint = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        ours = isinstance(before, int) and write_cursor(before, query) == text
    except (ValueError, TypeError, binascii.Error) as error:
        raise InvalidInput("cursor", f"{text[:40]!r} is not a cursor", fix) from error
    if ours and before >= 0:
        return int(before)
    if isinstance(fingerprint, str) and fingerprint != _fingerprint(query):
        fix = "keep the filters of the first page, or leave the cursor out"
        raise InvalidInput("cursor", "it belongs to other filters", fix)
    raise InvalidInput("cursor", f"{text[:40]!r} is not a cursor", fix)


def _fingerprint(query: SignalQuery) -> str:
    # The page size may change from page to page, what is asked may not.
    asked = (query.symbol, query.direction, query.min_confidence_bp, query.since, query.until)
    return hashlib.sha256(repr(asked).encode()).hexdigest()[:12]
