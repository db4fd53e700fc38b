"""What may still be said about a stored answer: fresh, stale but usable, or nothing.

The words are those of RFC 9111 (age, freshness lifetime) and RFC 5861 (stale-while-revalidate,
stale-if-error).
"""

from datetime import datetime, timedelta
from enum import IntEnum
from typing import Generic, TypeVar

from attrs import evolve, frozen

from argo_core.errors import InvalidInput, VendorError, VendorUnavailable
from argo_core.market.moment import aware
from argo_core.resilience.door import not_negative

Value = TypeVar("Value")


class Freshness(IntEnum):
    """How a stored answer may be used."""

    FRESH = 0
    """Use it; do not ask."""
    STALE_REVALIDATE = 1
    """Use it, and ask beside it."""
    STALE_IF_ERROR = 2
    """Ask; use it only if asking fails in a way that says nothing about the question."""
    MISS = 3
    """There is nothing to use."""


# Looking a member up in its Enum would cost as much as the look it names.
_FRESH, _STALE_REVALIDATE, _STALE_IF_ERROR, _MISS = Freshness


@frozen
class Windows:
    """How long an answer stays usable past its TTL, in seconds: both count from its soft end."""

    revalidate_s: float
    error_s: float

    def __attrs_post_init__(self) -> None:
        not_negative("revalidate_s", self.revalidate_s)
        if not_negative("error_s", self.error_s) < self.revalidate_s:
            problem = f"{self.error_s} s is shorter than stale-while-revalidate"
            raise InvalidInput("error_s", problem, f"give {self.revalidate_s} s or more")


@frozen
class Entry(Generic[Value]):
    """A stored answer.

    `as_of` is the vendor's own time of it. `stored_at` is when it was asked for: its age counts
    from there. It is fresh before `soft`, and of use while it is refreshed before `revalidate` and
    when asking fails before `error`. `generation` is that of its slot when the ask began.
    """

    value: Value
    as_of: datetime
    stored_at: datetime
    soft: datetime
    revalidate: datetime
    error: datetime
    generation: int = 0

    def __attrs_post_init__(self) -> None:
        for name in ("as_of", "stored_at", "soft", "revalidate", "error"):
            aware(name, getattr(self, name))
        if not self.stored_at <= self.soft <= self.revalidate <= self.error:
            problem = (
                f"{self.stored_at}, {self.soft}, {self.revalidate}, {self.error} run backwards"
            )
            raise InvalidInput("soft", problem, "give stored_at <= soft <= revalidate <= error")

    def age_s(self, now: datetime) -> float:
        """Seconds since it was asked for; never negative."""
        return max(0.0, (now - self.stored_at).total_seconds())


def stored(
    value: Value,
    *,
    as_of: datetime,
    asked_at: datetime,
    soft: datetime,
    windows: Windows,
    generation: int,
) -> Entry[Value]:
    """The entry of an answer that was asked for at `asked_at` and is fresh until `soft`.

    Raises:
        InvalidInput: a moment is not aware UTC, or `soft` lies before `asked_at`.
    """
    return Entry(
        value=value,
        as_of=as_of,
        stored_at=asked_at,
        soft=soft,
        revalidate=soft + timedelta(seconds=windows.revalidate_s),
        error=soft + timedelta(seconds=windows.error_s),
        generation=generation,
    )


@frozen
class Lookup(Generic[Value]):
    """What a look found: the entry, unless it is a MISS, with its age in seconds."""

    state: Freshness
    entry: Entry[Value] | None = None
    age_s: float | None = None

    @property
    def as_of(self) -> datetime | None:
        """The vendor's own time of what was found."""
        return self.entry.as_of if self.entry else None


@frozen
class Slot(Generic[Value]):
    """The place of one key: the newest entry, and the generation that entries must have.

    A value: every step gives a new one.
    """

    entry: Entry[Value] | None = None
    generation: int = 0

    def state(self, now: datetime) -> Freshness:
        """How the entry may be used; the hot path, which builds nothing.

        An entry of an earlier generation is never fresh, however young it is.
        """
        entry = self.entry
        if entry is None:
            return _MISS
        # Nothing is fresh past its soft end, which is the earliest of the three.
        if now < entry.soft and entry.generation == self.generation:
            return _FRESH
        if now < entry.revalidate:
            return _STALE_REVALIDATE
        return _STALE_IF_ERROR if now < entry.error else _MISS

    def is_fresh(self, now: datetime) -> bool:
        """Whether the entry may be used without asking."""
        return self.state(now) is _FRESH

    def get(self, now: datetime) -> Lookup[Value]:
        """How the entry may be used, with the entry, its age and its `as_of`."""
        state = self.state(now)
        if self.entry is None or state is Freshness.MISS:
            return Lookup(Freshness.MISS)
        return Lookup(state, self.entry, self.entry.age_s(now))

    def invalidate(self) -> "Slot[Value]":
        """Something happened that the entry, and every ask in the air, does not know."""
        return evolve(self, generation=self.generation + 1)

    def accepts(self, entry: Entry[Value]) -> bool:
        """Whether an answer may be stored: asked in this generation, and not older than the held.

        An answer that was in the air when its slot was invalidated may still serve those who wait
        for it, but it is not stored.
        """
        if entry.generation != self.generation:
            return False
        return self.entry is None or entry.as_of >= self.entry.as_of

    def offer(self, entry: Entry[Value]) -> "Slot[Value]":
        """The slot with the entry, or as it was if the entry is not accepted."""
        return evolve(self, entry=entry) if self.accepts(entry) else self


def excuses_staleness(error: VendorError) -> bool:
    """Whether a STALE_IF_ERROR answer may stand in: for transport errors, timeouts and 5xx only.

    A refusal (4xx) says something about the question, and an old answer must not hide it. An open
    breaker or a full queue excuses too; those are our own and known before any vendor errs.
    """
    return isinstance(error, VendorUnavailable)
