"""The stream of events in PostgreSQL."""

from collections.abc import Sequence

import asyncpg
from attrs import frozen

from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.link import Connection
from alpine_service.domain.signals.event import Audience, Event, EventKind, NewEvent

CHANNEL = "alpine_events"

# The row's lock is held until the transaction ends: whoever comes second waits, so that numbers are
# without a gap and become visible in their order.
_DRAW = "UPDATE stream_head SET number = number + $1 RETURNING number"
# One entry tells one thing once: what was told already is left out before numbers are drawn.
_KNOWN = """
SELECT e.log_index, e.kind FROM events e
JOIN unnest($1::bigint[], $2::text[]) AS new (log_index, kind) USING (log_index, kind)
"""
_COLUMNS = (
    "number",
    "kind",
    "audience",
    "log_index",
    "strategy",
    "symbol",
    "signal_id",
    "data",
    "at_us",
)
_AFTER = """
SELECT number, kind, audience, log_index, strategy, symbol, signal_id, data, at_us FROM events
WHERE number > $1 AND audience <= $2 ORDER BY number LIMIT $3
"""
_GET = """
SELECT number, kind, audience, log_index, strategy, symbol, signal_id, data, at_us FROM events
WHERE number = $1
"""


async def append_events(connection: Connection, events: Sequence[NewEvent]) -> range:
    """Number the events that are new and add them, within the caller's transaction.

    Gives the numbers; listeners are woken when the transaction commits.
    """
    if not events:
        return range(0)
    # The lock first, so that nobody adds the same between the look and the insert.
    end = await connection.fetchval(_DRAW, 0)
    known = {
        (row["log_index"], row["kind"])
        for row in await connection.fetch(
            _KNOWN, [each.log_index for each in events], [each.kind for each in events]
        )
    }
    new = [each for each in events if (each.log_index, each.kind) not in known]
    if not new:
        return range(0)
    await connection.execute(_DRAW, len(new))
    numbers = range(end + 1, end + 1 + len(new))
    # COPY, because arrays of so many values cost the driver more than everything else here.
    rows = [
        (
            number,
            each.kind.value,
            int(each.audience),
            each.log_index,
            each.strategy,
            each.symbol,
            each.signal_id,
            each.data,
            each.at_us,
        )
        for number, each in zip(numbers, new, strict=True)
    ]
    await connection.copy_records_to_table("events", records=rows, columns=_COLUMNS)
    await connection.execute("SELECT pg_notify($1, '')", CHANNEL)
    return numbers


@frozen
class EventStore:
    """Reads what `append_events` wrote; keeps the port `Events`."""

    _database: Database

    async def last(self) -> int:
        return int(await self._database.fetchval("SELECT number FROM stream_head"))

    async def after(
        self, number: int, limit: int, audience: Audience = Audience.REALTIME
    ) -> list[Event]:
        rows = await self._database.fetch(_AFTER, number, int(audience), limit)
        return [_event(row) for row in rows]

    async def get(self, number: int) -> Event | None:
        row = await self._database.fetchrow(_GET, number)
        return _event(row) if row else None


def _event(row: asyncpg.Record) -> Event:
    return Event(
        number=row["number"],
        kind=EventKind(row["kind"]),
        audience=Audience(row["audience"]),
        log_index=row["log_index"],
        strategy=row["strategy"],
        data=row["data"],
        at_us=row["at_us"],
        symbol=row["symbol"],
        signal_id=row["signal_id"],
    )
