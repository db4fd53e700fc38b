"""Signals as they are read: what was accepted of the log, for those who ask."""

from typing import Protocol

from attrs import field, frozen

from alpine_service.domain.signals.asked import Asked
from alpine_service.domain.signals.event import Audience
from alpine_service.domain.signals.performance import Tally
from alpine_service.domain.signals.signal import Disclosure, SignalRecord


@frozen
class Stamp:
    """What pages are made of: while it is the same, so are they.

    `number` is of the newest event; `vouched` of the newest checkpoint that a witness vouched for,
    and when.
    """

    number: int
    vouched: tuple[int, int] | None


@frozen
class StrategyRecord:
    """A strategy that was ever registered. `registration` is its newest entry, byte for byte."""

    strategy: str
    registered_index: int
    registered_us: int
    disclosure: Disclosure
    next_seq: int
    retired_index: int | None
    registration: bytes = field(repr=False)


class SignalStore(Protocol):
    """Reads only. All methods may raise DatabaseAway and DatabaseRefused.

    Records are given whole: who calls shows of them what `seen_by` leaves.
    """

    async def stamp(self) -> Stamp:
        """How it stands now."""
        ...

    async def page(
        self, asked: Asked, audience: Audience, before: int | None, limit: int
    ) -> list[SignalRecord]:
        """The newest first, below the index `before`: those that fit as the audience sees them."""
        ...

    async def at(self, index: int) -> SignalRecord | None:
        """The signal whose entry is there."""
        ...

    async def named(self, signal_id: str) -> SignalRecord | None:
        """The signal of that id."""
        ...

    async def entry(self, index: int) -> bytes | None:
        """The entry there, byte for byte."""
        ...

    async def strategies(self) -> list[StrategyRecord]:
        """All, by their names."""
        ...

    async def strategy(self, name: str) -> StrategyRecord | None:
        """The one of that name."""
        ...

    async def tallies(self, now_us: int, grace_us: int) -> list[Tally]:
        """Counts of what everybody may see, a strategy each.

        A commit is overdue when it was due more than `grace_us` before the log was last heard. It
        is due as long after its official time as its reveal was promised after its decision, or
        as its strategy registered if that is sooner.
        """
        ...


class Proofs(Protocol):
    """Makes proofs of stored entries from stored tiles."""

    async def proof_file(self, log_index: int) -> bytes:
        """A C2SP tlog-proof of the entry there.

        Raises:
            NotThere: no stored checkpoint covers it.
        """
        ...
