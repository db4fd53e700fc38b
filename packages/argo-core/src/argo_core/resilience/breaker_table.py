"""The breaker's states and every way from one to another, in one table that also draws itself.

The pattern is Nygard's ("Release It!", 2nd edition, 2018, chapter 5); the states are named as in
Resilience4j.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias


class State(StrEnum):
    """How a breaker treats calls."""

    CLOSED = "CLOSED"
    """Admits all of them and judges by them."""

    OPEN = "OPEN"
    """Rejects all of them for a while."""

    HALF_OPEN = "HALF_OPEN"
    """Admits one probe at a time."""

    FORCED_OPEN = "FORCED_OPEN"
    """Rejects all of them until an operator says otherwise."""

    DISABLED = "DISABLED"
    """Admits all of them and counts none."""

    METRICS_ONLY = "METRICS_ONLY"
    """Admits all of them and counts them, without consequence."""


class Finding(StrEnum):
    """What a breaker finds out by itself."""

    TRIPPED = "tripped"
    COOLED = "cooled"
    RECOVERED = "recovered"
    PROBE_FAILED = "probe failed"
    PROBE_LOST = "probe lost"


class Command(StrEnum):
    """What an operator can say to a breaker."""

    FORCE_OPEN = "force open"
    DISABLE = "disable"
    ONLY_MEASURE = "only measure"
    RESET = "reset"


Trigger: TypeAlias = Finding | Command
Table: TypeAlias = Mapping[tuple[State, Trigger], State]

_MEANT = {
    Command.FORCE_OPEN: State.FORCED_OPEN,
    Command.DISABLE: State.DISABLED,
    Command.ONLY_MEASURE: State.METRICS_ONLY,
    Command.RESET: State.CLOSED,
}

# This is the whole machine. No edge may live anywhere else: a change of state happens by looking
# it up here, and a pair that is absent changes nothing.
TRANSITIONS: Table = MappingProxyType(
    {
        (State.CLOSED, Finding.TRIPPED): State.OPEN,
        (State.OPEN, Finding.COOLED): State.HALF_OPEN,
        (State.HALF_OPEN, Finding.RECOVERED): State.CLOSED,
        (State.HALF_OPEN, Finding.PROBE_FAILED): State.OPEN,
        (State.HALF_OPEN, Finding.PROBE_LOST): State.OPEN,
        **{
            (before, command): after
            for command, after in _MEANT.items()
            for before in State
            if before is not after
        },
    }
)

# States that let a call through without asking for the time.
ADMITTING = frozenset({State.CLOSED, State.DISABLED, State.METRICS_ONLY})


def diagram(table: Table = TRANSITIONS) -> str:
    """The table as a mermaid state diagram.

    A trigger that leads to the same state from every other one is drawn once, from "any other
    state"; two triggers between the same two states share an arrow.
    """
    arrows: dict[tuple[str, State], list[str]] = {}
    for before, trigger, after in _edges(table):
        arrows.setdefault((before, after), []).append(trigger)
    lines = [f"{before} --> {after}: {', '.join(said)}" for (before, after), said in arrows.items()]
    head = ["stateDiagram-v2", f'state "any other state" as {_ANY}', f"[*] --> {State.CLOSED}"]
    return "\n    ".join([*head, *lines])


_ANY = "ANY"


def _edges(table: Table) -> Iterator[tuple[str, Trigger, State]]:
    for (before, trigger), after in table.items():
        others = [state for state in State if state is not after]
        if any(table.get((other, trigger)) is not after for other in others):
            yield before, trigger, after
        elif before is others[0]:
            yield _ANY, trigger, after
