"""Deliveries in PostgreSQL, as those who make and those who carry them see them."""

from collections.abc import Collection, Sequence
from datetime import datetime

import asyncpg
from attrs import frozen

from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.link import Connection
from alpine_service.adapters.postgres.mail_queue import enqueue
from alpine_service.adapters.postgres.webhook_rows import (
    add_deliveries,
    cancel_pending,
    filters_of,
    health_of,
)
from alpine_service.domain.delivery.endpoint import State
from alpine_service.domain.delivery.errand import DeliveryState, EndReason, Errand, Result
from alpine_service.domain.delivery.letters import turned_off
from alpine_service.domain.delivery.message import payload
from alpine_service.domain.delivery.pace import Pace, share
from alpine_service.domain.delivery.wishes import Listener, NewDelivery
from alpine_service.domain.signals.event import Audience
from alpine_service.ports.mail import Mail
from alpine_service.ports.webhooks import TurnedOff

_TOLD = "SELECT number FROM fan_out"
_LISTENERS = """
SELECT * FROM webhook_endpoints WHERE state <> 'off' ORDER BY user_id, created_at, id
"""
_ADVANCE = "UPDATE fan_out SET number = $2 WHERE number = $1 AND number < $2"

# Locked, so that couriers count what is under way one after another; one that is locked by somebody
# else is left for the next time.
_DUE_ENDPOINTS = """
SELECT e.id, e.paced_until FROM webhook_endpoints e
WHERE e.state <> 'off' AND EXISTS (
    SELECT FROM deliveries d WHERE d.endpoint = e.id AND d.state = 'pending' AND d.due_at <= $1)
ORDER BY e.served_at NULLS FIRST, e.id LIMIT $2
FOR NO KEY UPDATE SKIP LOCKED
"""
# A statement of its own: it must see what was committed before the lock was had.
_COUNTS = """
SELECT e.id,
    (SELECT count(*) FROM deliveries d WHERE d.endpoint = e.id AND d.state = 'pending'
        AND d.lease IS NOT NULL AND d.due_at > $2) AS leased,
    (SELECT count(*) FROM (SELECT FROM deliveries d WHERE d.endpoint = e.id
        AND d.state = 'pending' AND d.due_at <= $2 LIMIT $3) AS one) AS due
FROM unnest($1::text[]) AS e (id)
"""
_LEASE = """
WITH picked AS (
    SELECT d.id, d.endpoint, d.event_number
    FROM unnest($1::text[], $2::integer[]) AS wanted (endpoint, count)
    CROSS JOIN LATERAL (
        SELECT id, endpoint, event_number FROM deliveries
        WHERE endpoint = wanted.endpoint AND state = 'pending' AND due_at <= $3
        ORDER BY due_at, event_number LIMIT wanted.count
        FOR UPDATE SKIP LOCKED) d
)
UPDATE deliveries d SET lease = $4, due_at = $5
FROM picked
JOIN webhook_endpoints e ON e.id = picked.endpoint
LEFT JOIN events ev ON ev.number = picked.event_number
WHERE d.id = picked.id
RETURNING d.id, d.lease, d.endpoint, d.body, d.tries, e.user_id, e.era, e.url,
    ev.kind, ev.audience, ev.at_us, ev.data
"""
_SERVED = """
UPDATE webhook_endpoints e SET served_at = $3, paced_until = new.paced_until
FROM unnest($1::text[], $2::timestamptz[]) AS new (id, paced_until) WHERE e.id = new.id
"""
_SECRETS = """
SELECT endpoint, sealed FROM webhook_secrets
WHERE endpoint = ANY ($1) AND (expires_at IS NULL OR expires_at > $2)
ORDER BY endpoint, number DESC
"""
_GIVE_BACK = """
UPDATE deliveries SET lease = NULL, due_at = $2
WHERE state = 'pending' AND lease IS NOT NULL AND lease = ANY ($1)
"""

# A success is true whoever reports it; anything else counts only while the lease is held.
_RECORD = """
WITH results AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[],
        $6::integer[], $7::smallint[], $8::text[], $9::text[], $10::text[])
    AS r (id, state, reason, due_at, begun_at, took_ms, status, problem, excerpt, lease)
), done AS (
    UPDATE deliveries d SET state = r.state, reason = r.reason, due_at = r.due_at, lease = NULL,
        tries = d.tries + 1, attempts = d.attempts + 1,
        ended_at = CASE WHEN r.state = 'pending' THEN NULL ELSE $11::timestamptz END
    FROM results r
    WHERE d.id = r.id AND (
        d.state = 'pending' AND d.lease = r.lease
        OR d.state <> 'delivered' AND r.state = 'delivered')
    RETURNING d.id, d.attempts
)
INSERT INTO attempts (delivery, number, at, took_ms, status, problem, excerpt)
SELECT id, attempts, begun_at, took_ms, status, problem, excerpt FROM done JOIN results USING (id)
"""
# Well endpoints with nothing but successes stay as they are, so they are not even locked.
_TOUCHED = """
SELECT * FROM webhook_endpoints
WHERE id = ANY ($1) AND (state = 'failing' OR state = 'active' AND id = ANY ($2))
ORDER BY id FOR NO KEY UPDATE
"""
_HEALTH = """
UPDATE webhook_endpoints SET state = $2, reason = $3, failing_since = $4, changed_at = $5
WHERE id = $1
"""
_OWNER = "SELECT email FROM users WHERE id = $1 AND verified_at IS NOT NULL"
_CANCEL = """
UPDATE deliveries d SET state = 'cancelled', reason = $3, ended_at = $4, lease = NULL
FROM unnest($1::text[], $2::text[]) AS mine (id, lease)
WHERE d.id = mine.id AND d.lease = mine.lease AND d.state = 'pending'
"""


