"""Who is asked next when a source's limits make calls wait.

The order is by arrival plus the offset of the class, so an interactive call overtakes refreshes
that came less than two seconds before it, and nothing waits for ever. The head alone is looked at:
a heavy call at the head holds lighter ones back, or it would never pass.

Times are seconds on the limiter's clock. The machine wakes nobody: each step says when it wants to
be woken next, by one timer.
"""

import math
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from enum import Enum

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.resilience.limiter import Limiter

MOST_WAITERS = 1_000


class Urgency(Enum):
    """Classes of calls; the value is by how many seconds they queue behind their arrival."""

    INTERACTIVE = 0.0
    REFRESH = 2.0
    BACKFILL = 30.0


class Reason(Enum):
    """Why a call was turned away."""

    FULL = "too many are waiting"
    LATE = "its turn would come after its deadline"


@frozen
class Queued:
    """The waiter waits; as things stand its turn comes at `expected_at`."""

    waiter: int
    expected_at: float


@frozen
class Granted:
    """The waiter may call now; its `ticket` is of the limiter."""

    waiter: int
    ticket: int
    waited_s: float


@frozen
class TurnedAway:
    """The waiter will not be served; later callers may be, after `retry_after_s`."""

    waiter: int
    reason: Reason
    retry_after_s: float


@frozen
class Left:
    """The waiter was cancelled; `refunded` says whether it had been granted already."""

    waiter: int
    refunded: bool


Happening = Queued | Granted | TurnedAway | Left


@frozen
class Step:
    """What became of waiters, in order, and when to call `wake` (None: nobody waits)."""

    happened: tuple[Happening, ...]
    wake_at: float | None


@frozen
class _Waiter:
    number: int
    arrived: float
    turn: tuple[float, int]
    cost: int
    deadline: float
    urgency: Urgency


class _Line:
    """The waiters of one class. Time never goes back here, so they stand in order of turns."""

    __slots__ = ("cost", "waiters")

    def __init__(self) -> None:
        self.waiters: OrderedDict[int, _Waiter] = OrderedDict()
        self.cost = 0

    def add(self, waiter: _Waiter) -> None:
        self.waiters[waiter.number] = waiter
        self.cost += waiter.cost

    def restore(self, waiter: _Waiter) -> None:
        """Add one that was there before, in its old place."""
        behind = [each.number for each in self.waiters.values() if each.turn > waiter.turn]
        self.add(waiter)
        for number in behind:
            self.waiters.move_to_end(number)

    def remove(self, number: int) -> bool:
        waiter = self.waiters.pop(number, None)
        if waiter is None:
            return False
        self.cost -= waiter.cost
        return True

    def cost_before(self, turn: tuple[float, int]) -> int:
        before = 0
        for waiter in self.waiters.values():
            if waiter.turn > turn:
                break
            before += waiter.cost
        return before


