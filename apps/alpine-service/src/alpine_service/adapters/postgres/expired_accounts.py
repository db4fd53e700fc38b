"""What of accounts has no use any more, deleted a little at a time."""

from datetime import datetime, timedelta

from attrs import frozen

from alpine_service.adapters.postgres.database import Database

_AT_ONCE = 500
# Nobody who asked for an account waits longer for themselves.
_UNVERIFIED = timedelta(days=7)
_NETWORKS = timedelta(days=90)
_ADDRESSES = timedelta(days=90)
_UNFINISHED_FACTORS = timedelta(hours=1)
# Each finds its rows by an index, and takes few, so that nobody waits for long.
_SWEEPS = (
    ("email_tokens", "digest", "expires_at <= $1", timedelta()),
    (
        "sessions",
        "id",
        "expires_at <= $1 OR seen_at + idle_s * interval '1 second' <= $1",
        timedelta(),
    ),
    ("throttle", "key", "tat <= $1", timedelta()),
    ("users", "id", "created_at <= $1 AND verified_at IS NULL", _UNVERIFIED),
    ("known_networks", "(user_id, digest)", "seen_at <= $1", _NETWORKS),
    ("audit_addresses", "number", "at <= $1", _ADDRESSES),
    ("second_factors", "user_id", "begun_at <= $1 AND confirmed_at IS NULL", _UNFINISHED_FACTORS),
)


@frozen
class ExpiredAccounts:
    """Keeps the port `Expired`."""

    _database: Database

    async def sweep(self, now: datetime) -> int:
        total = 0
        for table, key, condition, age in _SWEEPS:
            columns = key.strip("()")
            rows = await self._database.fetch(
                f"DELETE FROM {table} WHERE {key} IN"  # noqa: S608 - our own words
                f" (SELECT {columns} FROM {table} WHERE {condition} LIMIT {_AT_ONCE})"
                " RETURNING true",
                now - age,
            )
            total += len(rows)
        return total
