"""Rows of webhooks as values, and what several stores do within their transactions."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from alpine_service.adapters.postgres.link import Connection
from alpine_service.domain.delivery.endpoint import Health, OffReason, State
from alpine_service.domain.delivery.errand import EndReason
from alpine_service.domain.delivery.webhook import Webhook
from alpine_service.domain.delivery.wishes import Filters, NewDelivery
from alpine_service.domain.signals.event import EventKind

CHANNEL = "alpine_deliveries"

# An endpoint may be gone by now; one that is not stays until the deliveries are there.
_ADD = """
INSERT INTO deliveries (id, endpoint, event_number, kind, made_at, due_at)
SELECT new.id, e.id, ev.number, ev.kind, $4, $4
FROM unnest($1::text[], $2::text[], $3::bigint[]) AS new (id, endpoint, event_number)
JOIN (SELECT id FROM webhook_endpoints WHERE id = ANY ($2) AND state <> 'off' FOR KEY SHARE) e
    ON e.id = new.endpoint
JOIN events ev ON ev.number = new.event_number
ON CONFLICT DO NOTHING
"""
_CANCEL_ALL = """
UPDATE deliveries SET state = 'cancelled', reason = $2, ended_at = $3, lease = NULL
WHERE endpoint = ANY ($1) AND state = 'pending'
"""


def filters_of(row: asyncpg.Record) -> Filters:
    return Filters(
        frozenset(EventKind(each) for each in row["kinds"]),
        frozenset(row["symbols"]),
        frozenset(row["strategies"]),
    )


def health_of(row: asyncpg.Record) -> Health:
    reason = row["reason"]
    return Health(
        State(row["state"]),
        row["failing_since"],
        None if reason is None else OffReason(reason),
        row["era"],
    )


def webhook_of(row: asyncpg.Record) -> Webhook:
    return Webhook(
        row["id"],
        row["user_id"],
        row["url"],
        row["description"],
        filters_of(row),
        health_of(row),
        row["created_at"],
    )


async def add_deliveries(
    connection: Connection, deliveries: Sequence[NewDelivery], now: datetime
) -> int:
    """Add those that are not there, of endpoints that are on; couriers are woken at the commit."""
    if not deliveries:
        return 0
    done = await connection.execute(
        _ADD,
        [each.id for each in deliveries],
        [each.endpoint_id for each in deliveries],
        [each.event_number for each in deliveries],
        now,
    )
    await wake(connection)
    return count_of(done)


async def cancel_pending(
    connection: Connection, endpoint_ids: Sequence[str], reason: EndReason, now: datetime
) -> None:
    """Nothing that waits for these endpoints is sent any more."""
    await connection.execute(_CANCEL_ALL, list(endpoint_ids), reason.value, now)


async def wake(connection: Connection) -> None:
    """Hint to couriers, when the transaction commits, that something is due."""
    await connection.execute("SELECT pg_notify($1, '')", CHANNEL)


def count_of(done: str) -> int:
    """The number of rows in what the server says of a statement, such as `UPDATE 3`."""
    return int(done.rpartition(" ")[2])
