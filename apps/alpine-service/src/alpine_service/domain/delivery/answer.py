"""What a receiver answered, and what that means."""

from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

from attrs import field, frozen

LONGEST_EXCERPT = 500
_GONE = 410
_SLOW_DOWN = frozenset({429, 503})


class Verdict(StrEnum):
    """What an attempt came to."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    # The receiver wants nothing more, ever.
    GONE = "gone"


@frozen
class Answer:
    """One attempt's end. Without an answer `status` is None and `problem` says why, in a word.

    `took_s` is seconds; `retry_after_s` is what a receiver asked for, if it may; `excerpt` is what
    is kept of the body.
    """

    took_s: float
    status: int | None = None
    problem: str | None = None
    retry_after_s: float | None = None
    excerpt: str = field(default="", repr=False)

    @property
    def verdict(self) -> Verdict:
        """By Standard Webhooks 1.0.0: 2xx is success, 410 the end, a redirect a failure."""
        if self.status == _GONE:
            return Verdict.GONE
        if self.status is not None and 200 <= self.status <= 299:  # noqa: PLR2004 - it says 2xx
            return Verdict.SUCCEEDED
        return Verdict.FAILED


def read_retry_after(status: int, text: str | None, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header, as a count or as a date (RFC 9110, section 10.2.3).

    None if there is none, it is malformed, or the status is not one of those that ask for it.
    """
    if text is None or status not in _SLOW_DOWN:
        return None
    text = text.strip()
    if text.isascii() and text.isdecimal():
        # More digits than that are years, and Python refuses very many.
        return float(int(text[:12]))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        # Of a number that no clock has it says the one or the other, by its size.
        return None
    if moment.tzinfo is None:
        return None
    return max(0.0, (moment - now).total_seconds())


def excerpt(body: bytes) -> str:
    """The first printable characters of a body, for the owner to read."""
    text = body.decode("utf-8", errors="replace")
    return "".join(letter if letter.isprintable() else " " for letter in text)[:LONGEST_EXCERPT]
