"""Requests by account and day, in PostgreSQL."""

from collections.abc import Sequence
from datetime import date

from attrs import frozen

from alpine_service.adapters.postgres.database import Database
from alpine_service.domain.plans.use import Counted, Used
from alpine_service.ports.plans import Block, Unused

_AT_ONCE = 10_000
# A process takes this part of what is left at once, so what it may lose by a crash is no more, and
# near the end it takes one by one, so that no process keeps what another could use.
_PART = 32
# One statement: PostgreSQL locks the row, and computes with what the last one left there.
_TAKE = f"""
INSERT INTO usage AS u (user_id, means, day, taken, granted)
SELECT id, $2, $3, least($4, greatest(1, least($5, $4 / {_PART}))),
    least($4, greatest(1, least($5, $4 / {_PART}))) FROM users WHERE id = $1
ON CONFLICT (user_id, means, day) DO UPDATE SET
    granted = least(greatest(0, $4 - u.taken),
        greatest(1, least($5, ($4 - u.taken) / {_PART}))),
    taken = u.taken + least(greatest(0, $4 - u.taken),
        greatest(1, least($5, ($4 - u.taken) / {_PART})))
RETURNING granted, taken
"""  # noqa: S608 - a number of ours
_GIVE_BACK = """
UPDATE usage u SET taken = greatest(0, u.taken - b.count)
FROM unnest($1::text[], $2::text[], $3::date[], $4::bigint[]) AS b (user_id, means, day, count)
WHERE u.user_id = b.user_id AND u.means = b.means AND u.day = b.day
"""
_USED = """
SELECT day, means, taken FROM usage WHERE user_id = $1 AND day >= $2 ORDER BY day DESC, means
"""
_SWEEP = """
DELETE FROM usage WHERE (user_id, means, day) IN (
    SELECT user_id, means, day FROM usage WHERE day < $1 LIMIT $2)
"""


@frozen
class UsageTable:
    """Keeps the port `UsageStore`."""

    _database: Database

    async def take(
        self, user_id: str, means: Counted, day: date, limit: int, most: int
    ) -> Block | None:
        row = await self._database.fetchrow(_TAKE, user_id, means, day, limit, most)
        return Block(row["granted"], row["taken"]) if row else None

    async def give_back(self, unused: Sequence[Unused]) -> None:
        await self._database.execute(
            _GIVE_BACK,
            [each.user_id for each in unused],
            [each.means.value for each in unused],
            [each.day for each in unused],
            [each.count for each in unused],
        )

    async def used(self, user_id: str, since: date) -> list[Used]:
        rows = await self._database.fetch(_USED, user_id, since)
        return [Used(row["day"], Counted(row["means"]), row["taken"]) for row in rows]

    async def sweep(self, before: date) -> int:
        done = await self._database.execute(_SWEEP, before, _AT_ONCE)
        return int(done.rpartition(" ")[2])
