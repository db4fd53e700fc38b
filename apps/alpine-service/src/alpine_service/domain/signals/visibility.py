"""Who may see what of a signal; no other place decides it.

A commit is in the log for everybody to see, as a commit. The body behind it is for real-time plans
once we have it, and for everybody once the log reveals it. What comes after it in the log says what
was in it (an outcome names the symbol and whether the target was hit), so it is hidden as long.
"""

from enum import StrEnum

from attrs import evolve

from alpine_service.domain.plans.entitlement import Entitlement
from alpine_service.domain.signals.event import Audience
from alpine_service.domain.signals.signal import SignalRecord


class State(StrEnum):
    """How far a signal is open, to the one who asks."""

    SEALED = "sealed"  # Committed; what it says is not to be seen.
    EARLY = "early"  # Open to real-time plans, before its reveal.
    PUBLIC = "public"  # Open to everybody.


def audience_of(entitlement: Entitlement | None) -> Audience:
    """What somebody may see; None is a stranger."""
    if entitlement is not None and entitlement.is_realtime:
        return Audience.REALTIME
    return Audience.EVERYBODY


def is_open_to(record: SignalRecord, audience: Audience) -> bool:
    """Whether its body may be seen."""
    return record.audience is not None and record.audience <= audience


def seen_by(record: SignalRecord, audience: Audience) -> SignalRecord:
    """The record as that audience may see it: what is sealed to them is as if we had no body."""
    if is_open_to(record, audience):
        return record
    return evolve(
        record,
        revealed_index=None,
        audience=None,
        signal_id=None,
        symbol=None,
        direction=None,
        confidence_bp=None,
        data=None,
        nonce=None,
        outcome_index=None,
        outcome=None,
        result=None,
        return_bp=None,
    )


def state_of(record: SignalRecord) -> State:
    """The state of a record as `seen_by` gave it."""
    if record.audience is None:
        return State.SEALED
    return State.PUBLIC if record.audience is Audience.EVERYBODY else State.EARLY
