"""One source's breaker as calls meet it: the one all processes share, or this process's own.

While the shared one is within reach it decides. The own one is told the same outcomes, so that it
knows the source when it has to decide alone. What an operator commands here holds for this process,
whatever the others say.
"""

import math
from collections.abc import Callable

from attrs import define

from argo_core.consensus.opinion import SourceName
from argo_core.errors import SharedAway
from argo_core.events import BreakerChanged
from argo_core.ports import Clock, Observer, SharedBreaker, SharedPermit
from argo_core.resilience.breaker import Breaker
from argo_core.resilience.breaker_policy import BreakerPolicy
from argo_core.resilience.breaker_table import Command, State
from argo_core.resilience.permit import Outcome, Permit, Rejected
from argo_core.resilience.standing import Transition

_COMMANDED = frozenset({State.FORCED_OPEN, State.DISABLED, State.METRICS_ONLY})


# Made for every call, and freezing would take longer than making.
@define(eq=False)
class Leave:
    """One call may be made, begun at `began` monotonic seconds, by one breaker's permit or both."""

    began: float
    own: Permit | None
    shared: tuple[SharedBreaker, SharedPermit] | None = None


class BreakerGate:
    """Asks before each call, hears what became of it, and tells the observer of changes."""

    __slots__ = (
        "_away",
        "_breaker",
        "_chance",
        "_clock",
        "_observer",
        "_open_until",
        "_policy",
        "_shared",
        "_source",
        "_state",
    )

    def __init__(
        self,
        source: SourceName,
        policy: BreakerPolicy,
        *,
        clock: Clock,
        chance: Callable[[], float],
        observer: Observer,
        shared: SharedBreaker | None = None,
    ) -> None:
        self._source = source
        self._policy = policy
        self._clock = clock
        self._chance = chance
        self._observer = observer
        self._shared = shared
        self._breaker = Breaker(policy)
        self._away = False
        # Until when the shared breaker has said to be open; it counts even once that is away.
        self._open_until = -math.inf
        self._state = State.CLOSED

    @property
    def state(self) -> State:
        """The state of whichever breaker decided last."""
        return self._state

    def peek(self, now: float) -> Rejected | None:
        """The rejection that a call would meet now, as far as is known without asking others."""
        if self._shared is None or self._breaker.state in _COMMANDED:
            return self._breaker.peek(now)
        if now < self._open_until:
            return Rejected(State.OPEN, self._open_until - now)
        return self._breaker.peek(now) if self._away else None

    async def acquire(self) -> Leave | Rejected:
        """Leave for one call, which has to be settled, whatever happens."""
        if self._shared is None or self._breaker.state in _COMMANDED:
            return self._acquire_alone(self._clock.monotonic())
        try:
            said = await self._shared.acquire(self._source, self._policy)
        except SharedAway:
            return self._acquire_away(self._clock.monotonic())
        self._away = False
        now = self._clock.monotonic()
        if isinstance(said, Rejected):
            if said.state is State.OPEN:
                self._open_until = now + (said.retry_after_s or 0.0)
            self._show(said.state, said.retry_after_s)
            return said
        self._open_until = -math.inf
        self._show(State.CLOSED if said.probe is None else State.HALF_OPEN, None)
        # The own breaker may be of another mind; then it is not told of this call.
        own, _ = self._breaker.acquire(now, self._chance())
        return Leave(now, own if isinstance(own, Permit) else None, (self._shared, said))

    def settle(self, leave: Leave, outcome: Outcome, retry_after_s: float) -> bool:
        """Tell the own breaker how the call ended; whether it was slow."""
        now = self._clock.monotonic()
        if leave.own:
            _, change = self._breaker.settle(leave.own, now, outcome, self._chance(), retry_after_s)
            if leave.shared is None:
                self._notice(change)
        return now - leave.began > self._policy.slow_s

    async def report(
        self,
        shared: tuple[SharedBreaker, SharedPermit],
        outcome: Outcome,
        retry_after_s: float,
        *,
        slow: bool,
    ) -> None:
        """Tell the others how the call ended."""
        breaker, permit = shared
        try:
            await breaker.settle(
                self._source,
                self._policy,
                permit,
                outcome,
                slow=slow,
                retry_after_s=retry_after_s,
            )
        except SharedAway:
            self._away = True

    def command(self, command: Command) -> None:
        """Do what an operator says, in this process."""
        self._open_until = -math.inf
        change = self._breaker.command(command, self._clock.monotonic())
        if change:
            self._show(change.after, None)

    def _acquire_alone(self, now: float) -> Leave | Rejected:
        said, change = self._breaker.acquire(now, self._chance())
        self._notice(change)
        return Leave(now, said) if isinstance(said, Permit) else said

    def _acquire_away(self, now: float) -> Leave | Rejected:
        self._away = True
        if now < self._open_until:
            return Rejected(State.OPEN, self._open_until - now)
        said = self._acquire_alone(now)
        known = self._breaker.peek(now)
        self._show(self._breaker.state, known.retry_after_s if known else None)
        return said

    def _notice(self, change: Transition | None) -> None:
        if change:
            self._show(change.after, None if change.until is None else change.until - change.at)

    def _show(self, after: State, open_s: float | None) -> None:
        before = self._state
        if after is not before:
            self._state = after
            self._observer.notice(
                BreakerChanged(self._source, self._clock.now(), before, after, open_s)
            )
