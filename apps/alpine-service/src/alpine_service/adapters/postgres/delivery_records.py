"""Deliveries in PostgreSQL, as owners and staff see them."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from attrs import frozen

from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.webhook_rows import add_deliveries, wake
from alpine_service.domain.delivery.errand import Attempt, Delivery, DeliveryState, EndReason
from alpine_service.domain.delivery.wishes import NewDelivery
from alpine_service.ports.webhooks import Place

# How many attempts of one delivery are kept: three whole schedules.
_KEPT_ATTEMPTS = 24

_PAGE = """
SELECT * FROM deliveries
WHERE endpoint = $1 AND ($2::text IS NULL OR state = $2)
    AND ($3::timestamptz IS NULL OR (made_at, id) < ($3, $4))
ORDER BY made_at DESC, id DESC LIMIT $5
"""
_FAILED = """
SELECT * FROM deliveries
WHERE state IN ('dead', 'cancelled') AND ($1::timestamptz IS NULL OR (made_at, id) < ($1, $2))
ORDER BY made_at DESC, id DESC LIMIT $3
"""
_ATTEMPTS = """
SELECT * FROM attempts WHERE delivery = ANY ($1) ORDER BY delivery, number DESC
"""
_ADD_TEST = """
INSERT INTO deliveries (id, endpoint, body, kind, made_at, due_at)
VALUES ($1, $2, $3, $4, $5, $5)
"""
_RESEND = """
UPDATE deliveries SET state = 'pending', reason = NULL, ended_at = NULL, tries = 0, lease = NULL,
    due_at = $3
WHERE endpoint = $1 AND id = $2
    -- One that is being sent now needs nothing.
    AND NOT (state = 'pending' AND lease IS NOT NULL AND due_at > $3)
"""
_EXISTS = "SELECT EXISTS (SELECT FROM deliveries WHERE endpoint = $1 AND id = $2)"
_REVIVE = """
UPDATE deliveries SET state = 'pending', reason = NULL, ended_at = NULL, tries = 0, lease = NULL,
    due_at = $4
WHERE id IN (
    SELECT id FROM deliveries
    WHERE endpoint = $1 AND made_at >= $2 AND (
        state IN ('dead', 'cancelled') OR state = 'pending' AND lease IS NULL AND due_at > $4)
    ORDER BY made_at, id LIMIT $3 FOR UPDATE)
RETURNING id
"""
_FORGET_ATTEMPTS = """
DELETE FROM attempts a USING deliveries d
WHERE d.id = ANY ($1) AND a.delivery = d.id AND a.number <= d.attempts - $2
"""
_FIRST_SINCE = "SELECT min(number) FROM events WHERE at_us >= $1"


@frozen
class PostgresDeliveryRecords:
    """Keeps the port `DeliveryRecords`."""

    _database: Database

    async def page(
        self, webhook_id: str, state: DeliveryState | None, behind: Place | None, limit: int
    ) -> list[Delivery]:
        rows = await self._database.fetch(_PAGE, webhook_id, state, *_behind(behind), limit)
        return await self._read(rows)

    async def failed(self, behind: Place | None, limit: int) -> list[Delivery]:
        return await self._read(await self._database.fetch(_FAILED, *_behind(behind), limit))

    async def add_test(
        self, webhook_id: str, delivery_id: str, kind: str, body: bytes, now: datetime
    ) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(_ADD_TEST, delivery_id, webhook_id, body, kind, now)
            await wake(connection)

    async def resend(self, webhook_id: str, delivery_id: str, now: datetime) -> bool:
        async with self._database.transaction() as connection:
            await connection.execute(_RESEND, webhook_id, delivery_id, now)
            await connection.execute(_FORGET_ATTEMPTS, [delivery_id], _KEPT_ATTEMPTS)
            await wake(connection)
            return bool(await connection.fetchval(_EXISTS, webhook_id, delivery_id))

    async def revive(self, webhook_id: str, since: datetime, limit: int, now: datetime) -> int:
        async with self._database.transaction() as connection:
            rows = await connection.fetch(_REVIVE, webhook_id, since, limit, now)
            ids = [row["id"] for row in rows]
            await connection.execute(_FORGET_ATTEMPTS, ids, _KEPT_ATTEMPTS)
            await wake(connection)
            return len(ids)

    async def first_since(self, at_us: int) -> int | None:
        number: int | None = await self._database.fetchval(_FIRST_SINCE, at_us)
        return number

    async def add(self, deliveries: Sequence[NewDelivery], now: datetime) -> int:
        async with self._database.transaction() as connection:
            return await add_deliveries(connection, deliveries, now)

    async def _read(self, rows: Sequence[asyncpg.Record]) -> list[Delivery]:
        attempts: dict[str, list[Attempt]] = {row["id"]: [] for row in rows}
        for row in await self._database.fetch(_ATTEMPTS, list(attempts)):
            attempts[row["delivery"]].append(
                Attempt(
                    row["number"],
                    row["at"],
                    row["took_ms"],
                    row["status"],
                    row["problem"],
                    row["excerpt"],
                )
            )
        return [_delivery(row, attempts[row["id"]]) for row in rows]


def _behind(place: Place | None) -> tuple[datetime | None, str | None]:
    return (None, None) if place is None else (place.made_at, place.delivery_id)


def _delivery(row: asyncpg.Record, attempts: Sequence[Attempt]) -> Delivery:
    state = DeliveryState(row["state"])
    return Delivery(
        id=row["id"],
        endpoint_id=row["endpoint"],
        event_number=row["event_number"],
        kind=row["kind"],
        state=state,
        reason=None if row["reason"] is None else EndReason(row["reason"]),
        attempt_count=row["attempts"],
        made_at=row["made_at"],
        due_at=row["due_at"] if state is DeliveryState.PENDING else None,
        ended_at=row["ended_at"],
        attempts=tuple(attempts),
    )
