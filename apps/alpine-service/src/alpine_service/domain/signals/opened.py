"""A body of a commit that was shown to us before its reveal."""

from attrs import evolve, frozen

from alpine_service.domain.feed.entry import Entry
from alpine_service.domain.feed.opening import open_commit
from alpine_service.domain.signals.event import Audience, NewEvent
from alpine_service.domain.signals.known import decision_of
from alpine_service.domain.signals.signal import SignalRecord
from alpine_service.domain.signals.story import shown
from alpine_service.domain.signals.telling import tell_opened
from alpine_service.errors import Refuted


@frozen
class Opened:
    """A commit's record with the body in it, for real-time plans, and the event that tells it."""

    record: SignalRecord
    event: NewEvent


def open_early(
    commit: Entry, record: SignalRecord, nonce: bytes, body: bytes, at_us: int
) -> Opened:
    """What a body that came early brings, checked as a reveal's would be.

    Raises:
        Malformed: the body is no entry.
        Refuted: it does not open the commit, is another signal, or not the one of its outcome.
    """
    signal = open_commit(commit, nonce, body)
    outcome = decision_of(record).outcome
    if outcome is not None and (
        signal.text("direction") == "HOLD"
        or (outcome.signal_id, outcome.symbol) != (signal.text("id"), signal.text("symbol"))
    ):
        raise Refuted("bad-outcome", f"the outcome of {commit.index} is one of another signal")
    opened = evolve(shown(record, signal, Audience.REALTIME), nonce=nonce)
    return Opened(opened, tell_opened(record, signal, at_us))