@frozen
class PostgresOutbox:
    """Keeps the port `Outbox`. `public_url` is for the mails."""

    _database: Database
    _public_url: str

    async def told(self) -> int:
        return int(await self._database.fetchval(_TOLD))

    async def listeners(self) -> list[Listener]:
        rows = await self._database.fetch(_LISTENERS)
        return [Listener(row["id"], row["user_id"], filters_of(row), row["after"]) for row in rows]

    async def advance(
        self, told: int, to: int, deliveries: Sequence[NewDelivery], now: datetime
    ) -> int | None:
        async with self._database.transaction() as connection:
            # Whoever comes second waits for the row, and then finds another number in it.
            if await connection.execute(_ADVANCE, told, to) != "UPDATE 1":
                return None
            return await add_deliveries(connection, deliveries, now)

    async def claim(
        self, lease: str, now: datetime, until: datetime, room: int, pace: Pace
    ) -> list[Errand]:
        async with self._database.transaction() as connection:
            endpoints = await connection.fetch(_DUE_ENDPOINTS, now, room)
            if not endpoints:
                return []
            ids = [row["id"] for row in endpoints]
            paced = {row["id"]: row["paced_until"] for row in endpoints}
            counts = {
                row["id"]: row for row in await connection.fetch(_COUNTS, ids, now, pace.at_once)
            }
            wants = [
                max(
                    0,
                    min(
                        pace.at_once - counts[each]["leased"],
                        counts[each]["due"],
                        pace.allowance(paced[each], now),
                    ),
                )
                for each in ids
            ]
            parts = share(room, wants)
            rows = await connection.fetch(_LEASE, ids, parts, now, lease, until)
            served = [(each, part) for each, part in zip(ids, parts, strict=True) if part]
            await connection.execute(
                _SERVED,
                [each for each, _ in served],
                [pace.spend(paced[each], now, part) for each, part in served],
                now,
            )
            return await _errands(connection, rows, now)

    async def give_back(self, leases: Collection[str], now: datetime) -> None:
        await self._database.execute(_GIVE_BACK, list(leases), now)

    async def record(self, results: Sequence[Result], now: datetime) -> list[TurnedOff]:
        results = sorted(results, key=lambda each: each.errand.id)
        async with self._database.transaction() as connection:
            # Endpoints first and in one order, as everybody locks them, so that nobody waits in a
            # circle.
            touched = await connection.fetch(
                _TOUCHED,
                sorted({each.errand.endpoint_id for each in results}),
                sorted(
                    {
                        each.errand.endpoint_id
                        for each in results
                        if each.state is not DeliveryState.DELIVERED
                    }
                ),
            )
            await _write_results(connection, results, now)
            off = []
            for row in touched:
                turned = await self._judge(connection, row, results, now)
                if turned is not None:
                    off.append(turned)
            return off

    async def cancel(self, errands: Sequence[Errand], reason: EndReason, now: datetime) -> None:
        ids, leases = [each.id for each in errands], [each.lease for each in errands]
        await self._database.execute(_CANCEL, ids, leases, reason.value, now)

    async def _judge(
        self,
        connection: Connection,
        row: asyncpg.Record,
        results: Sequence[Result],
        now: datetime,
    ) -> TurnedOff | None:
        """Change the endpoint's health as the results say; what it is, if it was turned off."""
        before = health = health_of(row)
        for result in results:
            if result.errand.endpoint_id == row["id"]:
                health = health.after_attempt(result.answer.verdict, result.errand.era, now)
        if health == before:
            return None
        await connection.execute(
            _HEALTH, row["id"], health.state.value, health.reason, health.failing_since, now
        )
        if health.state is not State.OFF or health.reason is None:
            return None
        await cancel_pending(connection, [row["id"]], EndReason.OFF, now)
        address = await connection.fetchval(_OWNER, row["user_id"])
        if address is not None:
            letter = turned_off(self._public_url, row["id"], health.reason)
            # Of one era there is one such mail.
            mail_id = f"mail_{row['id']}_{health.era}"
            mail = Mail(mail_id, address, letter.subject, letter.text, letter.html)
            await enqueue(connection, mail, now)
        return TurnedOff(row["id"], health.reason)


async def _errands(
    connection: Connection, rows: Sequence[asyncpg.Record], now: datetime
) -> list[Errand]:
    secrets: dict[str, tuple[bytes, ...]] = {}
    for row in await connection.fetch(_SECRETS, list({row["endpoint"] for row in rows}), now):
        secrets[row["endpoint"]] = (*secrets.get(row["endpoint"], ()), row["sealed"])
    return [
        Errand(
            id=row["id"],
            lease=row["lease"],
            endpoint_id=row["endpoint"],
            user_id=row["user_id"],
            era=row["era"],
            # A test tells nothing that its owner has not asked for.
            audience=Audience(row["audience"] or Audience.EVERYBODY),
            tries=row["tries"],
            url=row["url"],
            body=row["body"] or payload(row["kind"], row["at_us"], row["data"]),
            secrets=secrets[row["endpoint"]],
        )
        for row in rows
    ]


async def _write_results(connection: Connection, results: Sequence[Result], now: datetime) -> None:
    await connection.execute(
        _RECORD,
        [each.errand.id for each in results],
        [each.state.value for each in results],
        [each.reason for each in results],
        [each.due_at for each in results],
        [each.begun_at for each in results],
        [round(each.answer.took_s * 1_000) for each in results],
        [each.answer.status for each in results],
        [each.answer.problem for each in results],
        [each.answer.excerpt for each in results],
        [each.errand.lease for each in results],
        now,
    )
