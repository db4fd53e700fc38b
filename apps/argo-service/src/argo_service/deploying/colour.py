"""Both colours, as they are seen: by the proxy, by their health, by who publishes."""

from collections.abc import Collection
from enum import StrEnum

from attrs import frozen


class Colour(StrEnum):
    """Where a process of Argo lives."""

    BLUE = "blue"
    GREEN = "green"

    @property
    def other(self) -> "Colour":
        return Colour.BLUE if self is Colour.GREEN else Colour.GREEN


class Traffic(StrEnum):
    """What the proxy gives a colour."""

    ALL = "new requests"
    LEFT = "what it was asked before"
    NONE = "nothing"


@frozen
class AtProxy:
    """A colour as the proxy sees it; counts are since the proxy's start.

    `answers` are all, `failures` those of status 500 and above, broken ones, and connections that
    could not be had; `mean_ms` is what answers took of late.
    """

    traffic: Traffic
    is_up: bool
    under_way: int = 0
    answers: int = 0
    failures: int = 0
    mean_ms: int = 0


@frozen
class Health:
    """A colour's own word at one level: whether all is well, and what is not, by check."""

    is_well: bool
    failing: tuple[tuple[str, str], ...] = ()
    version: str = ""

    def but(self, accepted: Collection[str]) -> str | None:
        """What speaks against it, apart from checks that are accepted; None if nothing does."""
        against = [f"{name}: {detail}" for name, detail in self.failing if name not in accepted]
        if against:
            return "; ".join(against)
        # A 503 without a reason is a reason.
        return None if self.is_well or self.failing else "it is not well, and says not why"


@frozen
class Publishing:
    """Where a colour stands with the lease: its role, its fence, and the newest in the log."""

    role: str
    fence: int | None = None
    newest_fence: int | None = None

    @property
    def publishes(self) -> bool:
        return self.role == "publishing"

    @property
    def stands_by(self) -> bool:
        return self.role == "standby"
