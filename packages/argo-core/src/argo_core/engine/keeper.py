"""Keeps the publisher's lease for one process: takes it, renews it, gives it back, and says so."""

import asyncio
from contextlib import suppress
from datetime import datetime

from argo_core.errors import SharedAway
from argo_core.events import FencedOff, LeaseFailed, RoleChanged
from argo_core.ports import Clock, Observer, PublisherLease
from argo_core.resilience.lease import Granted, Held, LeasePolicy, Tenancy
from argo_core.resilience.lease_table import HOLDING, Role

HOLD_OFF_S = 30.0
"""So long a process that was asked to stand by leaves a free lease to others that may want it."""
_POLICY = LeasePolicy()


class Keeper:
    """Asks the store in `run` alone; everything else is told to it, and seen on it.

    An `eager` one takes a free lease by itself, others when they are asked to. `over` is set while
    this process should not begin another cycle. `known_fence` is the newest of the log's that this
    process has seen, which every lease's token has to be above.
    """

    def __init__(
        self,
        lease: PublisherLease,
        holder: str,
        *,
        clock: Clock,
        observer: Observer,
        policy: LeasePolicy = _POLICY,
        eager: bool = True,
    ) -> None:
        self.holder = holder
        self.held: Held | None = None
        self.since: datetime = clock.now()
        self.reason = "started"
        self.problem = ""
        self.fence: int | None = None
        self.known_fence = 0
        self.over = asyncio.Event()
        self.over.set()
        self._lease = lease
        self._clock = clock
        self._observer = observer
        self._policy = policy
        self._eager = eager
        self._wished = False
        self._not_before = clock.monotonic()
        self._tenancy = Tenancy(policy)
        self._seen = Role.STANDBY
        self._turned, self._nudged = asyncio.Event(), asyncio.Event()

    @property
    def role(self) -> Role:
        """Where this process stands now."""
        role = self._tenancy.look(self._clock.monotonic())
        if role is not self._seen:
            self._note("the lease was not renewed in time")
        return self._seen

    @property
    def token(self) -> int | None:
        """The lease's, while there is one."""
        return self._tenancy.token if self.role in HOLDING else None

    def may_write(self) -> bool:
        """Whether a batch may be offered to the log now."""
        return self.role in HOLDING

    async def until(self, *roles: Role) -> Role:
        """Wait until it has one of these roles."""
        while self.role not in roles:
            await self._turned.wait()
        return self._seen

    def wish_away(self, reason: str, hold_off_s: float = HOLD_OFF_S) -> None:
        """Have this process stand by, and leave a free lease to others for a while."""
        self._wished = False
        self._not_before = self._clock.monotonic() + hold_off_s
        self._tenancy.wish_away()
        self._note(reason)

    def wish_for(self, reason: str) -> None:
        """Have this process take the lease as soon as it is free."""
        if self.role is Role.STANDBY:
            self._wished, self.reason = True, reason
            self._not_before = self._clock.monotonic()
            self._nudged.set()

    def opened(self, fence: int) -> None:
        """The log is open for writing, by this fence."""
        self.fence = fence
        self._tenancy.opened()
        self._note(f"the log is open with fence {fence}")

    def fenced(self, problem: str) -> None:
        """The log has refused this process."""
        self._observer.notice(FencedOff(self._clock.now(), problem))
        self._tenancy.fenced()
        self._note("another process has opened the log")

    async def closed(self) -> None:
        """The log is closed for writing: give back what there still is of the lease."""
        self.fence = None
        if self._tenancy.token:
            with suppress(SharedAway, TimeoutError):
                async with self._clock.timeout(self._policy.renew_s):
                    await self._lease.release(self._tenancy.token)
        self._tenancy.closed()
        self._note(self.reason)

    async def run(self) -> None:
        """Take, renew and watch the lease until this is cancelled."""
        while True:
            await self._rest(await self._attempt())

    async def _attempt(self) -> float:
        """What there is to ask of the store; how long to wait before the next."""
        role = self.role
        if role is Role.STANDBY:
            return await self._take()
        return await self._renew() if role in HOLDING else self._policy.retry_s

    async def _take(self) -> float:
        """One attempt; how long to wait for the next."""
        asked_at = self._clock.monotonic()
        wants = (self._eager or self._wished) and asked_at >= self._not_before
        try:
            async with self._clock.timeout(self._policy.renew_s):
                if not wants:
                    self.held = await self._lease.look()
                    if self.held is not None and self.held.holder != self.holder:
                        # Others have had their chance.
                        self._not_before = asked_at
                    return self._policy.retry_s
                above = max(self.known_fence, self._tenancy.token)
                answer = await self._lease.acquire(self.holder, self._policy.ttl_s, above)
        except (SharedAway, TimeoutError) as error:
            self._failed(error)
            return self._policy.retry_s
        self.problem = ""
        if isinstance(answer, Granted):
            before, self._wished = self.held, False
            self.held = None
            self._tenancy.acquired(answer.token, asked_at, self._clock.monotonic())
            self._note("nobody held the lease" if before is None else f"after {before.holder}")
            return 0.0 if self.role is Role.STANDBY else self._policy.renew_s
        self.held = answer
        # Somebody waits for it to be free, so look as soon as it can be.
        return min(self._policy.retry_s, max(0.05, answer.ends_in_s))

    async def _renew(self) -> float:
        """One attempt; how long to wait for the next."""
        token, asked_at = self._tenancy.token, self._clock.monotonic()
        left_s = self._tenancy.believes_until - asked_at
        try:
            async with self._clock.timeout(min(self._policy.renew_s, left_s)):
                kept = await self._lease.renew(token, self._policy.ttl_s)
        except (SharedAway, TimeoutError) as error:
            self._failed(error)
            left_s = self._tenancy.believes_until - self._clock.monotonic()
            return min(self._policy.retry_s, max(0.0, left_s))
        self.problem = ""
        if not kept:
            self._tenancy.refused(token)
            self._note("the store says that the lease is over")
            return self._policy.retry_s
        self._tenancy.renewed(token, asked_at, self._clock.monotonic())
        return self._policy.renew_s

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with self._clock.timeout(seconds):
                await self._nudged.wait()
        self._nudged.clear()

    def _failed(self, error: Exception) -> None:
        problem = str(error) or "no answer in time"
        if problem != self.problem:
            self._observer.notice(LeaseFailed(self._clock.now(), problem))
        self.problem = problem

    def _note(self, reason: str) -> None:
        """Tell of the role, if it is another one than was told of last."""
        before, after = self._seen, self._tenancy.role
        if before is after:
            return
        self._seen, self.reason, self.since = after, reason, self._clock.now()
        if after in {Role.TAKING_OVER, Role.PUBLISHING}:
            self.over.clear()
        else:
            self.over.set()
        turned, self._turned = self._turned, asyncio.Event()
        turned.set()
        self._observer.notice(
            RoleChanged(self.since, before, after, self._tenancy.token, self.fence, reason)
        )
