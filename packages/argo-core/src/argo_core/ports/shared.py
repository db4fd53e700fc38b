"""What several processes share: answers, locks, limits, breakers, spending."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol, TypeVar

from attrs import frozen

from argo_core.consensus.opinion import SourceName
from argo_core.resilience.allowance import Allowance
from argo_core.resilience.breaker_policy import BreakerPolicy
from argo_core.resilience.budget import Amount
from argo_core.resilience.freshness import Entry, Slot
from argo_core.resilience.permit import Outcome, Rejected

Value = TypeVar("Value")


class Cache(Protocol[Value]):
    """Answers by key, with age, expiry and generation; shared with other processes or not.

    It never raises for being away: what cannot be reached is not there, and what cannot be stored
    is lost. It is bounded, and forgets what was not looked at longest.
    """

    async def get(self, keys: Sequence[str]) -> Mapping[str, Slot[Value]]:
        """The slot of every key; an empty one, of the right generation, where nothing is held."""
        ...

    async def put(self, entries: Mapping[str, Entry[Value]]) -> None:
        """Hold the entries whose slots accept them: see `Slot.accepts`."""
        ...

    async def invalidate(self, generations: Mapping[str, int]) -> None:
        """Begin a new generation of each slot that is still of the one given.

        Two processes that see the same price move invalidate one generation once.
        """
        ...


class FlightLocks(Protocol):
    """One ask for the same thing at a time among all processes."""

    async def take(self, key: str, ttl_s: float) -> str | None:
        """A token for the lock, which ends by itself after `ttl_s`; None while another holds it.

        Raises:
            SharedAway: nobody can say who holds it.
        """
        ...

    async def release(self, key: str, token: str) -> None:
        """Give it back if it still is that token's.

        Raises:
            SharedAway: it could not be given back; it ends by itself.
        """
        ...


class SharedLimits(Protocol):
    """A source's limits, kept by all processes together on one clock."""

    async def take(
        self, source: SourceName, allowances: Sequence[Allowance], cost: int = 1
    ) -> float:
        """Zero when the call may be made now, or the seconds after which to ask again.

        Raises:
            SharedAway: nobody can say.
        """
        ...

    async def refund(
        self, source: SourceName, allowances: Sequence[Allowance], cost: int = 1
    ) -> None:
        """Take back a call that was admitted and not made.

        Raises:
            SharedAway: it stays spent.
        """
        ...

    async def pause(self, source: SourceName, seconds: float) -> None:
        """Admit nobody for that long; never shortens a pause.

        Raises:
            SharedAway: the others do not know.
        """
        ...


@frozen
class SharedPermit:
    """Leave for one call of the era `generation`; `probe` is the token of a lone probe."""

    generation: int
    probe: str | None = None


class SharedBreaker(Protocol):
    """A source's breaker, common to all processes. A new process changes nothing about it."""

    async def acquire(self, source: SourceName, policy: BreakerPolicy) -> SharedPermit | Rejected:
        """Whether a call may begin now; of all processes one alone gets the probe.

        Raises:
            SharedAway: nobody can say.
        """
        ...

    async def settle(
        self,
        source: SourceName,
        policy: BreakerPolicy,
        permit: SharedPermit,
        outcome: Outcome,
        *,
        slow: bool,
        retry_after_s: float = 0.0,
    ) -> None:
        """Count how the call ended; one of another era counts for nothing.

        Raises:
            SharedAway: it was not counted.
        """
        ...


class SpendingBook(Protocol):
    """What each vendor's day has cost so far; outlives the process."""

    async def add(self, source: SourceName, day: date, amount: Amount) -> Amount:
        """Add to the day and return its new total; adding nothing reads it.

        Raises:
            SharedAway: the book cannot be reached.
        """
        ...

    async def subtract(self, source: SourceName, day: date, amount: Amount) -> Amount:
        """Take from the day, never below nothing, and return its new total.

        Raises:
            SharedAway: the book cannot be reached.
        """
        ...
