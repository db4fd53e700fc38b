"""What processes share, in memory: locks, limits, breakers and the book of spending.

Set `away`, and every call raises `SharedAway` until it is unset.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import count

from argo_core.consensus.opinion import SourceName
from argo_core.errors import SharedAway
from argo_core.ports import Clock, SharedPermit
from argo_core.resilience.allowance import Allowance, LimitPolicy
from argo_core.resilience.breaker import Breaker
from argo_core.resilience.breaker_policy import BreakerPolicy
from argo_core.resilience.budget import Amount
from argo_core.resilience.limiter import Limiter
from argo_core.resilience.permit import Outcome, Permit, Rejected


class _Reachable:
    def __init__(self) -> None:
        self.away = False

    def _reach(self) -> None:
        if self.away:
            raise SharedAway("it was told to be away")


class FakeFlightLocks(_Reachable):
    """Locks on the clock's monotonic base."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._held: dict[str, tuple[str, float]] = {}
        self._tokens = count(1)

    async def take(self, key: str, ttl_s: float) -> str | None:
        self._reach()
        now = self._clock.monotonic()
        if key in self._held and now < self._held[key][1]:
            return None
        token = f"token-{next(self._tokens)}"
        self._held[key] = token, now + ttl_s
        return token

    async def release(self, key: str, token: str) -> None:
        self._reach()
        if key in self._held and self._held[key][0] == token:
            del self._held[key]


class FakeSharedLimits(_Reachable):
    """The core's own limiter for each source."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._limiters: dict[SourceName, Limiter] = {}
        self._tickets: dict[SourceName, int] = {}
        self._paused: dict[SourceName, float] = {}

    async def take(
        self, source: SourceName, allowances: Sequence[Allowance], cost: int = 1
    ) -> float:
        self._reach()
        now = self._clock.monotonic()
        limiter = self._limiters.setdefault(source, Limiter(LimitPolicy(tuple(allowances))))
        limiter.check(cost)
        paused_s = self._paused.get(source, now) - now
        ticket = 0 if paused_s > 0 else limiter.take(now, cost)
        if not ticket:
            return max(paused_s, limiter.retry_after(now, cost))
        self._tickets[source] = ticket
        return 0.0

    async def refund(
        self, source: SourceName, allowances: Sequence[Allowance], cost: int = 1
    ) -> None:
        self._reach()
        if ticket := self._tickets.pop(source, 0):
            self._limiters[source].refund(self._clock.monotonic(), ticket, cost)

    async def pause(self, source: SourceName, seconds: float) -> None:
        self._reach()
        until = self._clock.monotonic() + seconds
        self._paused[source] = max(self._paused.get(source, until), until)


class FakeSharedBreaker(_Reachable):
    """The core's own breaker for each source, opening for exactly as long as its policy says."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._breakers: dict[SourceName, Breaker] = {}
        self._probes: dict[str, Permit] = {}
        self._tokens = count(1)

    async def acquire(self, source: SourceName, policy: BreakerPolicy) -> SharedPermit | Rejected:
        self._reach()
        breaker = self._breakers.setdefault(source, Breaker(policy))
        permit, _ = breaker.acquire(self._clock.monotonic(), 0.0)
        if isinstance(permit, Rejected):
            return permit
        if not permit.probe:
            return SharedPermit(permit.generation)
        token = f"probe-{next(self._tokens)}"
        self._probes[token] = permit
        return SharedPermit(permit.generation, token)

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
        self._reach()
        now = self._clock.monotonic()
        # A probe settles once and by its own permit; of other calls the era is all that matters.
        begun = now - 2 * policy.slow_s if slow else now
        ticket = Permit(permit.generation, begun, probe=False)
        if permit.probe is not None:
            ticket = self._probes.get(permit.probe, ticket)
        self._breakers[source].settle(ticket, now, outcome, 0.0, retry_after_s)


class FakeSpendingBook(_Reachable):
    """Sums by source and day."""

    def __init__(self) -> None:
        super().__init__()
        self._days: dict[tuple[SourceName, date], Amount] = {}

    async def add(self, source: SourceName, day: date, amount: Amount) -> Amount:
        self._reach()
        total = self._days.get((source, day), Amount()) + amount
        self._days[source, day] = total
        return total

    async def subtract(self, source: SourceName, day: date, amount: Amount) -> Amount:
        total = await self.add(source, day, Amount())
        self._days[source, day] = Amount(
            max(total.usd - amount.usd, Decimal(0)),
            max(total.tokens - amount.tokens, 0),
            max(total.calls - amount.calls, 0),
        )
        return self._days[source, day]
