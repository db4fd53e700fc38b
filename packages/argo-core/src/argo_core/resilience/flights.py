"""Single flight: however many want the same answer, one ask is in the air for it.

Who joins is told to lead (start the ask in a task of its own, with a timeout), to follow (wait for
the ask that is under way, shielded) or to hold off. The machine calls nobody and knows no tasks:
the shell acts on what it is told, and says when a waiter left and when the ask ended.
"""

from collections.abc import Hashable
from enum import Enum, auto
from typing import Generic, TypeVar

from attrs import define, frozen

from argo_core.errors import InvalidInput
from argo_core.resilience.door import not_negative, positive, share

Key = TypeVar("Key", bound=Hashable)

# Beyond this many doublings every sensible back-off has reached its longest.
_MOST_DOUBLINGS = 60


class Landing(Enum):
    """How an ask ended."""

    ANSWERED = auto()
    FAILED = auto()
    CANCELLED = auto()


@frozen
class BackOff:
    """After k + 1 failures in a row: `first_s` doubled k times, at most `longest_s`.

    Up to the share `jitter` of it is added, never taken off.
    """

    first_s: float = 0.5
    longest_s: float = 30.0
    jitter: float = 0.25

    def __attrs_post_init__(self) -> None:
        positive("first_s", self.first_s)
        positive("longest_s", self.longest_s)
        not_negative("jitter", self.jitter)

    def wait_s(self, k: int, u: float) -> float:
        """Seconds to wait; `u` is a uniform draw from [0, 1).

        Raises:
            InvalidInput: `u` is no such draw.
        """
        plain = min(self.longest_s, self.first_s * 2.0 ** min(k, _MOST_DOUBLINGS))
        return plain * (1 + self.jitter * share("u", u))


@frozen
class Ticket(Generic[Key]):
    """One ask in the air. Its number is never used again, so an old one cannot touch a newer."""

    key: Key
    number: int
    generation: int


@frozen
class Lead(Generic[Key]):
    """Nobody asks yet: start the ask."""

    ticket: Ticket[Key]


@frozen
class Follow(Generic[Key]):
    """The ask is under way: wait for it."""

    ticket: Ticket[Key]


@frozen
class HoldOff:
    """Do not ask for `retry_after_s` seconds; None when there is merely no room now."""

    retry_after_s: float | None


@define
class _Flight(Generic[Key]):
    ticket: Ticket[Key]
    waiters: int
    background: bool


@frozen
class _Trouble:
    failures: int
    retry_at: float


class Flights(Generic[Key]):
    """The asks in the air, by key, and who waits for them.

    Time is seconds on a clock that measures; a `now` earlier than the last counts as the last. At
    most `most` asks are in the air, and as many failing keys are remembered.
    """

    def __init__(self, back_off: BackOff | None = None, most: int = 1_000) -> None:
        if most < 1:
            raise InvalidInput("most", f"{most} leaves no room", "give one or more")
        self._back_off = back_off or BackOff()
        self._most = most
        self._air: dict[int, _Flight[Key]] = {}
        self._newest: dict[Key, int] = {}
        self._troubles: dict[Key, _Trouble] = {}
        self._numbers = 0
        self._now = float("-inf")

    @property
    def in_the_air(self) -> int:
        """Asks that have neither settled nor been given up."""
        return len(self._air)

    def waiting(self, ticket: Ticket[Key]) -> int:
        """How many wait for the ask; zero once it has ended."""
        flight = self._air.get(ticket.number)
        return flight.waiters if flight else 0

    def join(
        self, key: Key, generation: int, now: float, *, background: bool = False
    ) -> Lead[Key] | Follow[Key] | HoldOff:
        """Want the answer for `key`, formed in `generation` or later.

        A background refresh waits for nobody and is not given up when nobody waits; joining an ask
        makes that ask one as well. An ask of an earlier generation does not serve: it goes on for
        those who wait for it, and a new one leads.
        """
        moment = self._tick(now)
        flight = self._air.get(self._newest.get(key, -1))
        if flight is not None and flight.ticket.generation >= generation:
            flight.background |= background
            flight.waiters += not background
            return Follow(flight.ticket)
        trouble = self._troubles.get(key)
        if trouble is not None and moment < trouble.retry_at:
            return HoldOff(trouble.retry_at - moment)
        if len(self._air) >= self._most:
            return HoldOff(None)
        self._numbers += 1
        ticket = Ticket(key, self._numbers, generation)
        self._air[ticket.number] = _Flight(ticket, int(not background), background)
        self._newest[key] = ticket.number
        return Lead(ticket)

    def leave(self, ticket: Ticket[Key]) -> bool:
        """A waiter no longer waits; True when the ask is to be cancelled, for nobody wants it.

        Call it once for each waiter that joined and gave up before the ask ended. Whoever joins
        from here on leads anew.
        """
        flight = self._air.get(ticket.number)
        if flight is None or flight.waiters == 0:
            return False
        flight.waiters -= 1
        if flight.waiters or flight.background:
            return False
        self._land(ticket)
        return True

    def settle(self, ticket: Ticket[Key], landing: Landing, now: float, u: float = 0.0) -> bool:
        """The ask ended; False when it had ended already, or was given up: then nothing changes.

        A failure makes its key hold off until now + the back-off, drawn with `u` from [0, 1). An
        answer older than the one held counts as a failure here, or it would be asked for without
        pause. A newer ask for the same key is left alone.

        Raises:
            InvalidInput: `u` is no such draw.
        """
        moment = self._tick(now)
        share("u", u)
        if ticket.number not in self._air:
            return False
        self._land(ticket)
        if landing is Landing.ANSWERED:
            self._troubles.pop(ticket.key, None)
        elif landing is Landing.FAILED:
            self._fail(ticket.key, moment, u)
        return True

    def _fail(self, key: Key, now: float, u: float) -> None:
        before = self._troubles.pop(key, None)
        failures = before.failures if before else 0
        if len(self._troubles) >= self._most:
            # The key that failed longest ago comes first.
            del self._troubles[next(iter(self._troubles))]
        wait = self._back_off.wait_s(failures, u)
        self._troubles[key] = _Trouble(failures + 1, now + wait)

    def _land(self, ticket: Ticket[Key]) -> None:
        del self._air[ticket.number]
        if self._newest.get(ticket.key) == ticket.number:
            del self._newest[ticket.key]

    def _tick(self, now: float) -> float:
        self._now = max(self._now, now)
        return self._now
