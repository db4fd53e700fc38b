"""Plans, keys, quotas and staff over a real database, as the interface serves them.

Sessions are those that a test names; keys and quotas are the real ones.
"""

from pathlib import Path
from typing import Any

import orjson
from aiohttp import web
from aiohttp.test_utils import TestClient
from attrs import evolve, frozen

from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.quarantine import PostgresQuarantine
from alpine_service.adapters.postgres.wakeups import Wakeups
from alpine_service.adapters.secrets.vault import AesVault
from alpine_service.api import admin_routes, key_routes, plan_routes
from alpine_service.api.app import build_app
from alpine_service.api.keys import (
    ADMINISTRATION,
    API_KEYS,
    INGEST_STANDING,
    QUOTAS,
    SUBSCRIPTIONS,
)
from alpine_service.api.route import Route
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.plans.billing import BillingKind
from alpine_service.domain.plans.entitlement import Entitlement
from alpine_service.domain.plans.plan import PLANS
from alpine_service.services.ingest_standing import IngestStanding
from alpine_service.services.subscriptions import Deed
from alpine_service.settings import Settings
from alpine_service.testing.fake_chance import FakeChance
from alpine_service.testing.fake_platform import Fakes, somebody
from alpine_service.testing.people import add_user
from alpine_service.testing.postgres import TestDatabase
from alpine_service.wiring.ground import Ground
from alpine_service.wiring.plans import PlansRoom, plans_on

ROUTES: tuple[Route, ...] = (*plan_routes.ROUTES, *key_routes.ROUTES, *admin_routes.ROUTES)
LOG = "log.example/signals"
OPERATOR = Deed("operator", "192.0.2.1")
Headers = dict[str, str]
Client = TestClient[web.Request, web.Application]


@frozen
class PlanHouse:
    """The services and what surrounds them."""

    database: Database
    plans: PlansRoom
    fakes: Fakes

    def app(self, routes: tuple[Route, ...] = ROUTES) -> web.Application:
        """The application, with keys and quotas that are real."""
        fakes = self.fakes
        standing = IngestStanding(
            PostgresQuarantine(self.database), fakes.clock, fakes.observer, LOG
        )
        platform = fakes.platform(
            services={
                SUBSCRIPTIONS: self.plans.subscriptions,
                API_KEYS: self.plans.api_keys,
                QUOTAS: self.plans.quotas,
                ADMINISTRATION: self.plans.administration,
                INGEST_STANDING: standing,
            }
        )
        real = evolve(platform, api_keys=self.plans.api_keys, quotas=self.plans.quotas)
        return build_app(real, routes)

    async def person(self, user_id: str, role: Role = Role.SUBSCRIBER) -> Headers:
        """An account, and what a page of ours sends with its session."""
        await add_user(self.database, user_id, role)
        return self.session(user_id, role)

    def session(
        self,
        user_id: str,
        role: Role = Role.SUBSCRIBER,
        *,
        second_factor: bool = True,
        has: Entitlement = PLANS["pro"].entitlement,
    ) -> Headers:
        """What a page of ours sends with another session of the account."""
        secret = f"{user_id}-{role}-{second_factor}-{has.plan}-{has.per_day}"
        self.fakes.sessions.known[secret] = somebody(
            user_id, role=role, second_factor=second_factor, entitlement=has
        )
        return {"Cookie": f"__Host-alpine={secret}", "Sec-Fetch-Site": "same-origin"}

    async def grant(self, user_id: str, plan: str, days: int = 30) -> None:
        reference = f"{user_id}-{plan}-{self.fakes.clock.now().isoformat()}"
        await self.plans.subscriptions.record(
            user_id, BillingKind.GRANTED, reference, OPERATOR, plan=plan, days=days
        )

    async def deeds(self) -> list[tuple[str, str, str]]:
        """Actor, deed and subject of all that is in the audit trail, in order."""
        rows = await self.database.fetch("SELECT actor, deed, subject FROM audit ORDER BY number")
        return [(row["actor"], row["deed"], row["subject"]) for row in rows]


def plan_house(database: TestDatabase) -> PlanHouse:
    """A house of one's own."""
    fakes = Fakes()
    return PlanHouse(database.app, plans_over(database.app, fakes), fakes)


def plans_over(database: Database, fakes: Fakes) -> PlansRoom:
    """All services as one process has them."""
    chance = FakeChance()
    return plans_on(
        Ground(
            settings=Settings(folder=Path("nowhere")),
            clock=fakes.clock,
            chance=chance,
            vault=AesVault([b"k" * 32], chance),
            observer=fakes.observer,
            database=database,
            # Nobody listens here, so no server has to be there.
            wakeups=Wakeups("postgresql://localhost/nowhere", fakes.clock),
        )
    )


async def ask(
    client: Client, method: str, path: str, headers: Headers, body: object = None
) -> tuple[int, Any]:
    """The status and what the body says; `body` is sent as JSON."""
    raw = None if body is None else orjson.dumps(body)
    sent = headers if raw is None else {**headers, "Content-Type": "application/json"}
    async with client.request(method, path, headers=sent, data=raw) as answer:
        told = await answer.read()
        return answer.status, orjson.loads(told) if told else None
