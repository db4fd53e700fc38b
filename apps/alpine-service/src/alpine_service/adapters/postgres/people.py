"""Accounts for staff, and the audit trail, in PostgreSQL."""

from collections.abc import Callable
from datetime import datetime

import asyncpg
from attrs import frozen

from alpine_service.adapters.postgres.audit import record
from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.link import Connection
from alpine_service.adapters.postgres.sessions import end_sessions
from alpine_service.domain.accounts.audit import AuditEntry
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.staff import (
    PeopleAsked,
    PersonShown,
    Standing,
    TrailAsked,
    TrailEntry,
    check_power,
    check_role_change,
)
from alpine_service.errors import NotAllowed, NotThere

_SHOWN = """
SELECT u.id, u.email, u.role, u.created_at, u.verified_at, u.suspended_at,
    EXISTS (SELECT FROM second_factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL)
        AS has_factor,
    s.plan, s.state, s.until
FROM users u LEFT JOIN subscriptions s ON s.user_id = u.id
"""
# The text is compared as it is, so that no character in it is a wildcard.
_LISTED = f"""{_SHOWN}
WHERE ($1::text IS NULL OR u.id = $1 OR strpos(lower(u.email), lower($1)) > 0)
    AND ($2::text IS NULL OR u.role = $2)
    AND ($3::timestamptz IS NULL OR (u.created_at, u.id) < ($3, $4))
ORDER BY u.created_at DESC, u.id DESC LIMIT $5
"""
_ONE = f"{_SHOWN} WHERE u.id = $1"
# In one order, so that two who do something to each other come one after the other.
_STANDING = """
SELECT id, role, suspended_at IS NOT NULL AS is_suspended FROM users WHERE id = ANY($1::text[])
ORDER BY id FOR NO KEY UPDATE
"""
_TRAIL = """
SELECT d.number, d.at, d.actor, d.deed, d.subject, d.details, a.address
FROM audit d LEFT JOIN audit_addresses a ON a.number = d.number
WHERE ($1::text IS NULL OR d.actor = $1) AND ($2::text IS NULL OR d.deed = $2)
    AND ($3::text IS NULL OR d.subject = $3) AND ($4::bigint IS NULL OR d.number < $4)
ORDER BY d.number DESC LIMIT $5
"""

Check = Callable[[Standing, Standing], None]


@frozen
class PeopleTable:
    """Keeps the port `People`."""

    _database: Database

    async def listed(self, asked: PeopleAsked, entry: AuditEntry) -> list[PersonShown]:
        async with self._database.transaction() as connection:
            await record(connection, entry)
            rows = await connection.fetch(
                _LISTED,
                asked.text,
                asked.role,
                asked.behind.created_at if asked.behind else None,
                asked.behind.user_id if asked.behind else None,
                asked.limit,
            )
        return [_shown(row) for row in rows]

    async def one(self, user_id: str, entry: AuditEntry) -> PersonShown:
        async with self._database.transaction() as connection:
            row = await connection.fetchrow(_ONE, user_id)
            if row is None:
                raise NotThere("account")
            await record(connection, entry)
        return _shown(row)

    async def change_role(self, user_id: str, role: Role, entry: AuditEntry) -> None:
        async with self._database.transaction() as connection:
            await _check(connection, user_id, entry, check_role_change)
            await connection.execute("UPDATE users SET role = $2 WHERE id = $1", user_id, role)
            await end_sessions(connection, user_id, None)
            await record(connection, entry)

    async def suspend(self, user_id: str, at: datetime | None, entry: AuditEntry) -> None:
        async with self._database.transaction() as connection:
            await _check(connection, user_id, entry, check_power)
            await connection.execute(
                "UPDATE users SET suspended_at = $2 WHERE id = $1", user_id, at
            )
            await end_sessions(connection, user_id, None)
            await record(connection, entry)

    async def end_sessions(self, user_id: str, entry: AuditEntry) -> int:
        async with self._database.transaction() as connection:
            await _check(connection, user_id, entry, check_power)
            ended = await end_sessions(connection, user_id, None)
            await record(connection, entry)
        return ended

    async def trail(self, asked: TrailAsked, entry: AuditEntry) -> list[TrailEntry]:
        async with self._database.transaction() as connection:
            rows = await connection.fetch(
                _TRAIL, asked.actor, asked.deed, asked.subject, asked.before, asked.limit
            )
            await record(connection, entry)
        return [TrailEntry(**row) for row in rows]


async def _check(connection: Connection, user_id: str, entry: AuditEntry, check: Check) -> None:
    rows = await connection.fetch(_STANDING, [entry.actor, user_id])
    found = {row["id"]: Standing(row["id"], Role(row["role"]), row["is_suspended"]) for row in rows}
    if entry.actor not in found:
        raise NotAllowed("this is for staff")
    if user_id not in found:
        raise NotThere("account")
    check(found[entry.actor], found[user_id])


def _shown(row: asyncpg.Record) -> PersonShown:
    return PersonShown(**{**row, "role": Role(row["role"])})
