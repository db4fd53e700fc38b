"""Sessions in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from alpine_service.adapters.postgres.audit import record
from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.link import Connection
from alpine_service.adapters.postgres.mail_queue import enqueue
from alpine_service.domain.accounts.audit import AuditEntry
from alpine_service.domain.accounts.principal import Means, Principal
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.scope import Scope
from alpine_service.domain.accounts.session import (
    MOST_ATTEMPTS,
    MOST_PER_ACCOUNT,
    SEEN_EVERY,
    NewSession,
    PendingTry,
    SessionShown,
)
from alpine_service.domain.accounts.throttle import network_digest
from alpine_service.domain.plans.plan import entitlement_of
from alpine_service.ports.mail import Mail

_MOST_NETWORKS = 50
_ALL = frozenset(Scope)
_INSERT = """
INSERT INTO sessions (id, digest, user_id, is_pending, second_factor, opened_at, seen_at, idle_s,
    expires_at, address, device)
VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10)
"""
# Pending ones are counted apart, so that whoever has the password only ends no session.
_END_OLDEST = """
DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE user_id = $1 AND is_pending = $2
    ORDER BY seen_at DESC, opened_at DESC, id OFFSET $3)
"""
_LIVES = "expires_at > $2 AND seen_at + idle_s * interval '1 second' > $2"
_PRINCIPAL = f"""
SELECT s.id, s.user_id, s.second_factor, s.seen_at, u.role, u.verified_at,
    p.plan, p.state, p.until
FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN subscriptions p ON p.user_id = u.id
WHERE s.digest = $1 AND NOT s.is_pending AND u.suspended_at IS NULL AND {_LIVES}
"""  # noqa: S608 - our own words
_SEEN = "UPDATE sessions SET seen_at = $2, address = $3 WHERE digest = $1 AND seen_at <= $4"
_ATTEMPT = """
UPDATE sessions SET attempts = attempts + 1
WHERE digest = $1 AND is_pending AND attempts < $3 AND expires_at > $2 RETURNING user_id, attempts
"""
_OF_USER = f"""
SELECT id, opened_at, seen_at, expires_at, address, device, second_factor FROM sessions
WHERE user_id = $1 AND NOT is_pending AND {_LIVES}
ORDER BY seen_at DESC, opened_at DESC, id COLLATE "C"
"""  # noqa: S608 - our own words
_KNOW = """
INSERT INTO known_networks (user_id, digest, seen_at) VALUES ($1, $2, $3)
ON CONFLICT (user_id, digest) DO UPDATE SET seen_at = $3
"""
_FORGET_NETWORKS = """
DELETE FROM known_networks WHERE user_id = $1 AND digest IN (SELECT digest FROM known_networks
    WHERE user_id = $1 ORDER BY seen_at DESC, digest OFFSET $2)
"""


@frozen
class PostgresSessions:
    """Keeps the port `SessionStore`."""

    _database: Database

    async def open(self, session: NewSession, replaces: bytes | None, entry: AuditEntry) -> None:
        async with self._database.transaction() as connection:
            if replaces is not None:
                await connection.execute("DELETE FROM sessions WHERE digest = $1", replaces)
            await insert_session(connection, session)
            await record(connection, entry)

    async def principal(self, digest: bytes, address: str, now: datetime) -> Principal | None:
        row = await self._database.fetchrow(_PRINCIPAL, digest, now)
        if row is None:
            return None
        if now - row["seen_at"] >= SEEN_EVERY:
            await self._database.execute(_SEEN, digest, now, address, now - SEEN_EVERY)
        return Principal(
            user_id=row["user_id"],
            role=Role(row["role"]),
            means=Means.SESSION,
            means_id=row["id"],
            scopes=_ALL,
            entitlement=entitlement_of(row["plan"], row["state"], row["until"], now),
            is_verified=row["verified_at"] is not None,
            second_factor=row["second_factor"],
        )

    async def attempt(self, digest: bytes, now: datetime) -> PendingTry | None:
        row = await self._database.fetchrow(_ATTEMPT, digest, now, MOST_ATTEMPTS)
        return PendingTry(row["user_id"], MOST_ATTEMPTS - row["attempts"]) if row else None

    async def complete(
        self, pending: bytes, session: NewSession, mails: Sequence[Mail], entry: AuditEntry
    ) -> bool:
        async with self._database.transaction() as connection:
            query = "DELETE FROM sessions WHERE digest = $1 RETURNING id"
            if await connection.fetchval(query, pending) is None:
                return False
            await insert_session(connection, session)
            for mail in mails:
                await enqueue(connection, mail, entry.at)
            await record(connection, entry)
            return True

    async def of_user(self, user_id: str, now: datetime) -> list[SessionShown]:
        return [SessionShown(**row) for row in await self._database.fetch(_OF_USER, user_id, now)]

    async def end(self, user_id: str, session_id: str, entry: AuditEntry) -> bool:
        async with self._database.transaction() as connection:
            query = "DELETE FROM sessions WHERE id = $1 AND user_id = $2 RETURNING id"
            if await connection.fetchval(query, session_id, user_id) is None:
                return False
            await record(connection, entry)
            return True

    async def end_others(self, user_id: str, kept: str | None, entry: AuditEntry) -> int:
        async with self._database.transaction() as connection:
            count = await end_sessions(connection, user_id, kept)
            await record(connection, entry)
            return count


async def insert_session(connection: Connection, session: NewSession) -> None:
    """Add it, and end the oldest of too many."""
    await connection.execute(
        _INSERT,
        session.id,
        session.digest,
        session.user_id,
        session.is_pending,
        session.second_factor,
        session.opened_at,
        int(session.idle.total_seconds()),
        session.expires_at,
        session.visitor.address,
        session.visitor.device,
    )
    most = MOST_PER_ACCOUNT
    await connection.execute(_END_OLDEST, session.user_id, session.is_pending, most)
    if not session.is_pending:
        network = network_digest(session.visitor.address)
        await know_network(connection, session.user_id, network, session.opened_at)


async def end_sessions(connection: Connection, user_id: str, kept: str | None) -> int:
    """End all of the user's but the kept one, pending ones too; how many."""
    query = "DELETE FROM sessions WHERE user_id = $1 AND id IS DISTINCT FROM $2 RETURNING id"
    return len(await connection.fetch(query, user_id, kept))


async def know_network(connection: Connection, user_id: str, network: bytes, now: datetime) -> None:
    """Remember that the account was opened from there; the newest of too many."""
    await connection.execute(_KNOW, user_id, network, now)
    await connection.execute(_FORGET_NETWORKS, user_id, _MOST_NETWORKS)
