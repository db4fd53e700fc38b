"""Who is asked next when a source's limits make calls wait.

The order is by arrival plus the offset of the class, so an interactive call overtakes refreshes
that came less than two seconds before it, and nothing waits for ever. The head alone is looked at:
a heavy call at the head holds lighter ones back, or it would never pass.

Times are seconds on the limiter's clock. The machine wakes nobody: each step says when it wants to
be woken next, by one timer.
"""

import math
from collections.abc import Iterable, Iterator
from enum import Enum
from heapq import heapify, heappop, heappush

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


class Queue:
    """The waiters of one source, in front of its limiter, which nobody else takes from.

    After `Limiter.pause`, `throttled`, `lower` or `retune`, call `review`.
    """

    __slots__ = ("_granted", "_heap", "_limiter", "_most", "_number", "_waiting")

    def __init__(self, limiter: Limiter, most: int = MOST_WAITERS) -> None:
        self._limiter = limiter
        self._most = most
        self._number = 0
        # A cancelled waiter leaves `_waiting` at once, and the heap when it comes up or when the
        # cancelled outnumber the others there.
        self._waiting: dict[int, _Waiter] = {}
        self._heap: list[tuple[float, int]] = []
        # Granted, and not yet said to have begun: ticket and cost.
        self._granted: dict[int, tuple[int, int]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

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
        new = _Waiter(self._number, now, turn, cost, deadline)
        ahead = sum(other.cost for other in self._waiting.values() if other.turn < turn)
        expected = self._expected(now, new, ahead)
        if len(self._waiting) + len(self._granted) >= self._most:
            happened.append(TurnedAway(new.number, Reason.FULL, expected - now))
        elif expected > deadline:
            happened.append(TurnedAway(new.number, Reason.LATE, expected - now))
        else:
            self._waiting[new.number] = new
            heappush(self._heap, turn)
            happened.extend(self._serve(now))
            if new.number in self._waiting:
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
        if self._waiting.pop(waiter, None):
            happened.append(Left(waiter, refunded=False))
            if len(self._heap) > 2 * len(self._waiting):
                self._heap = [other.turn for other in self._waiting.values()]
                heapify(self._heap)
        elif granted := self._granted.pop(waiter, None):
            self._limiter.refund(now, *granted)
            happened.append(Left(waiter, refunded=True))
        happened.extend(self._serve(now))
        return self._step(now, happened)

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
        for waiter in sorted(self._waiting.values(), key=lambda each: each.turn):
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
                del self._waiting[head.number]
                self._granted[head.number] = (ticket, head.cost)
                yield Granted(head.number, ticket, now - head.arrived)

    def _late(self, now: float, waiter: _Waiter, expected: float) -> TurnedAway:
        del self._waiting[waiter.number]
        return TurnedAway(waiter.number, Reason.LATE, expected - now)

    def _head(self) -> _Waiter | None:
        while self._heap:
            waiter = self._waiting.get(self._heap[0][1])
            if waiter:
                return waiter
            heappop(self._heap)
        return None

    def _expected(self, now: float, waiter: _Waiter, ahead: int = 0) -> float:
        """When its turn comes if `ahead` is the cost before it; never, if it is too heavy now."""
        if waiter.cost > self._limiter.most:
            return math.inf
        return self._limiter.ready_at(now, ahead + waiter.cost)

    def _step(self, now: float, happened: Iterable[Happening]) -> Step:
        done = tuple(happened)
        head = self._head()
        return Step(done, self._expected(now, head) if head else None)
