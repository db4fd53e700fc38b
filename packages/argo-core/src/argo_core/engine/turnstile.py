"""The call level of the guarded source: where every single call to one vendor passes.

    peek at the breaker -> wait for the limits -> acquire the breaker's permit -> call -> settle

Time is the clock's monotonic base, because limits, pauses and open breakers are about vendors and
calls, which do not get faster when a recording is played faster. A simulated vendor does: `pace`
says how many of its seconds pass in one of ours, and only then is it not 1.
"""

import math
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any

from argo_core.consensus.opinion import SourceName
from argo_core.engine.breaker_gate import BreakerGate, Leave
from argo_core.engine.waiting_line import Admission, WaitingLine
from argo_core.errors import VendorThrottled, VendorUnavailable
from argo_core.events import CallAdmitted, CallRejected
from argo_core.ports import Clock, Observer, SharedBreaker, SharedLimits
from argo_core.resilience.allowance import LimitPolicy
from argo_core.resilience.breaker_policy import BreakerPolicy
from argo_core.resilience.breaker_table import Command, State
from argo_core.resilience.door import positive
from argo_core.resilience.permit import Rejected, blame
from argo_core.resilience.queue import TurnedAway, Urgency


class GuardedTurnstile:
    """The port `Turnstile`, for one source.

    `chance` draws from [0, 1). With `shared_limits` and `shared_breaker` all processes act as one;
    while those are away this one keeps to its part of the limits, one of `instances`, and to its
    own breaker.

    Raises:
        InvalidInput: `pace` or `instances` is not positive.
    """

    __slots__ = ("_clock", "_gate", "_line", "_observer", "_pace", "_source")

    def __init__(
        self,
        source: SourceName,
        *,
        limits: LimitPolicy,
        breaker: BreakerPolicy,
        clock: Clock,
        chance: Callable[[], float],
        observer: Observer,
        shared_limits: SharedLimits | None = None,
        shared_breaker: SharedBreaker | None = None,
        instances: int = 1,
        pace: float = 1.0,
    ) -> None:
        self._source = source
        self._clock = clock
        self._observer = observer
        self._pace = positive("pace", pace)
        self._line = WaitingLine(
            source,
            limits.paced(pace),
            clock=clock,
            chance=chance,
            shared=shared_limits,
            instances=instances,
        )
        self._gate = BreakerGate(
            source,
            breaker.paced(pace),
            clock=clock,
            chance=chance,
            observer=observer,
            shared=shared_breaker,
        )

    @property
    def source(self) -> SourceName:
        """Whose calls pass here."""
        return self._source

    @property
    def state(self) -> State:
        """The breaker's state, as of the last call."""
        return self._gate.state

    @property
    def tokens(self) -> tuple[float, ...]:
        """How many calls each limit has left; below zero by what the slack has lent."""
        return self._line.tokens()

    @property
    def waiting(self) -> int:
        """How many calls wait for the limits."""
        return len(self._line)

    @property
    def ready_in_s(self) -> float:
        """Seconds of the vendor until a call that came now would pass, as far as limits go."""
        return self._line.ready_in_s() * self._pace

    def peek(self) -> Rejected | None:
        """The breaker's rejection that a call would meet now, or None if it is worth trying."""
        rejected = self._gate.peek(self._clock.monotonic())
        return self._told(rejected) if rejected else None

    def relimit(self, limits: LimitPolicy) -> None:
        """Other limits from now on, in the same order.

        Raises:
            InvalidInput: there are more or fewer limits than before.
        """
        self._line.relimit(limits.paced(self._pace))

    def command(self, command: Command) -> None:
        """Do to the breaker what an operator says, in this process."""
        self._gate.command(command)

    def call(self, urgency: Urgency, wait_s: float) -> "GuardedPassage":
        """Make one call inside, as the port promises."""
        return GuardedPassage(self, urgency, wait_s)

    async def enter(self, passage: "GuardedPassage") -> "GuardedPassage":
        """Wait for the limits, then ask the breaker; for `GuardedPassage` alone."""
        began = self._clock.monotonic()
        if rejected := self._gate.peek(began):
            raise self._closed(rejected)
        if ticket := self._line.take(began):
            admitted = Admission(ticket)
        else:
            turn = await self._line.wait(passage.urgency, began + passage.wait_s)
            if isinstance(turn, TurnedAway):
                raise self._late(turn)
            admitted = turn
        try:
            leave = await self._gate.acquire()
        except BaseException:
            await self._line.refund(admitted)
            raise
        if isinstance(leave, Rejected):
            await self._line.refund(admitted)
            raise self._closed(leave)
        passage.admitted, passage.leave = admitted, leave
        self._observer.notice(
            CallAdmitted(
                self._source,
                self._clock.now(),
                leave.began - began,
                self._line.tokens(),
                len(self._line),
            )
        )
        return passage

    async def settle(self, passage: "GuardedPassage", error: BaseException | None) -> None:
        """Learn from how the call ended; for `GuardedPassage` alone."""
        leave, outcome = passage.leave, blame(error)
        pause_s = self._asked_for(error) if error else 0.0
        # First what this process has to know, because telling others may be cut short.
        slow = self._gate.settle(leave, outcome, pause_s)
        if pause_s:
            self._line.pause(pause_s)
        elif isinstance(error, VendorThrottled):
            self._line.slow_down(passage.admitted.ticket)
        if leave.shared:
            await self._gate.report(leave.shared, outcome, pause_s, slow=slow)
        if pause_s:
            await self._line.report_pause(pause_s)

    def heard(self, remaining: float, limit: int) -> None:
        """The vendor says what remains of a limit; for `GuardedPassage` alone."""
        self._line.lower(remaining, limit)

    def _asked_for(self, error: BaseException) -> float:
        """For how long the vendor wants to be left alone, in our seconds; 0 if it did not say."""
        if not isinstance(error, VendorThrottled | VendorUnavailable):
            return 0.0
        asked_s = error.retry_after_s
        # What makes no sense must not hide the error it came with.
        if asked_s is None or not 0 < asked_s < math.inf:
            return 0.0
        return asked_s / self._pace

    def _told(self, rejected: Rejected) -> Rejected:
        if rejected.retry_after_s is None:
            return rejected
        return Rejected(rejected.state, rejected.retry_after_s * self._pace)

    def _closed(self, rejected: Rejected) -> VendorUnavailable:
        problem = f"not asked, its breaker is {rejected.state}"
        return self._rejected("breaker", problem, self._told(rejected).retry_after_s)

    def _late(self, turned: TurnedAway) -> VendorUnavailable:
        problem = f"not asked, {turned.reason.value}"
        return self._rejected("limiter", problem, turned.retry_after_s * self._pace)

    def _rejected(self, by: str, problem: str, retry_after_s: float | None) -> VendorUnavailable:
        self._observer.notice(CallRejected(self._source, self._clock.now(), by, retry_after_s))
        # A new one for every caller: whoever shared it would also share its traceback.
        return VendorUnavailable(self._source, problem, calls=0, retry_after_s=retry_after_s)


class GuardedPassage:
    """One call, from its admission to its end; enter it once."""

    __slots__ = ("_turnstile", "admitted", "leave", "urgency", "wait_s")

    admitted: Admission
    leave: Leave

    def __init__(self, turnstile: GuardedTurnstile, urgency: Urgency, wait_s: float) -> None:
        self._turnstile = turnstile
        self.urgency = urgency
        self.wait_s = wait_s

    # These two are no coroutines themselves, because each would add a frame to every call.

    def __aenter__(self) -> "Coroutine[Any, Any, GuardedPassage]":
        """Wait until the call may be made.

        Raises:
            VendorUnavailable: it may not.
        """
        return self._turnstile.enter(self)

    def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> Coroutine[Any, Any, None]:
        """The call is over; what ended it goes on as it is."""
        return self._turnstile.settle(self, error)

    def heard(self, remaining: float, limit: int = 0) -> None:
        """As the port promises."""
        self._turnstile.heard(remaining, limit)
