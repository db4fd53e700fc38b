"""Deliveries and digests of long ago."""

from datetime import datetime, timedelta

from attrs import frozen

from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.webhook_rows import count_of

# What arrived is of interest for a month; what did not, for as long as somebody may ask.
DELIVERED_FOR = timedelta(days=30)
FAILED_FOR = timedelta(days=90)
# The link in a mail that turns further ones off works for so long.
DIGESTS_FOR = timedelta(days=90)
_LIMIT = 5_000

_DELIVERED = """
DELETE FROM deliveries WHERE id IN (
    SELECT id FROM deliveries WHERE state = 'delivered' AND ended_at < $1
    ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED)
"""
_FAILED = """
DELETE FROM deliveries WHERE id IN (
    SELECT id FROM deliveries WHERE state IN ('dead', 'cancelled') AND ended_at < $1
    ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED)
"""
_DIGESTS = """
DELETE FROM digests WHERE (user_id, day) IN (
    SELECT user_id, day FROM digests WHERE made_at < $1 ORDER BY made_at LIMIT $2)
"""


@frozen
class ExpiredDeliveries:
    """Keeps the port `Expired`."""

    _database: Database

    async def sweep(self, now: datetime) -> int:
        steps = (
            (_DELIVERED, DELIVERED_FOR),
            (_FAILED, FAILED_FOR),
            (_DIGESTS, DIGESTS_FOR),
        )
        async with self._database.connection() as connection:
            return sum(
                [count_of(await connection.execute(sql, now - kept, _LIMIT)) for sql, kept in steps]
            )
