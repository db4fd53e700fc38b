"""How far a signal is, in a word or two: what people look for first after its direction.

Spans count from when a witness vouched for it, where one has: the log's own clock is only its word.
"""

from datetime import datetime

from attrs import frozen

from alpine_service.domain.signals.signal import SignalRecord
from alpine_service.domain.signals.visibility import State, state_of
from alpine_service.pages.formats import change_bp, span

_US = 1_000_000
_KINDS = {"target": "good", "stop": "bad", "expired": "", "void": "warn"}
_WORDS = {"target": "Target", "stop": "Stopped", "expired": "Expired", "void": "Void"}


@frozen
class Status:
    """`kind` is of a badge: good, bad, warn, accent or nothing."""

    words: str
    kind: str


def since_us(seen: SignalRecord) -> int:
    """From when its spans count, in microseconds: a witness's time, or the log's without one."""
    return seen.decided_us if seen.official_s is None else seen.official_s * _US


def status_of(seen: SignalRecord, horizon_s: int | None, now: datetime) -> Status:
    """Of a record as the reader may see it."""
    now_us = int(now.timestamp() * _US)
    if state_of(seen) is State.SEALED:
        return _sealed(seen, now_us)
    if seen.result is not None:
        change = f" {change_bp(seen.return_bp)}" if seen.return_bp is not None else ""
        return Status(f"{_WORDS[seen.result]}{change}", _KINDS[seen.result])
    if seen.direction == "HOLD":
        return Status("No position", "")
    end_us = since_us(seen) + (horizon_s or 0) * _US
    if now_us < end_us:
        return Status(f"Open, {span((end_us - now_us) / _US)} left", "accent")
    return Status("Awaits its outcome", "")


def _sealed(seen: SignalRecord, now_us: int) -> Status:
    if seen.reveal_after_us is None:
        return Status("Sealed", "")
    due_us = since_us(seen) + seen.reveal_after_us - seen.decided_us
    if now_us < due_us:
        return Status(f"Opens in {span((due_us - now_us) / _US)}", "")
    return Status("Overdue", "warn")
