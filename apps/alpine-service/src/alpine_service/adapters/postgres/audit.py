"""The audit trail's entries, written inside the transaction of the deed itself."""

from alpine_service.adapters.postgres.link import Connection
from alpine_service.domain.accounts.audit import AuditEntry


async def record(connection: Connection, entry: AuditEntry) -> None:
    """Add it; it stands if and only if the transaction does."""
    number = await connection.fetchval(
        "INSERT INTO audit (at, actor, deed, subject, details)"
        " VALUES ($1, $2, $3, $4, $5) RETURNING number",
        entry.at,
        entry.actor,
        entry.deed,
        entry.subject,
        dict(entry.details),
    )
    if entry.address is not None:
        # Apart, because an address of a client is personal and must be able to go.
        await connection.execute(
            "INSERT INTO audit_addresses (number, at, address) VALUES ($1, $2, $3)",
            number,
            entry.at,
            entry.address,
        )
