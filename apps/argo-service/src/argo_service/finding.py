"""What a look at the installation found."""

from enum import StrEnum

from attrs import frozen


class State(StrEnum):
    """How a finding is meant."""

    GOOD = "good"
    WARNING = "warning"
    FAULT = "fault"


@frozen
class Finding:
    """One thing looked at; `fix` says what to do unless it is good."""

    name: str
    state: State
    detail: str
    fix: str = ""
