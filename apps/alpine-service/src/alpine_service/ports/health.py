"""How parts of the service are, as each can say of itself."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from attrs import Factory, frozen

from alpine_service.ports.observing import Fact


class Condition(StrEnum):
    """From good to bad."""

    OK = "ok"
    DEGRADED = "degraded"  # Something is amiss, and what is asked for is still answered.
    DOWN = "down"


class Level(StrEnum):
    """How much is looked at: each looks at what those before it do, too."""

    LIVE = "live"  # The process answers.
    READY = "ready"  # What every request needs is there.
    DEEP = "deep"  # Everything.


@frozen
class Finding:
    """What a probe found. `problem` says what is amiss, in words without secrets."""

    condition: Condition = Condition.OK
    facts: Mapping[str, Fact] = Factory(dict)
    problem: str | None = None


class Probe(Protocol):
    """Looks at one part."""

    @property
    def name(self) -> str: ...

    @property
    def level(self) -> Level:
        """From which level on it is asked."""
        ...

    async def check(self) -> Finding:
        """Look now.

        Raises:
            AlpineError: it cannot be seen, which counts as down.
        """
        ...
