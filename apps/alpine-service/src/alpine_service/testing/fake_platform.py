"""A platform of fakes: people by their secrets, quotas by hand, answers in memory."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from attrs import define, field, frozen

from alpine_service.api.platform import Limits, Platform
from alpine_service.domain.accounts.principal import Means, Principal
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.scope import Scope
from alpine_service.domain.delivery.kept_answer import KeptAnswer
from alpine_service.domain.plans.entitlement import Channel, Entitlement
from alpine_service.errors import Conflict, DatabaseAway, KeyUsed, TooMany
from alpine_service.ports.tracing import UNTRACED, Tracer
from alpine_service.testing.fake_chance import FakeChance
from alpine_service.testing.fake_clock import FakeClock
from alpine_service.testing.fake_observer import FakeObserver

PUBLIC_URL = "https://alpine.example"

REALTIME = Entitlement("pro", True, frozenset(Channel), 600, 100_000, 10, 5, 10)
DELAYED = Entitlement("free", False, frozenset({Channel.API}), 60, 1_000, 2, 0, 0)


def somebody(
    user_id: str = "usr_1",
    *,
    role: Role = Role.SUBSCRIBER,
    means: Means = Means.SESSION,
    scopes: frozenset[Scope] = frozenset(Scope),
    entitlement: Entitlement = REALTIME,
    is_verified: bool = True,
    second_factor: bool = False,
) -> Principal:
    """A principal of whom only what matters has to be said."""
    means_id = f"{'ses' if means is Means.SESSION else 'key'}_{user_id}"
    return Principal(
        user_id, role, means, means_id, scopes, entitlement, is_verified, second_factor
    )


@define
class FakePeople:
    """Knows people by their secrets."""

    known: dict[str, Principal] = field(factory=dict)
    is_away: bool = False

    async def principal(self, secret: str, address: str) -> Principal | None:
        if self.is_away:
            raise DatabaseAway("the database", "gone")
        return self.known.get(secret)


@frozen
class FakeSpent:
    """What is left."""

    limit: int
    remaining: int
    reset_s: float


@define
class FakeQuotas:
    """So many requests for everybody together."""

    left: int = 1_000_000

    async def spend(self, principal: Principal) -> FakeSpent:
        if not self.left:
            raise TooMany("requests", 12.5)
        self.left -= 1
        return FakeSpent(principal.entitlement.per_minute, self.left, 30.0)


@define
class FakeAnswers:
    """Remembers answers while it lives."""

    kept: dict[tuple[str, str, str], tuple[bytes, KeptAnswer | None]] = field(factory=dict)

    async def begin(self, owner: str, route: str, key: str, request: bytes) -> KeptAnswer | None:
        before = self.kept.get((owner, route, key))
        if before is None:
            self.kept[owner, route, key] = (request, None)
            return None
        if before[0] != request:
            raise KeyUsed("the Idempotency-Key came with another request before")
        if before[1] is None:
            raise Conflict("a request with this Idempotency-Key is under way")
        return before[1]

    async def finish(self, owner: str, route: str, key: str, answer: KeptAnswer) -> None:
        self.kept[owner, route, key] = (self.kept[owner, route, key][0], answer)

    async def forget(self, owner: str, route: str, key: str) -> None:
        del self.kept[owner, route, key]


@define
class Fakes:
    """All fakes that a platform is made of, to be looked at and changed by a test."""

    sessions: FakePeople = field(factory=FakePeople)
    api_keys: FakePeople = field(factory=FakePeople)
    quotas: FakeQuotas = field(factory=FakeQuotas)
    answers: FakeAnswers = field(factory=FakeAnswers)
    clock: FakeClock = field(factory=FakeClock)
    observer: FakeObserver = field(factory=FakeObserver)

    def platform(
        self,
        *,
        proxies: frozenset[str] = frozenset(),
        limits: Limits | None = None,
        public_url: str = PUBLIC_URL,
        services: Mapping[web.AppKey[Any], object] | None = None,
        tracer: Tracer = UNTRACED,
    ) -> Platform:
        return Platform(
            sessions=self.sessions,
            api_keys=self.api_keys,
            quotas=self.quotas,
            answers=self.answers,
            clock=self.clock,
            chance=FakeChance(),
            observer=self.observer,
            public_url=public_url,
            proxies=proxies,
            limits=limits or Limits(),
            services=services or {},
            tracer=tracer,
        )
