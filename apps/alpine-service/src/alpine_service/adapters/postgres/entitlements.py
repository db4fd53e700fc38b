"""What accounts may have, read from PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from alpine_service.adapters.postgres.database import Database
from alpine_service.domain.plans.entitlement import Entitlement
from alpine_service.domain.plans.plan import NOTHING, entitlement_of

_OF = """
SELECT u.id, s.plan, s.state, s.until FROM users u LEFT JOIN subscriptions s ON s.user_id = u.id
WHERE u.id = ANY($1::text[]) AND u.suspended_at IS NULL
"""


@frozen
class Entitlements:
    """Keeps the port `Entitlements`."""

    _database: Database

    async def of(self, user_ids: Sequence[str], now: datetime) -> dict[str, Entitlement]:
        found = dict.fromkeys(user_ids, NOTHING)
        for row in await self._database.fetch(_OF, list(found)):
            found[row["id"]] = entitlement_of(row["plan"], row["state"], row["until"], now)
        return found

    async def entitlement_now(self, user_id: str, now: datetime) -> Entitlement:
        return (await self.of([user_id], now))[user_id]
