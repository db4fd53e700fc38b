"""What the interface needs around its routes: who knows people, who counts, who remembers."""

from collections.abc import Mapping
from typing import Any, Protocol

from aiohttp import web
from attrs import define, field, frozen

from alpine_service.domain.accounts.principal import Principal
from alpine_service.domain.delivery.kept_answer import KeptAnswer
from alpine_service.ports.observing import Observer
from alpine_service.ports.outside import Chance, Clock
from alpine_service.ports.tracing import UNTRACED, Tracer


class Knows(Protocol):
    """Tells by a secret who asks: sessions by their cookie's, API keys by their text."""

    async def principal(self, secret: str, address: str) -> Principal | None:
        """Who it is, or None if it is wrong, ended or expired."""
        ...


class Spent(Protocol):
    """What a request left of a quota; `reset_s` is when there will be more, in seconds."""

    @property
    def limit(self) -> int: ...
    @property
    def remaining(self) -> int: ...
    @property
    def reset_s(self) -> float: ...


class Counts(Protocol):
    """Counts requests of accounts against their plans."""

    async def spend(self, principal: Principal) -> Spent:
        """Count one.

        Raises:
            TooMany: there is none left for now.
        """
        ...


class Remembers(Protocol):
    """Remembers answers to requests that carry an Idempotency-Key."""

    async def begin(self, owner: str, route: str, key: str, request: bytes) -> KeptAnswer | None:
        """The answer that was given before; None means: do it now, then `finish` or `forget`.

        Raises:
            Conflict: the same request is being worked on, or was and nobody knows how it ended.
            KeyUsed: the key came with another request before.
        """
        ...

    async def finish(self, owner: str, route: str, key: str, answer: KeptAnswer) -> None:
        """Keep the answer."""
        ...

    async def forget(self, owner: str, route: str, key: str) -> None:
        """Nothing was done, so that the key is free again."""
        ...


@define
class Limits:
    """How much is taken on. Times are in seconds. Those of requests may change while we serve.

    `per_minute` is for strangers, by address; `pages_per_minute` is for what an account looks at,
    and `pages_at_once` of them are under way together, so that one account cannot take all of
    `at_once` for itself.
    `at_once` bounds requests under way, streams apart; who comes beyond is sent away at once, which
    is kinder than to let everybody wait. Bodies that are still to come are as many again at most,
    and `bodies_of_site` of one address or network.
    """

    per_minute: int = 60
    pages_per_minute: int = 300
    pages_at_once: int = 20
    at_once: int = 200
    bodies_of_site: int = 50
    body_s: float = 10.0
    handler_s: float = 20.0
    keepalive_s: float = 75.0
    header_bytes: int = 8_190
    headers: int = 64


@frozen
class Platform:
    """What wiring hands to `build_app`.

    `public_url` is how the world calls us; `proxies` are addresses whose X-Forwarded-For counts.
    `cookie` is the name of the session's.
    """

    sessions: Knows
    api_keys: Knows
    quotas: Counts
    answers: Remembers
    clock: Clock
    chance: Chance
    observer: Observer
    public_url: str
    cookie: str = "__Host-alpine"
    proxies: frozenset[str] = frozenset()
    limits: Limits = field(factory=Limits)
    tracer: Tracer = UNTRACED
    # The services that handlers take from the application, by their keys.
    services: Mapping[web.AppKey[Any], object] = field(factory=dict, repr=False)
