"""The two colours, and what the proxy and they themselves say of them."""

from collections.abc import Mapping
from enum import StrEnum

from attrs import Factory, frozen


class Colour(StrEnum):
    """A place in which one version of the service runs."""

    BLUE = "blue"
    GREEN = "green"

    @property
    def other(self) -> "Colour":
        return Colour.GREEN if self is Colour.BLUE else Colour.BLUE


class Traffic(StrEnum):
    """What the proxy sends there."""

    NEW = "new requests"
    RUNNING = "what runs already"
    NOTHING = "nothing"


@frozen
class Behind:
    """One colour as the proxy sees it; counts since the proxy's start.

    `answers` have any status, `failures` are those of 500 and more, answers that broke off, and
    connections that could not be had. `answer_ms` is the mean of late, in milliseconds.
    """

    traffic: Traffic
    is_up: bool
    under_way: int = 0
    answers: int = 0
    failures: int = 0
    answer_ms: int = 0


@frozen
class Said:
    """What a colour says of itself: how it is, and each of its probes."""

    status: str
    version: str = ""
    probes: Mapping[str, str] = Factory(dict)
    problems: tuple[str, ...] = ()
