"""A turnstile on a fake clock, before a vendor that does what it is told."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from random import Random
from typing import Any

import pytest
from attrs import Factory, define, field

from argo_core.consensus.opinion import MASSIVE, SourceName
from argo_core.engine.turnstile import GuardedTurnstile
from argo_core.errors import SharedAway
from argo_core.ports import Passage, SharedBreaker, SharedPermit
from argo_core.resilience.allowance import Allowance, LimitPolicy
from argo_core.resilience.breaker import Breaker
from argo_core.resilience.breaker_policy import BreakerPolicy
from argo_core.resilience.limiter import Limiter
from argo_core.resilience.permit import Outcome, Permit, Rejected
from argo_core.resilience.queue import Urgency
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_observer import FakeObserver

PATIENT_S = 10_000.0


@define
class Desk:
    """What processes share, kept by one limiter and one breaker; `away` is out of reach."""

    clock: FakeClock
    away: bool = False
    takes_s: float = 0.0
    asked: int = 0
    refunded: int = 0
    pauses: list[float] = field(factory=list)
    settled: list[tuple[Outcome, bool, float]] = field(factory=list)
    slack_s: float = 0.0
    _limiter: Limiter | None = None
    _breaker: Breaker | None = None
    _tickets: list[int] = field(factory=list)
    _permits: dict[int, Permit] = field(factory=dict)

    async def _reached(self) -> None:
        await self.clock.sleep(self.takes_s)
        if self.away:
            raise SharedAway

    def limiter(self, allowances: Sequence[Allowance]) -> Limiter:
        self._limiter = self._limiter or Limiter(LimitPolicy(tuple(allowances), self.slack_s))
        return self._limiter

    def breaker(self, policy: BreakerPolicy) -> Breaker:
        self._breaker = self._breaker or Breaker(policy)
        return self._breaker

    async def take(
        self, source: SourceName, allowances: Sequence[Allowance], cost: int = 1
    ) -> float:
        await self._reached()
        self.asked += 1
        limiter, now = self.limiter(allowances), self.clock.monotonic()
        ticket = limiter.take(now, cost)
        if ticket:
            self._tickets.append(ticket)
            return 0.0
        return limiter.retry_after(now, cost)

    async def refund(
        self, source: SourceName, allowances: Sequence[Allowance], cost: int = 1
    ) -> None:
        await self._reached()
        self.refunded += 1
        self.limiter(allowances).refund(self.clock.monotonic(), self._tickets.pop(), cost)

    async def pause(self, source: SourceName, seconds: float) -> None:
        await self._reached()
        self.pauses.append(seconds)

    async def acquire(self, source: SourceName, policy: BreakerPolicy) -> SharedPermit | Rejected:
        await self._reached()
        said, _ = self.breaker(policy).acquire(self.clock.monotonic(), 0.0)
        if isinstance(said, Rejected):
            return said
        number = len(self._permits)
        self._permits[number] = said
        return SharedPermit(number, "probe" if said.probe else None)

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
        await self._reached()
        self.settled.append((outcome, slow, retry_after_s))
        own = self._permits[permit.generation]
        self.breaker(policy).settle(own, self.clock.monotonic(), outcome, 0.0, retry_after_s)


@define
class Bench:
    """`made` are the moments at which calls were really made."""

    limits: LimitPolicy
    breaker: BreakerPolicy = BreakerPolicy(slow_s=2.0)
    clock: FakeClock = field(factory=FakeClock)
    limits_desk: Desk | None = None
    breaker_desk: SharedBreaker | None = None
    instances: int = 1
    pace: float = 1.0
    chance: Callable[[], float] = lambda: 0.0
    observer: FakeObserver = field(factory=FakeObserver)
    made: list[float] = field(factory=list)
    tasks: list["asyncio.Task[Any]"] = field(factory=list)
    turnstile: GuardedTurnstile = Factory(
        lambda self: GuardedTurnstile(
            MASSIVE,
            limits=self.limits,
            breaker=self.breaker,
            clock=self.clock,
            chance=self.chance,
            observer=self.observer,
            shared_limits=self.limits_desk,
            shared_breaker=self.breaker_desk,
            instances=self.instances,
            pace=self.pace,
        ),
        takes_self=True,
    )

    async def call(
        self,
        raises: BaseException | None = None,
        *,
        takes_s: float = 0.0,
        urgency: Urgency = Urgency.REFRESH,
        wait_s: float = PATIENT_S,
        does: Callable[[Passage], Awaitable[None]] | None = None,
    ) -> None:
        async with self.turnstile.call(urgency, wait_s) as passage:
            self.made.append(self.clock.monotonic())
            await self.clock.sleep(takes_s)
            if does:
                await does(passage)
            if raises:
                raise raises

    def begin(self, raises: BaseException | None = None, **how: Any) -> "asyncio.Task[None]":
        """The same beside the test; what it raises is there to look at."""
        task = asyncio.create_task(self.call(raises, **how))
        self.tasks.append(task)
        return task

    async def fails(self, error: Exception, times: int = 1, **how: Any) -> None:
        for _ in range(times):
            with pytest.raises(type(error)):
                await self.call(error, **how)

    def others(self) -> set["asyncio.Task[Any]"]:
        """Tasks that are neither this test nor begun by it."""
        mine = {asyncio.current_task(), *self.tasks}
        return {task for task in asyncio.all_tasks() if task not in mine}


@pytest.fixture
def bench_of() -> Iterator[Callable[..., Bench]]:
    def build(rate: float = 1_000.0, burst: float = 1_000.0, **more: Any) -> Bench:
        slack_s = more.pop("slack_s", 0.0)
        limits = LimitPolicy((Allowance(rate, burst),), slack_s=slack_s)
        return Bench(more.pop("limits", limits), **more)

    return build


@pytest.fixture
def desk_of() -> Callable[..., Desk]:
    return Desk


@pytest.fixture
def seeded() -> Callable[[int], Callable[[], float]]:
    return lambda seed: Random(seed).random  # noqa: S311 - chance that comes again is wanted
