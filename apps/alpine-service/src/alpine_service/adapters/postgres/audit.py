"""The audit trail's entries, written inside the transaction of the deed itself."""

from attrs import frozen

from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.link import Connection
from alpine_service.domain.accounts.audit import AuditEntry

_ADD = """
INSERT INTO audit (at, actor, deed, subject, details) VALUES ($1, $2, $3, $4, $5) RETURNING number
"""
_PAGE = """
SELECT d.number, d.at, d.actor, d.deed, d.subject, d.details, a.address
FROM audit d LEFT JOIN audit_addresses a USING (number)
WHERE ($1::bigint IS NULL OR d.number < $1) AND ($2::text IS NULL OR $2 IN (d.actor, d.subject))
ORDER BY d.number DESC LIMIT $3
"""


async def record(connection: Connection, entry: AuditEntry) -> None:
    """Add it; it stands if and only if the transaction does."""
    number = await connection.fetchval(
        _ADD, entry.at, entry.actor, entry.deed, entry.subject, dict(entry.details)
    )
    if entry.address is not None:
        # Apart, because an address of a client is personal and must be able to go.
        await connection.execute(
            "INSERT INTO audit_addresses (number, at, address) VALUES ($1, $2, $3)",
            number,
            entry.at,
            entry.address,
        )


@frozen
class PostgresAuditTrail:
    """Keeps the port `AuditTrail`."""

    _database: Database

    async def note(self, entry: AuditEntry) -> None:
        async with self._database.transaction() as connection:
            await record(connection, entry)

    async def page(
        self, limit: int, *, before: int | None = None, about: str | None = None
    ) -> list[tuple[int, AuditEntry]]:
        rows = await self._database.fetch(_PAGE, before, about, limit)
        return [
            (
                row["number"],
                AuditEntry(
                    at=row["at"],
                    actor=row["actor"],
                    deed=row["deed"],
                    subject=row["subject"],
                    details=row["details"],
                    address=row["address"],
                ),
            )
            for row in rows
        ]
