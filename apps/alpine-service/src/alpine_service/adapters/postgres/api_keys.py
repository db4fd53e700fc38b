"""API keys in PostgreSQL; of their texts only digests."""

from datetime import datetime, timedelta

import asyncpg
from attrs import frozen

from alpine_service.adapters.postgres.account_lock import lock_account
from alpine_service.adapters.postgres.audit import record
from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.link import Connection
from alpine_service.domain.accounts.audit import AuditEntry
from alpine_service.domain.accounts.principal import Means, Principal
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.scope import Scope
from alpine_service.domain.plans.api_key import KEPT_DEAD, KeyFound, KeyShown, NewKey
from alpine_service.domain.plans.plan import FREE, TEST, entitlement_of
from alpine_service.errors import Conflict, NotThere

# How often it is written down that a key was used.
TOUCHED_EVERY = timedelta(minutes=1)
_AT_ONCE = 1_000

_FIND = """
SELECT k.id, k.user_id, k.is_test, k.scopes, k.expires_at, k.last_used_at,
    u.verified_at IS NOT NULL AS is_verified, s.plan, s.state, s.until
FROM api_keys k JOIN users u ON u.id = k.user_id LEFT JOIN subscriptions s ON s.user_id = k.user_id
WHERE k.digest = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2)
    AND u.suspended_at IS NULL
"""
_TOUCH = """
UPDATE api_keys SET last_used_at = $2, last_address = $3
WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $4)
"""
_OF_USER = """
SELECT id, user_id, name, hint, is_test, scopes, created_at, expires_at, revoked_at, replaced_by,
    last_used_at, last_address
FROM api_keys WHERE user_id = $1 ORDER BY created_at DESC, id
"""
_PLAN = "SELECT plan, state, until FROM subscriptions WHERE user_id = $1"
_ADD = """
INSERT INTO api_keys (id, user_id, digest, is_test, name, hint, scopes, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_COUNT = """
SELECT count(*) FILTER (WHERE replaced_by IS NULL) AS live,
    count(*) FILTER (WHERE replaced_by IS NOT NULL) AS leaving
FROM api_keys WHERE user_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
"""
_REPLACE = """
UPDATE api_keys SET replaced_by = $3, expires_at = least(expires_at, $4) WHERE id = $1
    AND user_id = $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $5)
    AND replaced_by IS NULL RETURNING true
"""
_REVOKE = """
UPDATE api_keys SET revoked_at = $3, revoked_by = $4 WHERE id = $1 AND user_id = $2
    AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3) RETURNING true
"""
# Ids of the dead, some at a time, so that no statement takes long.
_SWEEP = """
DELETE FROM api_keys WHERE id IN (
    SELECT id FROM api_keys WHERE least(revoked_at, expires_at) < $1 LIMIT $2)
"""


@frozen
class KeyTable:
    """Keeps the port `KeyStore`."""

    _database: Database

    async def find(self, digest: bytes, now: datetime) -> KeyFound | None:
        row = await self._database.fetchrow(_FIND, digest, now)
        if row is None:
            return None
        entitlement = (
            TEST if row["is_test"] else entitlement_of(row["plan"], row["state"], row["until"], now)
        )
        principal = Principal(
            user_id=row["user_id"],
            # Whoever finds a key of staff's has found a subscriber's.
            role=Role.SUBSCRIBER,
            means=Means.KEY,
            means_id=row["id"],
            scopes=frozenset(Scope(each) for each in row["scopes"]),
            entitlement=entitlement,
            is_verified=row["is_verified"],
        )
        return KeyFound(principal, row["expires_at"], row["last_used_at"])

    async def touch(self, key_id: str, address: str, now: datetime) -> None:
        await self._database.execute(_TOUCH, key_id, now, address, now - TOUCHED_EVERY)

    async def of_user(self, user_id: str) -> list[KeyShown]:
        return [_shown(row) for row in await self._database.fetch(_OF_USER, user_id)]

    async def add(self, key: NewKey, entry: AuditEntry) -> None:
        async with self._database.transaction() as connection:
            await lock_account(connection, key.user_id)
            allowed, live, _ = await _room(connection, key.user_id, entry.at)
            if live >= allowed:
                raise Conflict(f"the plan has {allowed} keys, and they are there; revoke one")
            await _add(connection, key)
            await record(connection, entry)

    async def rotate(self, key_id: str, until: datetime, key: NewKey, entry: AuditEntry) -> None:
        async with self._database.transaction() as connection:
            await lock_account(connection, key.user_id)
            allowed, live, leaving = await _room(connection, key.user_id, entry.at)
            # Whoever has more keys than a plan that became smaller may still change them.
            if leaving >= max(allowed, live):
                raise Conflict("too many keys are in their overlap; revoke the old ones")
            if not await connection.fetchval(
                _REPLACE, key_id, key.user_id, key.id, until, entry.at
            ):
                await _refuse_rotation(connection, key_id, key.user_id, entry.at)
            await _add(connection, key)
            await record(connection, entry)

    async def revoke(self, key_id: str, user_id: str, entry: AuditEntry) -> bool:
        async with self._database.transaction() as connection:
            revoked = await connection.fetchval(_REVOKE, key_id, user_id, entry.at, entry.actor)
            if revoked:
                await record(connection, entry)
            return bool(revoked)

    async def sweep(self, now: datetime) -> int:
        done = await self._database.execute(_SWEEP, now - KEPT_DEAD, _AT_ONCE)
        return int(done.rpartition(" ")[2])


async def _room(connection: Connection, user_id: str, now: datetime) -> tuple[int, int, int]:
    """How many keys the plan has, how many live, and how many of them are being replaced."""
    plan = await connection.fetchrow(_PLAN, user_id)
    has = entitlement_of(plan["plan"], plan["state"], plan["until"], now) if plan else FREE
    counts = await connection.fetchrow(_COUNT, user_id, now)
    assert counts is not None  # noqa: S101 - an aggregate without groups has one row
    return has.keys, counts["live"], counts["leaving"]


async def _add(connection: Connection, key: NewKey) -> None:
    await connection.execute(
        _ADD,
        key.id,
        key.user_id,
        key.digest,
        key.is_test,
        key.name,
        key.hint,
        sorted(key.scopes),
        key.created_at,
        key.expires_at,
    )


async def _refuse_rotation(
    connection: Connection, key_id: str, user_id: str, now: datetime
) -> None:
    for row in await connection.fetch(_OF_USER, user_id):
        if row["id"] == key_id and _shown(row).is_live(now):
            raise Conflict("another key takes over from this one already")
    raise NotThere("key")


def _shown(row: asyncpg.Record) -> KeyShown:
    return KeyShown(**{**row, "scopes": tuple(Scope(each) for each in row["scopes"])})
