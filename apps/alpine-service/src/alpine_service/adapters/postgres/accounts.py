"""Accounts and the tokens in mails, in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from attrs import evolve, frozen

from alpine_service.adapters.postgres.audit import record
from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.link import Connection
from alpine_service.adapters.postgres.mail_queue import enqueue
from alpine_service.adapters.postgres.sessions import end_sessions, insert_session, know_network
from alpine_service.domain.accounts.account import Account, NewAccount, Purpose, Token
from alpine_service.domain.accounts.audit import AuditEntry
from alpine_service.domain.accounts.email_address import EmailAddress
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.session import NewSession
from alpine_service.errors import Conflict
from alpine_service.ports.mail import Mail

_COLUMNS = """
u.id, u.email, u.email_key, u.password, u.role, u.created_at, u.verified_at, u.suspended_at,
EXISTS (SELECT FROM second_factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL)
    AS has_factor
"""
# One row for any address, so that looking for one that nobody has is the same work.
_FIND = f"""
SELECT {_COLUMNS},
    EXISTS (SELECT FROM known_networks n WHERE n.user_id = u.id AND n.digest = $2) AS is_known
FROM (VALUES (1)) AS one (row) LEFT JOIN users u ON u.email_key = $1
"""  # noqa: S608 - our own words
_GET = f"SELECT {_COLUMNS} FROM users u WHERE u.id = $1"  # noqa: S608 - our own words
_ADD = """
INSERT INTO users (id, email, email_key, password, role, created_at, verified_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (email_key) DO NOTHING RETURNING id
"""
_KEEP = """
INSERT INTO email_tokens (digest, user_id, purpose, email, email_key, expires_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""
_LOOK = """
SELECT digest, user_id, purpose, email, email_key, expires_at FROM email_tokens
WHERE digest = $1 AND purpose = $2 AND expires_at > $3
"""
_VERIFY = """
UPDATE users SET verified_at = coalesce(verified_at, $3) WHERE id = $1 AND email_key = $2
"""
_RESET = """
UPDATE users SET password = $3,
    verified_at = CASE WHEN email_key = $2 THEN coalesce(verified_at, $4) ELSE verified_at END
WHERE id = $1
"""
_REHASH = "UPDATE users SET password = $3 WHERE id = $1 AND password = $2 RETURNING id"
_CHANGE_EMAIL = "UPDATE users SET email = $2, email_key = $3, verified_at = $4 WHERE id = $1"
_FORGET_ADDRESSES = """
DELETE FROM audit_addresses a USING audit d
WHERE a.number = d.number AND (d.actor = $1 OR d.subject = $1)
"""
_NOBODY = "nobody"


@frozen
class PostgresAccounts:
    """Keeps the port `Accounts`."""

    _database: Database

    async def find(self, key: str, network: bytes) -> tuple[Account | None, bool]:
        row = await self._database.fetchrow(_FIND, key, network)
        if row is None or row["id"] is None:
            return None, False
        return _account(row), row["is_known"]

    async def get(self, user_id: str) -> Account | None:
        row = await self._database.fetchrow(_GET, user_id)
        return _account(row) if row else None

    async def is_known_network(self, user_id: str, network: bytes) -> bool:
        query = "SELECT true FROM known_networks WHERE user_id = $1 AND digest = $2"
        return bool(await self._database.fetchval(query, user_id, network))

    async def register(
        self, account: NewAccount, token: Token, mail: Mail, otherwise: Mail, entry: AuditEntry
    ) -> bool:
        async with self._database.transaction() as connection:
            added = await _add(connection, account)
            if added:
                await _add_token(connection, token)
            else:
                query = "SELECT id FROM users WHERE email_key = $1"
                known = await connection.fetchval(query, account.email.key)
                entry = evolve(entry, deed="account.registered_again", subject=known or _NOBODY)
            await enqueue(connection, mail if added else otherwise, entry.at)
            await record(connection, entry)
            return added

    async def add(self, account: NewAccount, entry: AuditEntry) -> bool:
        async with self._database.transaction() as connection:
            if not await _add(connection, account):
                return False
            await record(connection, entry)
            return True

    async def issue(self, token: Token, mails: Sequence[Mail], entry: AuditEntry) -> None:
        async with self._database.transaction() as connection:
            await _add_token(connection, token)
            await _write(connection, mails, entry)

    async def write(self, mails: Sequence[Mail], entry: AuditEntry) -> None:
        async with self._database.transaction() as connection:
            await _write(connection, mails, entry)

    async def token(self, digest: bytes, purpose: Purpose, now: datetime) -> Token | None:
        row = await self._database.fetchrow(_LOOK, digest, purpose.value, now)
        return _token(row) if row else None

    async def verify(self, token: Token, entry: AuditEntry) -> bool:
        async with self._database.transaction() as connection:
            if not await _use(connection, token):
                return False
            await connection.execute(_VERIFY, token.user_id, token.email.key, entry.at)
            await record(connection, entry)
            return True

    async def reset(
        self, token: Token, hashed: str, network: bytes, mail: Mail, entry: AuditEntry
    ) -> bool:
        async with self._database.transaction() as connection:
            if not await _use(connection, token):
                return False
            await connection.execute(_RESET, token.user_id, token.email.key, hashed, entry.at)
            await _drop_asked(connection, token.user_id)
            await end_sessions(connection, token.user_id, None)
            await know_network(connection, token.user_id, network, entry.at)
            await enqueue(connection, mail, entry.at)
            await record(connection, entry)
            return True

    async def change_password(
        self, account: Account, hashed: str, session: NewSession, mail: Mail, entry: AuditEntry
    ) -> bool:
        async with self._database.transaction() as connection:
            changed = await connection.fetchval(_REHASH, account.id, account.password, hashed)
            if changed is None:
                return False
            await _drop_asked(connection, account.id)
            await end_sessions(connection, account.id, None)
            await insert_session(connection, session)
            await enqueue(connection, mail, entry.at)
            await record(connection, entry)
            return True

    async def rehash(self, account: Account, hashed: str) -> None:
        await self._database.execute(_REHASH, account.id, account.password, hashed)

    async def change_email(self, token: Token, tell: Sequence[Mail], entry: AuditEntry) -> bool:
        async with self._database.transaction() as connection:
            if not await _use(connection, token):
                return False
            try:
                await connection.execute(
                    _CHANGE_EMAIL, token.user_id, token.email.typed, token.email.key, entry.at
                )
            except asyncpg.UniqueViolationError as error:
                raise Conflict("another account has this address by now") from error
            await connection.execute("DELETE FROM email_tokens WHERE user_id = $1", token.user_id)
            await _write(connection, tell, entry)
            return True

    async def delete(self, user_id: str, mail: Mail, entry: AuditEntry) -> None:
        async with self._database.transaction() as connection:
            email = await connection.fetchval(
                "DELETE FROM users WHERE id = $1 RETURNING email", user_id
            )
            if email is None:
                return
            await connection.execute("DELETE FROM mail_queue WHERE recipient = $1", email)
            await connection.execute(_FORGET_ADDRESSES, user_id)
            await enqueue(connection, mail, entry.at)
            await record(connection, entry)

    async def change_role(self, user_id: str, role: Role, entry: AuditEntry) -> bool:
        async with self._database.transaction() as connection:
            query = "UPDATE users SET role = $2 WHERE id = $1 RETURNING id"
            if await connection.fetchval(query, user_id, role.value) is None:
                return False
            await end_sessions(connection, user_id, None)
            await record(connection, entry)
            return True

    async def suspend(self, user_id: str, at: datetime | None, entry: AuditEntry) -> bool:
        async with self._database.transaction() as connection:
            query = "UPDATE users SET suspended_at = $2 WHERE id = $1 RETURNING id"
            if await connection.fetchval(query, user_id, at) is None:
                return False
            await end_sessions(connection, user_id, None)
            await record(connection, entry)
            return True


async def _add(connection: Connection, account: NewAccount) -> bool:
    added = await connection.fetchval(
        _ADD,
        account.id,
        account.email.typed,
        account.email.key,
        account.password,
        account.role.value,
        account.created_at,
        account.verified_at,
    )
    return added is not None


async def _write(connection: Connection, mails: Sequence[Mail], entry: AuditEntry) -> None:
    for mail in mails:
        await enqueue(connection, mail, entry.at)
    await record(connection, entry)


async def _add_token(connection: Connection, token: Token) -> None:
    await connection.execute(
        _KEEP,
        token.digest,
        token.user_id,
        token.purpose.value,
        token.email.typed,
        token.email.key,
        token.expires_at,
    )


async def _use(connection: Connection, token: Token) -> bool:
    """Whether the token was still there; others of its purpose go with it."""
    used = await connection.fetchval(
        "DELETE FROM email_tokens WHERE digest = $1 RETURNING digest", token.digest
    )
    if used is None:
        return False
    await _drop_tokens(connection, token.user_id, token.purpose)
    return True


async def _drop_asked(connection: Connection, user_id: str) -> None:
    """Void what was asked for with a password that is gone, maybe by whoever is to be kept out."""
    for purpose in (Purpose.RESET, Purpose.CHANGE):
        await _drop_tokens(connection, user_id, purpose)


async def _drop_tokens(connection: Connection, user_id: str, purpose: Purpose) -> None:
    await connection.execute(
        "DELETE FROM email_tokens WHERE user_id = $1 AND purpose = $2", user_id, purpose.value
    )


def _account(row: asyncpg.Record) -> Account:
    return Account(
        id=row["id"],
        email=EmailAddress(row["email"], row["email_key"]),
        password=row["password"],
        role=Role(row["role"]),
        created_at=row["created_at"],
        verified_at=row["verified_at"],
        suspended_at=row["suspended_at"],
        has_factor=row["has_factor"],
    )


def _token(row: asyncpg.Record) -> Token:
    return Token(
        digest=row["digest"],
        user_id=row["user_id"],
        purpose=Purpose(row["purpose"]),
        email=EmailAddress(row["email"], row["email_key"]),
        expires_at=row["expires_at"],
    )
