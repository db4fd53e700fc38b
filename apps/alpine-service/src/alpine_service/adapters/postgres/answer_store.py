"""Answers to repeated requests, in PostgreSQL: the port `AnswerStore`."""

from datetime import datetime

from attrs import frozen

from alpine_service.adapters.postgres.database import Database
from alpine_service.ports.answers import Asker, Earlier

# One statement takes the key or finds it taken. What has ended is taken over where it lies.
_BEGIN = """
INSERT INTO idempotency (owner, route, key, request_sha256, until) VALUES ($1, $2, $3, $4, $6)
ON CONFLICT (owner, route, key) DO UPDATE
    SET request_sha256 = EXCLUDED.request_sha256, answer = NULL, until = EXCLUDED.until
    WHERE idempotency.until <= $5
RETURNING true
"""
_EARLIER = """
SELECT request_sha256, answer FROM idempotency WHERE owner = $1 AND route = $2 AND key = $3
"""
_FINISH = """
UPDATE idempotency SET answer = $4, until = $5 WHERE owner = $1 AND route = $2 AND key = $3
"""
_FORGET = "DELETE FROM idempotency WHERE owner = $1 AND route = $2 AND key = $3"
_SWEEP = """
WITH gone AS (DELETE FROM idempotency WHERE ctid = ANY (
    ARRAY(SELECT ctid FROM idempotency WHERE until <= $1 LIMIT 10000)) RETURNING 1)
SELECT count(*) FROM gone
"""


@frozen
class PostgresAnswers:
    """Keeps the port `AnswerStore`."""

    _database: Database

    async def begin(
        self, asker: Asker, request_sha256: bytes, now: datetime, until: datetime
    ) -> Earlier | None:
        who = (asker.owner, asker.route, asker.key)
        while True:
            # The one who had it may give it back between the two looks; then it is taken after all.
            if await self._database.fetchval(_BEGIN, *who, request_sha256, now, until):
                return None
            row = await self._database.fetchrow(_EARLIER, *who)
            if row is not None:
                return Earlier(row["request_sha256"], row["answer"])

    async def finish(self, asker: Asker, answer: bytes, until: datetime) -> None:
        await self._database.execute(_FINISH, asker.owner, asker.route, asker.key, answer, until)

    async def forget(self, asker: Asker) -> None:
        await self._database.execute(_FORGET, asker.owner, asker.route, asker.key)

    async def sweep(self, now: datetime) -> int:
        return int(await self._database.fetchval(_SWEEP, now))
