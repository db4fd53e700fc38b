"""The order of a deployment, and what each failure leads to: one table, and no edge elsewhere.

There are two things to hand over, requests and the lease to publish. Requests go first, because
both colours answer them alike; then the old colour finishes its cycle and gives the lease back, and
the new one takes it. Whatever fails is undone in reverse: the lease, the requests, the process.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from attrs import frozen


class Step(StrEnum):
    """Something to be done, which succeeds or fails."""

    LOOK = "look"
    """One colour publishes and gets the requests, and is ready."""
    START = "start"
    """The other one is started; it reads along and publishes nothing."""
    GATE = "gate"
    """Level 3 of its health."""
    SWITCH = "switch"
    """It gets all new requests."""
    DRAIN = "drain"
    """The old one answers what it was asked before."""
    RELEASE = "release"
    """The old one finishes its cycle, gives the lease back and stands by."""
    TAKE_OVER = "take over"
    """The new one has the lease and a higher fence, and publishes."""
    WATCH = "watch"
    """Its answers, its health and its publishing are good for a while."""
    STOP = "stop"
    """The old one is stopped."""

    RECLAIM = "reclaim"
    """The old one publishes again."""
    SWITCH_BACK = "switch back"
    """The old one gets all new requests again."""
    DRAIN_NEW = "drain the new"
    STOP_NEW = "stop the new"
    WITHDRAW = "withdraw"
    """The new one, which nobody has seen, is stopped."""


class End(StrEnum):
    """How a deployment ended."""

    DONE = "done"
    REFUSED = "refused"
    ROLLED_BACK = "rolled back"
    STUCK = "stuck"


@frozen
class After:
    """What comes next: when the step was done, and when it failed."""

    done: Step | End
    failed: Step | End


FIRST = Step.LOOK
TABLE: Mapping[Step, After] = MappingProxyType(
    {
        Step.LOOK: After(Step.START, End.REFUSED),
        Step.START: After(Step.GATE, Step.WITHDRAW),
        Step.GATE: After(Step.SWITCH, Step.WITHDRAW),
        Step.SWITCH: After(Step.DRAIN, Step.SWITCH_BACK),
        Step.DRAIN: After(Step.RELEASE, Step.SWITCH_BACK),
        # Nobody knows whether it was heard, so the lease is asked for again.
        Step.RELEASE: After(Step.TAKE_OVER, Step.RECLAIM),
        Step.TAKE_OVER: After(Step.WATCH, Step.RECLAIM),
        Step.WATCH: After(Step.STOP, Step.RECLAIM),
        Step.STOP: After(End.DONE, End.STUCK),
        Step.RECLAIM: After(Step.SWITCH_BACK, End.STUCK),
        Step.SWITCH_BACK: After(Step.DRAIN_NEW, End.STUCK),
        # What a colour that failed has under way keeps it from nothing.
        Step.DRAIN_NEW: After(Step.STOP_NEW, Step.STOP_NEW),
        Step.STOP_NEW: After(End.ROLLED_BACK, End.STUCK),
        Step.WITHDRAW: After(End.REFUSED, End.STUCK),
    }
)
ON = (
    Step.LOOK,
    Step.START,
    Step.GATE,
    Step.SWITCH,
    Step.DRAIN,
    Step.RELEASE,
    Step.TAKE_OVER,
    Step.WATCH,
    Step.STOP,
)
"""The way when nothing fails."""
BREAKABLE = frozenset(ON) - {Step.STOP}
"""Steps that a wish to stop breaks off, which counts as their failure; others are finished."""


def following(step: Step, *, done: bool) -> Step | End:
    """What comes after the step."""
    return TABLE[step].done if done else TABLE[step].failed
