"""Calls that wait for one source's limits: the queue's decisions carried out, by a single timer.

The process's own limiter decides first. What processes share then has the last word, and while it
is out of reach this one keeps to its own part of the limits.
"""

import asyncio
from collections.abc import Callable

from attrs import define

from argo_core.consensus.opinion import SourceName
from argo_core.errors import SharedAway
from argo_core.ports import Clock, SharedLimits
from argo_core.resilience.allowance import Allowance, LimitPolicy
from argo_core.resilience.limiter import Limiter
from argo_core.resilience.queue import Granted, Queue, Step, TurnedAway, Urgency

# Timers are no finer than this; what is due sooner is within the limiter's slack anyway.
TICK_S = 0.001


# Made for every call, and freezing would take longer than making.
@define(eq=False)
class Admission:
    """A call may be made: `ticket` is of the limiter, `shared` says that all processes know."""

    ticket: int
    shared: bool = False


class WaitingLine:
    """Whoever may not call at once waits here; times are the clock's monotonic seconds.

    `instances` is the number of processes that share the limits.
    """

    __slots__ = (
        "_alone",
        "_armed",
        "_away",
        "_chance",
        "_clock",
        "_full",
        "_instances",
        "_limiter",
        "_queue",
        "_shared",
        "_sooner",
        "_source",
        "_timer",
        "_waiting",
        "_wake_at",
    )

    def __init__(
        self,
        source: SourceName,
        policy: LimitPolicy,
        *,
        clock: Clock,
        chance: Callable[[], float],
        shared: SharedLimits | None = None,
        instances: int = 1,
    ) -> None:
        self._source = source
        self._clock = clock
        self._chance = chance
        self._shared = shared
        self._instances = instances
        self._full = policy.allowances
        self._alone = policy.shared_among(instances)
        self._away = False
        self._limiter = Limiter(policy)
        self._queue = Queue(self._limiter)
        self._waiting: dict[int, asyncio.Future[Granted | TurnedAway]] = {}
        self._wake_at: float | None = None
        self._armed = 0.0
        self._sooner = asyncio.Event()
        self._timer: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._queue)

    def tokens(self) -> tuple[float, ...]:
        """What each limit has left."""
        return self._limiter.tokens(self._clock.monotonic())

    def ready_in_s(self) -> float:
        """Seconds until a call that came now would pass, after all who wait."""
        return self._limiter.retry_after(self._clock.monotonic(), 1 + len(self._queue))

    def take(self, now: float) -> int:
        """The free path: a ticket at once, or 0 when the call has to `wait`."""
        return 0 if self._shared else self._queue.take(now)

    async def wait(self, urgency: Urgency, deadline: float) -> Admission | TurnedAway:
        """Wait for a turn. Whoever is cancelled meanwhile leaves nothing behind."""
        waiter, step = self._queue.join(self._clock.monotonic(), urgency, deadline)
        try:
            while True:
                self._waiting[waiter] = turn = asyncio.get_running_loop().create_future()
                self._carry_out(step)
                granted = await turn
                if isinstance(granted, TurnedAway):
                    return granted
                pause_s = await self._ask_others()
                if not pause_s:
                    self._queue.begin(waiter)
                    return Admission(granted.ticket, shared=pause_s is not None)
                now = self._clock.monotonic()
                # Nobody here may call before, so the queue knows best who is next then.
                self._limiter.pause(now, pause_s, 0.0)
                step = self._queue.again(now, waiter)
        except BaseException:
            self._carry_out(self._queue.cancel(self._clock.monotonic(), waiter))
            raise
        finally:
            del self._waiting[waiter]

    async def refund(self, admission: Admission) -> None:
        """Take back an admission whose call is not made."""
        self._carry_out(self._queue.refund(self._clock.monotonic(), admission.ticket))
        if self._shared and admission.shared:
            try:
                await self._shared.refund(self._source, self._full)
            except SharedAway:
                # It stays spent, which errs on the vendor's side.
                return

    def pause(self, seconds: float) -> None:
        """The vendor wants quiet for that long."""
        now = self._clock.monotonic()
        self._limiter.pause(now, seconds, self._chance())
        self._carry_out(self._queue.review(now))

    async def report_pause(self, seconds: float) -> None:
        """Tell the others that the vendor wants quiet."""
        if self._shared:
            try:
                await self._shared.pause(self._source, seconds)
            except SharedAway:
                # The vendor will tell them itself.
                return

    def slow_down(self, ticket: int) -> None:
        """The vendor complained about the call with this ticket, and did not say for how long."""
        now = self._clock.monotonic()
        self._limiter.throttled(now, ticket)
        self._carry_out(self._queue.review(now))

    def lower(self, remaining: float, limit: int) -> None:
        """The vendor says how many calls remain of that limit."""
        now = self._clock.monotonic()
        self._limiter.lower(now, remaining, limit)
        self._carry_out(self._queue.review(now))

    async def _ask_others(self) -> float | None:
        """Seconds that all processes together have to wait; None when nobody can say."""
        if self._shared is None:
            return None
        try:
            pause_s = await self._shared.take(self._source, self._full)
        except SharedAway:
            self._keep_to(self._alone, away=True)
            return None
        self._keep_to(self._full, away=False)
        return pause_s

    def relimit(self, policy: LimitPolicy) -> None:
        """Other limits from now on, in the same order; whoever waits is told the new turn.

        Raises:
            InvalidInput: there are more or fewer limits than before.
        """
        alone, now = policy.shared_among(self._instances), self._clock.monotonic()
        self._limiter.retune(now, alone if self._away else policy.allowances)
        self._full, self._alone = policy.allowances, alone
        self._carry_out(self._queue.review(now))

    def _keep_to(self, allowances: tuple[Allowance, ...], *, away: bool) -> None:
        if away is not self._away:
            self._away = away
            now = self._clock.monotonic()
            self._limiter.retune(now, allowances)
            self._carry_out(self._queue.review(now))

    def _carry_out(self, step: Step) -> None:
        for each in step.happened:
            turn = self._waiting.get(each.waiter)
            # Who is being cancelled hears nothing more, and gives its grant back by itself.
            if isinstance(each, Granted | TurnedAway) and turn and not turn.done():
                turn.set_result(each)
        self._wake_at = step.wake_at
        if self._timer is None:
            if step.wake_at is not None:
                self._timer = asyncio.create_task(self._ring(), name=f"limits of {self._source}")
        elif step.wake_at is None or step.wake_at < self._armed:
            self._sooner.set()

    async def _ring(self) -> None:
        """Wake the queue whenever its head is due, until nobody waits."""
        try:
            while self._wake_at is not None:
                self._armed = self._wake_at
                self._sooner.clear()
                delay_s = self._armed - self._clock.monotonic()
                try:
                    async with self._clock.timeout(max(TICK_S, delay_s)):
                        await self._sooner.wait()
                except TimeoutError:
                    self._carry_out(self._queue.wake(self._clock.monotonic()))
        finally:
            self._timer = None
