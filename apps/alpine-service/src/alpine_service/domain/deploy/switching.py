"""The order in which a new colour takes over, and what each failure leads to.

The table is the whole of it: nowhere else is it decided what comes next. Until `SWITCH` nobody but
us has seen the new colour, so what fails is taken away again. From then on a failure leads back to
the old colour, which is stopped only when the new one has been watched for long enough.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from attrs import frozen


class Step(StrEnum):
    """One thing to do; it succeeds or fails."""

    LOOK = "look"  # Exactly one colour serves, and it is ready.
    START = "start"  # Start the new one; it gets no requests.
    GATE = "gate"  # Its deep health is no worse than the old one's.
    SWITCH = "switch"  # New requests go to the new one.
    DRAIN = "drain"  # The old one finishes what it had begun.
    WATCH = "watch"  # The new one is well, and its answers are.
    STOP = "stop"  # Stop the old one.
    WITHDRAW = "withdraw"  # Stop the new one, which nobody has seen.
    BACK = "switch back"  # New requests go to the old one again.
    DRAIN_NEW = "drain the new"  # The new one finishes what it had begun.
    STOP_NEW = "stop the new"


class End(StrEnum):
    """How it ended."""

    DONE = "done"  # The new colour serves, the old one is stopped.
    REFUSED = "refused"  # The old colour serves, as if nothing had been.
    ROLLED_BACK = "rolled back"  # The old colour serves again, the new one is stopped.
    STUCK = "stuck"  # Somebody has to look: a step failed that nothing leads back from.


@frozen
class After:
    """What comes after a step."""

    success: Step | End
    failure: Step | End


FIRST = Step.LOOK
NEXT: Mapping[Step, After] = MappingProxyType(
    {
        Step.LOOK: After(Step.START, End.REFUSED),
        Step.START: After(Step.GATE, Step.WITHDRAW),
        Step.GATE: After(Step.SWITCH, Step.WITHDRAW),
        Step.SWITCH: After(Step.DRAIN, Step.BACK),
        Step.DRAIN: After(Step.WATCH, Step.BACK),
        Step.WATCH: After(Step.STOP, Step.BACK),
        # The new one serves and is well; only the old one is left over.
        Step.STOP: After(End.DONE, End.STUCK),
        Step.WITHDRAW: After(End.REFUSED, End.STUCK),
        Step.BACK: After(Step.DRAIN_NEW, End.STUCK),
        # Nobody waits for ever for what a sick colour had begun.
        Step.DRAIN_NEW: After(Step.STOP_NEW, Step.STOP_NEW),
        Step.STOP_NEW: After(End.ROLLED_BACK, End.STUCK),
    }
)
UNBROKEN = frozenset({Step.STOP, Step.WITHDRAW, Step.BACK, Step.DRAIN_NEW, Step.STOP_NEW})
"""Steps after which nothing is left to be decided: a wish to stop does not break them off."""


def after(step: Step, *, is_done: bool) -> Step | End:
    """What comes after the step."""
    return NEXT[step].success if is_done else NEXT[step].failure
