"""Mails that wait, put there inside the transaction that they speak of."""

from datetime import datetime, timedelta

import asyncpg
from attrs import frozen

from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.link import Connection
from alpine_service.ports.mail import Mail
from alpine_service.ports.mail_queue import Waiting

CHANNEL = "alpine_mail"

_ADD = """
INSERT INTO mail_queue (id, recipient, subject, text, html, headers, queued_at, next_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (id) DO NOTHING
"""
_CLAIM = """
UPDATE mail_queue SET next_at = $2, tries = tries + 1
WHERE id IN (SELECT id FROM mail_queue WHERE next_at <= $1 ORDER BY next_at, id LIMIT $3
    FOR UPDATE SKIP LOCKED)
RETURNING id, recipient, subject, text, html, headers, queued_at, tries
"""


async def enqueue(connection: Connection, mail: Mail, at: datetime) -> None:
    """It is sent if and only if the transaction stands; a mail of the same id is there once."""
    await connection.execute(
        _ADD, mail.id, mail.to, mail.subject, mail.text, mail.html, dict(mail.headers), at
    )
    await connection.execute("SELECT pg_notify($1, '')", CHANNEL)


@frozen
class PostgresMailQueue:
    """Keeps the port `MailQueue`.

    A claim counts as a try, and what is said of a mail later is only heard if nobody has claimed it
    since: whoever was slower than the lease has lost it.
    """

    _database: Database

    async def claim(self, count: int, now: datetime, lease: timedelta) -> list[Waiting]:
        rows = await self._database.fetch(_CLAIM, now, now + lease, count)
        return sorted((_waiting(row) for row in rows), key=lambda each: each.queued_at)

    async def done(self, waiting: Waiting) -> None:
        query = "DELETE FROM mail_queue WHERE id = $1 AND tries = $2"
        await self._database.execute(query, waiting.mail.id, waiting.tries)

    async def later(self, waiting: Waiting, at: datetime) -> None:
        query = "UPDATE mail_queue SET next_at = $3 WHERE id = $1 AND tries = $2"
        await self._database.execute(query, waiting.mail.id, waiting.tries, at)

    async def next_at(self) -> datetime | None:
        found: datetime | None = await self._database.fetchval(
            "SELECT min(next_at) FROM mail_queue"
        )
        return found


def _waiting(row: asyncpg.Record) -> Waiting:
    mail = Mail(
        row["id"], row["recipient"], row["subject"], row["text"], row["html"], row["headers"]
    )
    return Waiting(mail, row["tries"], row["queued_at"])
