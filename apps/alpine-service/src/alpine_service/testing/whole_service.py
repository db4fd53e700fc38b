"""The service as it is wired for everybody, over a test's database, with people in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from aiohttp import web
from attrs import frozen

from alpine_service.adapters.system_clock import SystemClock
from alpine_service.api import keys
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.scope import Scope
from alpine_service.domain.accounts.tokens import digest_of
from alpine_service.domain.feed.verifier_key import Algorithm, make_verifier_key
from alpine_service.domain.plans.billing import BillingKind
from alpine_service.ports.observing import Observer
from alpine_service.services.subscriptions import Deed
from alpine_service.settings import LogSettings, Settings
from alpine_service.testing.people import add_user
from alpine_service.testing.postgres import TestDatabase
from alpine_service.wiring.running import running

PUBLIC_URL = "https://alpine.example"
LOG = make_verifier_key("log.example/signals", Algorithm.CHECKPOINT, bytes(range(32)))
_OPERATOR = Deed("operator", "192.0.2.1")
_SESSION = """
INSERT INTO sessions (id, digest, user_id, is_pending, second_factor, opened_at, seen_at, idle_s,
    expires_at, address, device) VALUES ($1, $2, $3, false, $4, $5, $5, 3600, $6, '192.0.2.1', 'x')
"""
Headers = dict[str, str]


@frozen
class WholeService:
    """The application, and ways to be somebody in it."""

    app: web.Application
    database: TestDatabase

    async def person(
        self,
        user_id: str,
        role: Role = Role.SUBSCRIBER,
        *,
        plan: str | None = None,
        is_verified: bool = True,
    ) -> str:
        """An account; its id."""
        await add_user(self.database.app, user_id, role, is_verified=is_verified)
        if plan is not None:
            await self.app[keys.SUBSCRIPTIONS].record(
                user_id, BillingKind.GRANTED, f"{user_id}-{plan}", _OPERATOR, plan=plan, days=30
            )
        return user_id

    async def session(self, user_id: str, *, second_factor: bool = False) -> Headers:
        """What one of our own pages sends with a new session of that account."""
        secret = f"{user_id}-{second_factor}"
        now = SystemClock().now()
        await self.database.app.execute(
            _SESSION,
            f"ses_of_{user_id}_{int(second_factor)}",
            digest_of(secret),
            user_id,
            second_factor,
            now,
            now + timedelta(hours=1),
        )
        return {"Cookie": f"__Host-alpine={secret}", "Sec-Fetch-Site": "same-origin"}

    async def key(self, user_id: str, *scopes: Scope) -> Headers:
        """What a program sends with a new key of that account."""
        made = await self.app[keys.API_KEYS].make(
            user_id, "test", scopes or list(Scope), None, _OPERATOR
        )
        return {"Authorization": f"Bearer {made.text}"}


@asynccontextmanager
async def whole_service(
    database: TestDatabase, folder: Path, observer: Observer, proxies: tuple[str, ...] = ()
) -> AsyncIterator[WholeService]:
    """All of it but the sockets; no log is read. `proxies` are believed about addresses."""
    settings = Settings(
        public_url=PUBLIC_URL,
        folder=folder,
        database_url=database.url,
        log=LogSettings(key=str(LOG)),
        trusted_proxies=proxies,
    )
    async with running(settings, observer) as alpine:
        yield WholeService(alpine.app, database)
