"""What passes between a breaker and a caller: a permit or a rejection, and how the call ended."""

from enum import StrEnum

from attrs import define, field, frozen

from argo_core.errors import VendorRefused, VendorThrottled
from argo_core.resilience.breaker_table import State


class Outcome(StrEnum):
    """How a call ended, as far as the vendor's health goes."""

    SUCCESS = "success"
    FAILURE = "failure"
    IGNORED = "ignored"


class Settled(StrEnum):
    """What became of an outcome."""

    COUNTED = "counted"
    """It is in the window, or was a probe's verdict."""

    IGNORED = "ignored"
    """It says nothing about the vendor's health; a probe's slot is free again."""

    LATE = "late"
    """The breaker has changed its state since the call was admitted; only metrics count it."""

    REPEATED = "repeated"
    """The permit had been settled before; nothing happened."""


@define(eq=False)
class Permit:
    """A ticket for one call of the breaker's era `generation`, begun at `started` seconds.

    Settle it once the call is over, whatever happened. It is used up by that: `settled` is the one
    thing about it that changes, and the breaker alone changes it.
    """

    generation: int
    started: float
    probe: bool
    settled: bool = field(default=False, init=False)


@frozen
class Rejected:
    """No call now, because of `state`.

    `retry_after_s` is how long the breaker stays open, and at most how long the probe in flight may
    still take while HALF_OPEN. It is None while FORCED_OPEN, which only an operator ends.
    """

    state: State
    retry_after_s: float | None


def blame(error: BaseException | None) -> Outcome:
    """What an error, or none, says about the vendor's health.

    A vendor that throttles is the limiter's business and one that refuses is an operator's: both
    are up, and asking less often would not help. A caller that gave up is nobody's fault. All else
    is a failure: no connection, no answer in time, an answer that cannot be read.
    """
    if error is None:
        return Outcome.SUCCESS
    if isinstance(error, VendorThrottled | VendorRefused) or not isinstance(error, Exception):
        return Outcome.IGNORED
    return Outcome.FAILURE
