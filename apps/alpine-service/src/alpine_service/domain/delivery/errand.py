"""One delivery on its way: what a courier takes along, and what comes of it."""

from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from alpine_service.domain.delivery.answer import Answer, Verdict
from alpine_service.domain.delivery.schedule import Schedule
from alpine_service.domain.signals.event import Audience


class DeliveryState(StrEnum):
    """How far a delivery came. Only `pending` goes on by itself; others the owner may resend."""

    PENDING = "pending"
    DELIVERED = "delivered"
    # Given up: a dead letter, kept.
    DEAD = "dead"
    # Not sent, or not any more, for a reason of ours.
    CANCELLED = "cancelled"


class EndReason(StrEnum):
    """Why a delivery was given up or cancelled."""

    # The schedule is at its end.
    EXHAUSTED = "exhausted"
    # The receiver answered 410.
    GONE = "gone"
    # Its endpoint was turned off.
    OFF = "off"
    # The owner's plan does not have it, or not any more.
    PLAN = "plan"


@frozen
class Errand:
    """A delivery that a courier has, by that lease. `secrets` are sealed, the newest first.

    `tries` is how many attempts of the schedule were made before.
    """

    id: str
    lease: str
    endpoint_id: str
    user_id: str
    era: int
    audience: Audience
    tries: int
    url: str = field(repr=False)
    body: bytes = field(repr=False)
    secrets: tuple[bytes, ...] = field(repr=False)


@frozen
class Result:
    """What is written down of an attempt. `due_at` is when to try again, for a pending one."""

    errand: Errand
    state: DeliveryState
    reason: EndReason | None
    due_at: datetime
    begun_at: datetime
    answer: Answer


def settle(
    errand: Errand,
    answer: Answer,
    *,
    begun_at: datetime,
    now: datetime,
    chance: float,
    schedule: Schedule,
) -> Result:
    """What an answer means for the delivery; `chance` from 0 to 1 spreads the next attempt."""
    verdict = answer.verdict
    if verdict is Verdict.SUCCEEDED:
        return Result(errand, DeliveryState.DELIVERED, None, now, begun_at, answer)
    if verdict is Verdict.GONE:
        return Result(errand, DeliveryState.DEAD, EndReason.GONE, now, begun_at, answer)
    due_at = schedule.next_at(errand.tries + 1, now, chance, answer.retry_after_s)
    if due_at is None:
        return Result(errand, DeliveryState.DEAD, EndReason.EXHAUSTED, now, begun_at, answer)
    return Result(errand, DeliveryState.PENDING, None, due_at, begun_at, answer)


@frozen
class Attempt:
    """One attempt as its owner reads it."""

    number: int
    at: datetime
    took_ms: int
    status: int | None
    problem: str | None
    excerpt: str = field(repr=False)


@frozen
class Delivery:
    """One delivery as its owner reads it, with its newest attempts, the last one first."""

    id: str
    endpoint_id: str
    event_number: int | None
    kind: str
    state: DeliveryState
    reason: EndReason | None
    attempt_count: int
    made_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    attempts: tuple[Attempt, ...]
