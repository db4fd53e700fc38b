"""Webhook endpoints and their secrets in PostgreSQL."""

from datetime import datetime

from attrs import frozen

from alpine_service.adapters.postgres.audit import record
from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.link import Connection
from alpine_service.adapters.postgres.webhook_rows import (
    cancel_pending,
    count_of,
    webhook_of,
)
from alpine_service.domain.accounts.audit import AuditEntry
from alpine_service.domain.delivery.endpoint import State
from alpine_service.domain.delivery.errand import EndReason
from alpine_service.domain.delivery.webhook import Change, Webhook, changed

# The owner's row is the lock under which endpoints are counted.
_LOCK_OWNER = "SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE"
_COUNT = "SELECT count(*) FROM webhook_endpoints WHERE user_id = $1"
_HEAD = "SELECT number FROM stream_head"
_ADD = """
INSERT INTO webhook_endpoints (id, user_id, url, description, kinds, symbols, strategies, after,
    state, era, created_at, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
"""
_OF_USER = "SELECT * FROM webhook_endpoints WHERE user_id = $1 ORDER BY created_at, id"
_GET = "SELECT * FROM webhook_endpoints WHERE user_id = $1 AND id = $2"
_LOCK = _GET + " FOR NO KEY UPDATE"
_CHANGE = """
UPDATE webhook_endpoints SET url = $2, description = $3, kinds = $4, symbols = $5, strategies = $6,
    state = $7, reason = $8, failing_since = $9, era = $10, changed_at = $11,
    after = coalesce($12, after)
WHERE id = $1
"""
_DELETE = "DELETE FROM webhook_endpoints WHERE user_id = $1 AND id = $2"
_ADD_KEY = """
INSERT INTO webhook_secrets (endpoint, number, sealed, made_at)
SELECT $1, 1 + coalesce(max(number), 0), $2, $3 FROM webhook_secrets WHERE endpoint = $1
"""
_DROP_OLD_KEYS = "DELETE FROM webhook_secrets WHERE endpoint = $1 AND expires_at IS NOT NULL"
_END_KEY = "UPDATE webhook_secrets SET expires_at = $2 WHERE endpoint = $1"


@frozen
class PostgresWebhooks:
    """Keeps the port `WebhookStore`."""

    _database: Database

    async def add(
        self, webhook: Webhook, sealed: bytes, limit: int, now: datetime, entry: AuditEntry
    ) -> bool:
        async with self._database.transaction() as connection:
            await connection.execute(_LOCK_OWNER, webhook.user_id)
            if await connection.fetchval(_COUNT, webhook.user_id) >= limit:
                return False
            await connection.execute(
                _ADD,
                webhook.id,
                webhook.user_id,
                webhook.url,
                webhook.description,
                *_names(webhook),
                await connection.fetchval(_HEAD),
                webhook.health.state.value,
                webhook.health.era,
                now,
            )
            await connection.execute(_ADD_KEY, webhook.id, sealed, now)
            await record(connection, entry)
            return True

    async def of_user(self, user_id: str) -> list[Webhook]:
        return [webhook_of(row) for row in await self._database.fetch(_OF_USER, user_id)]

    async def get(self, user_id: str, webhook_id: str) -> Webhook | None:
        row = await self._database.fetchrow(_GET, user_id, webhook_id)
        return webhook_of(row) if row else None

    async def change(
        self, user_id: str, webhook_id: str, change: Change, now: datetime, entry: AuditEntry
    ) -> Webhook | None:
        async with self._database.transaction() as connection:
            row = await connection.fetchrow(_LOCK, user_id, webhook_id)
            if row is None:
                return None
            before = webhook_of(row)
            after = changed(before, change, now)
            await _write(connection, before, after, now)
            await record(connection, entry)
            return after

    async def delete(self, user_id: str, webhook_id: str, entry: AuditEntry) -> bool:
        async with self._database.transaction() as connection:
            if not count_of(await connection.execute(_DELETE, user_id, webhook_id)):
                return False
            await record(connection, entry)
            return True

    async def rotate(
        self,
        user_id: str,
        webhook_id: str,
        sealed: bytes,
        *,
        now: datetime,
        overlap_until: datetime,
        entry: AuditEntry,
    ) -> bool:
        async with self._database.transaction() as connection:
            if await connection.fetchrow(_LOCK, user_id, webhook_id) is None:
                return False
            await connection.execute(_DROP_OLD_KEYS, webhook_id)
            await connection.execute(_END_KEY, webhook_id, overlap_until)
            await connection.execute(_ADD_KEY, webhook_id, sealed, now)
            await record(connection, entry)
            return True


def _names(webhook: Webhook) -> tuple[list[str], list[str], list[str]]:
    filters = webhook.filters
    return (
        sorted(kind.value for kind in filters.kinds),
        sorted(filters.symbols),
        sorted(filters.strategies),
    )


async def _write(connection: Connection, before: Webhook, after: Webhook, now: datetime) -> None:
    health = after.health
    was_off, is_off = before.health.state is State.OFF, health.state is State.OFF
    await connection.execute(
        _CHANGE,
        after.id,
        after.url,
        after.description,
        *_names(after),
        health.state.value,
        health.reason,
        health.failing_since,
        health.era,
        now,
        await connection.fetchval(_HEAD) if was_off and not is_off else None,
    )
    if is_off != was_off:
        # Turned on as well, because a delivery may have been made while it was being turned off.
        await cancel_pending(connection, [after.id], EndReason.OFF, now)
