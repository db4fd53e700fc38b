"""Stored entries, one after the other: for whoever writes all of them out."""

from collections.abc import Sequence

from attrs import frozen

from alpine_service.adapters.postgres.database import Database

_BETWEEN = """
SELECT data FROM entries WHERE log_index >= $1 AND log_index < $2 ORDER BY log_index
"""


@frozen
class EntryRange:
    """Reads entries by their indices."""

    _database: Database

    async def between(self, start: int, end: int) -> Sequence[bytes]:
        """Those from `start` on and before `end`, as far as they are there."""
        rows = await self._database.fetch(_BETWEEN, start, end)
        return [row["data"] for row in rows]
