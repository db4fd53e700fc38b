"""What stands before a call to a vendor: limits, breaker, budget, and what processes share."""

from datetime import datetime

from attrs import frozen

from argo_core.consensus.opinion import SourceName
from argo_core.resilience.breaker_table import State
from argo_core.resilience.budget import Amount, DayLimit


@frozen
class CallAdmitted:
    """One call may be made after waiting `waited_s` for its source's limits.

    `tokens` are what each limit has left, `waiting` how many calls wait for their turn.
    """

    source: SourceName
    at: datetime
    waited_s: float
    tokens: tuple[float, ...]
    waiting: int = 0


@frozen
class CallRejected:
    """One call was not made: `by` is "breaker" or "limiter"."""

    source: SourceName
    at: datetime
    by: str
    retry_after_s: float | None


@frozen
class BreakerChanged:
    """A source's breaker went from one state to another; `open_s` is how long it stays open."""

    source: SourceName
    at: datetime
    before: State
    after: State
    open_s: float | None


@frozen
class BudgetBooked:
    """A vendor's day stands at `spent` beside `reserved`, of `allowed`; it ends at `resets_at`."""

    source: SourceName
    at: datetime
    spent: Amount
    reserved: Amount
    allowed: DayLimit
    resets_at: datetime | None = None


@frozen
class BudgetRefused:
    """An ask was not made: `measure` of the vendor's day would be exceeded until `resets_at`."""

    source: SourceName
    at: datetime
    measure: str
    resets_at: datetime


@frozen
class SharedStateChanged:
    """What processes share came within reach, or went out of it because of a `problem`."""

    at: datetime
    within_reach: bool
    problem: str = ""


AdmissionEvent = (
    CallAdmitted | CallRejected | BreakerChanged | BudgetBooked | BudgetRefused | SharedStateChanged
)
