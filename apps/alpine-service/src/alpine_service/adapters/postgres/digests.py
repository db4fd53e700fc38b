"""The daily mail in PostgreSQL."""

from datetime import datetime

from attrs import frozen

from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.mail_queue import enqueue
from alpine_service.adapters.postgres.signal_rows import COLUMNS, record_of
from alpine_service.domain.delivery.digest import (
    MOST_LINES,
    DigestContent,
    DigestWish,
    line_of,
)
from alpine_service.domain.signals.event import Audience, EventKind
from alpine_service.domain.signals.visibility import seen_by
from alpine_service.ports.digests import DigestStep, DueDigest
from alpine_service.ports.mail import Mail

_WISH = "SELECT hour, zone, next_at FROM digest_settings WHERE user_id = $1"
_KEEP = """
INSERT INTO digest_settings AS old (user_id, hour, zone, told, next_at, changed_at)
SELECT $1, $2, $3, number, $4, $5 FROM stream_head
ON CONFLICT (user_id) DO UPDATE SET hour = excluded.hour, zone = excluded.zone,
    told = CASE WHEN old.next_at IS NULL THEN excluded.told ELSE old.told END,
    next_at = excluded.next_at, changed_at = excluded.changed_at
"""
_DUE = """
SELECT s.*, u.email FROM digest_settings s JOIN users u ON u.id = s.user_id
WHERE s.next_at <= $1 AND u.verified_at IS NOT NULL AND u.suspended_at IS NULL
ORDER BY s.next_at, s.user_id LIMIT $2
"""
_LAST = "SELECT number FROM stream_head"
_SIGNALS = f"""
SELECT {", ".join(f"s.{column}" for column in COLUMNS)}, count(*) OVER () AS signals
FROM events e JOIN signals s ON s.signal_id = e.signal_id
WHERE e.number > $1 AND e.number <= $2 AND e.audience <= $3 AND s.audience <= $3
    AND e.kind = ANY ($4)
ORDER BY e.number DESC LIMIT $5
"""  # noqa: S608 - our own columns
_RESULTS = """
SELECT s.result, count(*) FROM events e JOIN signals s ON s.signal_id = e.signal_id
WHERE e.number > $1 AND e.number <= $2 AND e.audience <= $3 AND s.audience <= $3
    AND e.kind = $4 AND s.result IS NOT NULL
GROUP BY s.result
"""
# Whoever comes second finds another time in the row.
_STEP = """
UPDATE digest_settings SET next_at = $3 WHERE user_id = $1 AND next_at = $2 RETURNING told
"""
_TOLD = "UPDATE digest_settings SET told = $2 WHERE user_id = $1"
_MADE = """
INSERT INTO digests (user_id, day, token, made_at, events) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (user_id, day) DO NOTHING
"""
_UNSUBSCRIBE = """
UPDATE digest_settings s SET next_at = NULL, changed_at = $2
FROM digests d WHERE d.token = $1 AND s.user_id = d.user_id
"""
# A real-time plan was told of a signal when it was published; its reveal is no news.
_REALTIME_KINDS = [EventKind.SIGNAL_PUBLISHED.value]
_DELAYED_KINDS = [EventKind.SIGNAL_PUBLISHED.value, EventKind.SIGNAL_REVEALED.value]


@frozen
class PostgresDigests:
    """Keeps the port `DigestStore`."""

    _database: Database

    async def wish(self, user_id: str) -> DigestWish | None:
        row = await self._database.fetchrow(_WISH, user_id)
        if row is None:
            return None
        return DigestWish(row["next_at"] is not None, row["hour"], row["zone"])

    async def keep(
        self, user_id: str, wish: DigestWish, next_at: datetime | None, now: datetime
    ) -> None:
        await self._database.execute(_KEEP, user_id, wish.hour, wish.zone, next_at, now)

    async def due(self, now: datetime, limit: int) -> list[DueDigest]:
        return [
            DueDigest(
                row["user_id"], row["email"], row["hour"], row["zone"], row["told"], row["next_at"]
            )
            for row in await self._database.fetch(_DUE, now, limit)
        ]

    async def last_event(self) -> int:
        return int(await self._database.fetchval(_LAST))

    async def content(self, told: int, to: int, *, is_realtime: bool) -> DigestContent:
        audience = Audience.REALTIME if is_realtime else Audience.EVERYBODY
        kinds = _REALTIME_KINDS if is_realtime else _DELAYED_KINDS
        signals = await self._database.fetch(_SIGNALS, told, to, audience, kinds, MOST_LINES)
        resolved = EventKind.OUTCOME_RESOLVED.value
        results = await self._database.fetch(_RESULTS, told, to, audience, resolved)
        return DigestContent(
            signals[0]["signals"] if signals else 0,
            tuple(line_of(seen_by(record_of(row), audience)) for row in signals),
            {row["result"]: row["count"] for row in results},
        )

    async def step(
        self, due: DueDigest, step: DigestStep, mail: Mail | None, token: bytes, now: datetime
    ) -> bool:
        async with self._database.transaction() as connection:
            if await connection.fetchrow(_STEP, due.user_id, due.due_at, step.next_at) is None:
                return False
            if mail is not None:
                made = await connection.execute(
                    _MADE, due.user_id, step.day, token, now, step.told - due.told
                )
                if made != "INSERT 0 1":
                    return True
                await enqueue(connection, mail, now)
            await connection.execute(_TOLD, due.user_id, step.told)
            return True

    async def unsubscribe(self, token: bytes, now: datetime) -> bool:
        return await self._database.execute(_UNSUBSCRIBE, token, now) != "UPDATE 0"
