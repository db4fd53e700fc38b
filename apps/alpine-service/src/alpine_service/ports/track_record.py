"""The published record as it is counted: what came into the count, and what is overdue."""

from datetime import date
from typing import Protocol

from attrs import frozen

from alpine_service.domain.signals.counted import Counted


@frozen
class OverdueDay:
    """How many commits of a strategy were due to be revealed on a day (UTC), and were not."""

    strategy: str
    day: date
    count: int


@frozen
class Overdue:
    """What is overdue, and the newest position in the count at the same moment; -1 for none."""

    position: int
    days: tuple[OverdueDay, ...]


class RecordStore(Protocol):
    """Reads only. All methods may raise DatabaseAway and DatabaseRefused.

    What counts, and what is overdue, is what `SignalStore.tallies` says.
    """

    async def counted(self, after: int, until: int, most: int) -> list[Counted]:
        """The first resolved signals with positions above `after` and up to `until`, in order.

        Positions grow with the log: nothing comes into the count below one that was read.
        """
        ...

    async def overdue(self, now_us: int, grace_us: int) -> Overdue:
        """What is overdue, by strategy and day, in one look with the newest position."""
        ...

    async def unrevealed(self, now_us: int, grace_us: int, after: int, most: int) -> list[Counted]:
        """The first overdue commits with indices above `after`, in order, at their worst."""
        ...
