"""The life of a webhook endpoint: well, failing, off; one table says all that can happen to it.

A new endpoint is active. Only the owner turns one on again that was turned off, by whomever.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from attrs import evolve, frozen

from alpine_service.domain.delivery.answer import Verdict

# How long nothing but failures may come before we give up.
PATIENCE = timedelta(days=5)


class State(StrEnum):
    """How an endpoint is."""

    ACTIVE = "active"
    # The newest attempt failed, and it is sent to all the same.
    FAILING = "failing"
    OFF = "off"


class Happening(StrEnum):
    """What may happen to one."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    # It failed, and has done nothing else for longer than our patience.
    WORN_OUT = "worn_out"
    GONE = "gone"
    TURNED_OFF = "turned_off"
    TURNED_ON = "turned_on"


class OffReason(StrEnum):
    """Why an endpoint is off."""

    GONE = "gone"
    WORN_OUT = "worn_out"
    OWNER = "owner"


# Every edge there is; none may live elsewhere. What is off stays off whatever late answers say.
TRANSITIONS: dict[tuple[State, Happening], State] = {
    (State.ACTIVE, Happening.SUCCEEDED): State.ACTIVE,
    (State.ACTIVE, Happening.FAILED): State.FAILING,
    (State.ACTIVE, Happening.WORN_OUT): State.OFF,
    (State.ACTIVE, Happening.GONE): State.OFF,
    (State.ACTIVE, Happening.TURNED_OFF): State.OFF,
    (State.ACTIVE, Happening.TURNED_ON): State.ACTIVE,
    (State.FAILING, Happening.SUCCEEDED): State.ACTIVE,
    (State.FAILING, Happening.FAILED): State.FAILING,
    (State.FAILING, Happening.WORN_OUT): State.OFF,
    (State.FAILING, Happening.GONE): State.OFF,
    (State.FAILING, Happening.TURNED_OFF): State.OFF,
    (State.FAILING, Happening.TURNED_ON): State.ACTIVE,
    (State.OFF, Happening.SUCCEEDED): State.OFF,
    (State.OFF, Happening.FAILED): State.OFF,
    (State.OFF, Happening.WORN_OUT): State.OFF,
    (State.OFF, Happening.GONE): State.OFF,
    (State.OFF, Happening.TURNED_OFF): State.OFF,
    (State.OFF, Happening.TURNED_ON): State.ACTIVE,
}
_REASONS = {
    Happening.GONE: OffReason.GONE,
    Happening.WORN_OUT: OffReason.WORN_OUT,
    Happening.TURNED_OFF: OffReason.OWNER,
}
_HAPPENINGS = {Verdict.SUCCEEDED: Happening.SUCCEEDED, Verdict.GONE: Happening.GONE}


@frozen
class Health:
    """An endpoint's state. `failing_since` is the first failure after the last success.

    `era` counts up when the owner turns it on or gives it another URL: what was sent in an era
    before says nothing about this one.
    """

    state: State = State.ACTIVE
    failing_since: datetime | None = None
    reason: OffReason | None = None
    era: int = 0

    def after(self, happening: Happening, at: datetime) -> "Health":
        """The state after it happened at that time."""
        new = TRANSITIONS[self.state, happening]
        if new is State.OFF:
            return (
                self
                if self.state is State.OFF
                else evolve(self, state=new, reason=_REASONS[happening])
            )
        if new is State.FAILING:
            return evolve(self, state=new, failing_since=self.failing_since or at)
        era = self.era + (happening is Happening.TURNED_ON)
        return Health(new, era=era)

    def after_attempt(self, verdict: Verdict, era: int, at: datetime) -> "Health":
        """The state after an attempt that was begun in that era ended at that time."""
        if era != self.era:
            return self
        happening = _HAPPENINGS.get(verdict, Happening.FAILED)
        if happening is Happening.FAILED and self._is_worn_out(at):
            happening = Happening.WORN_OUT
        return self.after(happening, at)

    def moved(self) -> "Health":
        """The state once the URL is another: as before, but nothing is known of the new place."""
        state = State.ACTIVE if self.state is State.FAILING else self.state
        return evolve(self, state=state, failing_since=None, era=self.era + 1)

    def _is_worn_out(self, at: datetime) -> bool:
        return self.failing_since is not None and at - self.failing_since >= PATIENCE
