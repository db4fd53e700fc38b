"""Mails that wait, put there inside the transaction that they speak of."""

from datetime import datetime

from alpine_service.adapters.postgres.link import Connection
from alpine_service.ports.mail import Mail

CHANNEL = "alpine_mail"


async def enqueue(connection: Connection, mail: Mail, at: datetime) -> None:
    """It is sent if and only if the transaction stands; a mail of the same id is there once."""
    await connection.execute(
        "INSERT INTO mail_queue (id, recipient, subject, text, html, headers, queued_at, next_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (id) DO NOTHING",
        mail.id,
        mail.to,
        mail.subject,
        mail.text,
        mail.html,
        dict(mail.headers),
        at,
    )
    await connection.execute(f"SELECT pg_notify('{CHANNEL}', '')")