class Queue:
    """The waiters of one source, in front of its limiter, which nobody else takes from.

    After `Limiter.pause`, `throttled`, `lower` or `retune`, call `review` or `again`.
    """

    __slots__ = ("_granted", "_limiter", "_lines", "_most", "_number", "_waiting")

    def __init__(self, limiter: Limiter, most: int = MOST_WAITERS) -> None:
        self._limiter = limiter
        self._most = most
        self._number = 0
        self._lines = {urgency: _Line() for urgency in Urgency}
        self._waiting = 0
        # Granted, and not yet said to have begun, with the ticket.
        self._granted: dict[int, tuple[int, _Waiter]] = {}

    def __len__(self) -> int:
        return self._waiting

    def take(self, now: float, cost: int = 1) -> int:
        """The free path: a ticket of the limiter at once, or 0 when the call has to `join`.

        Raises:
            InvalidInput: as `Limiter.take`.
        """
        return 0 if self._waiting else self._limiter.take(now, cost)

    def join(
        self, now: float, urgency: Urgency, deadline: float, cost: int = 1
    ) -> tuple[int, Step]:
        """A new waiter, and what becomes of it: granted, queued, or turned away at once.

        Raises:
            InvalidInput: a time is not finite, or the cost could never pass.
        """
        self._limiter.check(cost)
        if not math.isfinite(deadline):
            raise InvalidInput("deadline", f"{deadline} is no moment", "give finite seconds")
        now = self._limiter.moment(now)
        happened = list(self._serve(now))
        self._number += 1
        turn = (now + urgency.value, self._number)
        new = _Waiter(self._number, now, turn, cost, deadline, urgency)
        expected = self._expected(now, new, self._cost_before(turn, urgency))
        if self._waiting + len(self._granted) >= self._most:
            happened.append(TurnedAway(new.number, Reason.FULL, expected - now))
        elif expected > deadline:
            happened.append(TurnedAway(new.number, Reason.LATE, expected - now))
        else:
            self._lines[urgency].add(new)
            self._waiting += 1
            happened.extend(self._serve(now))
            if new.number in self._lines[urgency].waiters:
                happened.append(Queued(new.number, expected))
        return new.number, self._step(now, happened)

    def wake(self, now: float) -> Step:
        """Time has come, or some time has passed: grant what is due, and no more."""
        now = self._limiter.moment(now)
        return self._step(now, self._serve(now))

    def begin(self, waiter: int) -> None:
        """The granted call is being made, so its token is spent; forget the waiter."""
        self._granted.pop(waiter, None)

    def cancel(self, now: float, waiter: int) -> Step:
        """Forget a waiter, and give its token back if it was granted and has not begun.

        Right at any time and as often as one likes: whichever of grant and cancel came first.
        """
        now = self._limiter.moment(now)
        happened: list[Happening] = []
        if self._remove(waiter):
            happened.append(Left(waiter, refunded=False))
        elif granted := self._granted.pop(waiter, None):
            ticket, left = granted
            self._limiter.refund(now, ticket, left.cost)
            happened.append(Left(waiter, refunded=True))
        happened.extend(self._serve(now))
        return self._step(now, happened)

    def again(self, now: float, waiter: int) -> Step:
        """The granted call may not be made yet: its token is given back, and it waits once more.

        It keeps its turn, so whoever came after it stays behind it. Call it after the `Limiter` has
        been told why, and only between the grant and `begin`.
        """
        now = self._limiter.moment(now)
        ticket, back = self._granted.pop(waiter)
        self._limiter.refund(now, ticket, back.cost)
        self._lines[back.urgency].restore(back)
        self._waiting += 1
        return self.review(now)

    def refund(self, now: float, ticket: int, cost: int = 1) -> Step:
        """Give back what `take` gave, for a call that is not made after all: once per ticket.

        Raises:
            InvalidInput: no such ticket was given.
        """
        self._limiter.refund(now, ticket, cost)
        return self.wake(now)

    def review(self, now: float) -> Step:
        """The limiter has changed: turn away at once all who would now come too late."""
        now = self._limiter.moment(now)
        happened: list[Happening] = []
        ahead = 0
        everybody = [each for line in self._lines.values() for each in line.waiters.values()]
        for waiter in sorted(everybody, key=lambda each: each.turn):
            expected = self._expected(now, waiter, ahead)
            if expected > waiter.deadline:
                happened.append(self._late(now, waiter, expected))
            else:
                ahead += waiter.cost
        happened.extend(self._serve(now))
        return self._step(now, happened)

    def _serve(self, now: float) -> Iterator[Happening]:
        while head := self._head():
            expected = self._expected(now, head)
            if expected > head.deadline:
                yield self._late(now, head, expected)
            elif expected > now:
                return
            else:
                # `ready_at` and `take` compare with the same number, so this is a ticket.
                ticket = self._limiter.take(now, head.cost)
                self._remove(head.number)
                self._granted[head.number] = (ticket, head)
                yield Granted(head.number, ticket, now - head.arrived)

    def _late(self, now: float, waiter: _Waiter, expected: float) -> TurnedAway:
        self._remove(waiter.number)
        return TurnedAway(waiter.number, Reason.LATE, expected - now)

    def _remove(self, waiter: int) -> bool:
        removed = any(line.remove(waiter) for line in self._lines.values())
        self._waiting -= removed
        return removed

    def _head(self) -> _Waiter | None:
        first = (next(iter(line.waiters.values()), None) for line in self._lines.values())
        return min((each for each in first if each), key=lambda each: each.turn, default=None)

    def _cost_before(self, turn: tuple[float, int], urgency: Urgency) -> int:
        """The cost of all who will be served before a newcomer with this turn."""
        # Who already stands in a line that is at least as urgent is before every newcomer.
        return sum(
            line.cost if other.value <= urgency.value else line.cost_before(turn)
            for other, line in self._lines.items()
        )

    def _expected(self, now: float, waiter: _Waiter, ahead: int = 0) -> float:
        """When its turn comes if `ahead` is the cost before it; never, if it is too heavy now."""
        if waiter.cost > self._limiter.most:
            return math.inf
        return self._limiter.ready_at(now, ahead + waiter.cost)

    def _step(self, now: float, happened: Iterable[Happening]) -> Step:
        done = tuple(happened)
        head = self._head()
        return Step(done, self._expected(now, head) if head else None)
