"""The roles of a process beside a hot standby, and every way from one to another, in one table.

The pattern is Gray and Cheriton's ("Leases", SOSP 1989), with a fencing token as in Burrows ("The
Chubby lock service", OSDI 2006, section 2.4).
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Role(StrEnum):
    """What a process does for the record."""

    STANDBY = "standby"
    """It follows, warmed up, and waits for the lease."""

    TAKING_OVER = "taking_over"
    """It has the lease, and opens the log for writing."""

    PUBLISHING = "publishing"
    """It has the lease and the log."""

    RELEASING = "releasing"
    """It finishes its cycle, to give the lease back."""

    LOST = "lost"
    """It has the lease no more, and leaves the log."""


class Turn(StrEnum):
    """What makes a process change its role."""

    ACQUIRED = "acquired"
    OPENED = "opened"
    WISHED_AWAY = "wished away"
    LAPSED = "lapsed"
    FENCED = "fenced"
    CLOSED = "closed"


HOLDING: Final = frozenset({Role.TAKING_OVER, Role.PUBLISHING, Role.RELEASING})
"""Roles that rest on a lease."""

# This is the whole machine. No edge may live anywhere else: a change of role happens by looking it
# up here, and a pair that is absent changes nothing.
TRANSITIONS: Final[Mapping[tuple[Role, Turn], Role]] = MappingProxyType(
    {
        (Role.STANDBY, Turn.ACQUIRED): Role.TAKING_OVER,
        (Role.TAKING_OVER, Turn.OPENED): Role.PUBLISHING,
        (Role.TAKING_OVER, Turn.WISHED_AWAY): Role.RELEASING,
        (Role.PUBLISHING, Turn.WISHED_AWAY): Role.RELEASING,
        (Role.RELEASING, Turn.CLOSED): Role.STANDBY,
        (Role.LOST, Turn.CLOSED): Role.STANDBY,
        **{
            (holding, end): Role.LOST
            for holding in sorted(HOLDING)
            for end in (Turn.LAPSED, Turn.FENCED)
        },
    }
)


def lease_diagram() -> str:
    """The table as a Mermaid state diagram, for the documentation."""
    return "\n".join(_diagram_lines()) + "\n"


def _diagram_lines() -> Iterator[str]:
    yield "stateDiagram-v2"
    yield f"    [*] --> {Role.STANDBY}"
    for before in Role:
        for turn in Turn:
            if (after := TRANSITIONS.get((before, turn))) is not None:
                yield f"    {before} --> {after}: {turn}"
