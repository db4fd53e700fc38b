"""Tries, counted in PostgreSQL by one atomic statement a bucket."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from attrs import frozen

from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.link import Connection
from alpine_service.domain.accounts.throttle import Bucket

# GCRA, as `take` in the domain has it. A row that is locked is waited for, so of tries at the same
# time each sees what those before it took.
_TAKE = """
INSERT INTO throttle AS t (key, tat) VALUES ($1, $2::timestamptz + $3)
ON CONFLICT (key) DO UPDATE SET tat = greatest(t.tat, $2) + $3
WHERE greatest(t.tat, $2) + $3 <= $2::timestamptz + $4 RETURNING tat
"""
_TAT = "SELECT tat FROM throttle WHERE key = $1"


class _Empty(Exception):  # noqa: N818 - it is what happened
    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.wait = wait


@frozen
class PostgresThrottle:
    """Keeps the port `Throttle`."""

    _database: Database

    async def spend(self, buckets: Sequence[Bucket], now: datetime) -> timedelta | None:
        try:
            async with self._database.transaction() as connection:
                # In one order for everybody, so that no two wait for each other.
                for bucket in sorted(buckets, key=lambda each: each.key):
                    await _take(connection, bucket, now)
        except _Empty as refusal:
            return refusal.wait
        return None

    async def forget(self, buckets: Sequence[Bucket]) -> None:
        keys = [bucket.key for bucket in buckets]
        await self._database.execute("DELETE FROM throttle WHERE key = ANY($1::bytea[])", keys)


async def _take(connection: Connection, bucket: Bucket, now: datetime) -> None:
    allowance = bucket.allowance
    taken = await connection.fetchval(_TAKE, bucket.key, now, allowance.interval, allowance.period)
    if taken is None:
        tat = await connection.fetchval(_TAT, bucket.key)
        raise _Empty(tat + allowance.interval - now - allowance.period)
