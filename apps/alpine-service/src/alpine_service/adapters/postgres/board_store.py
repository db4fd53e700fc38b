"""What stands now, read from PostgreSQL: the port `BoardStore`."""

from collections.abc import Collection, Mapping
from decimal import Decimal

import asyncpg
import orjson
from attrs import frozen

from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.signal_rows import COLUMNS, record_of
from alpine_service.domain.signals.event import Audience, EventKind
from alpine_service.domain.signals.price_point import PriceKind, PricePoint
from alpine_service.domain.signals.signal import SignalRecord
from alpine_service.domain.signals.timeline import Told

_ROW = ", ".join(COLUMNS)
_RETIRED = """
SELECT FROM strategies r WHERE r.strategy = {}.strategy AND r.retired_index IS NOT NULL
"""
# From one strategy and symbol to the next along their index, instead of over all signals.
_STANDING = f"""
WITH RECURSIVE pair AS (
    (SELECT strategy, symbol FROM signals WHERE audience IS NOT NULL
        ORDER BY strategy, symbol LIMIT 1)
    UNION ALL
    SELECT following.* FROM pair p CROSS JOIN LATERAL (
        SELECT strategy, symbol FROM signals
        WHERE audience IS NOT NULL AND (strategy, symbol) > (p.strategy, p.symbol)
        ORDER BY strategy, symbol LIMIT 1
    ) following
)
SELECT {_ROW} FROM signals WHERE log_index IN (
    SELECT newest.log_index FROM pair p CROSS JOIN LATERAL (
        SELECT log_index FROM signals
        WHERE strategy = p.strategy AND symbol = p.symbol
            AND audience IS NOT NULL AND audience <= $1
        ORDER BY log_index DESC LIMIT 1
    ) newest
    WHERE NOT EXISTS ({_RETIRED.format("p")})
    ORDER BY newest.log_index DESC LIMIT $2
) ORDER BY log_index DESC
"""  # noqa: S608 - our own columns
# The conditions are spelled as in the indices over them.
_HIDDEN: Mapping[Audience, str] = {
    Audience.EVERYBODY: "audience IS DISTINCT FROM 0",
    Audience.REALTIME: "disclosure = 'delayed' AND audience IS NULL",
}
_SEALED: Mapping[Audience, str] = {
    audience: f"""
SELECT {_ROW} FROM signals s WHERE {hidden} AND NOT EXISTS ({_RETIRED.format("s")})
ORDER BY log_index DESC LIMIT $1
"""  # noqa: S608
    for audience, hidden in _HIDDEN.items()
}
_PRICES = """
SELECT asked.symbol, s.*
FROM unnest($1::text[]) asked (symbol) CROSS JOIN LATERAL (
    SELECT log_index, decided_us, outcome_index,
        convert_from(data, 'UTF8')::json ->> 'entry' AS entry, outcome
    FROM signals
    WHERE symbol = asked.symbol AND audience IS NOT NULL AND audience <= $2
    ORDER BY log_index DESC LIMIT $3
) s
"""
_TOLD = """
SELECT log_index, kind, at_us FROM events WHERE log_index = ANY ($1) AND audience <= $2
ORDER BY number
"""

# Of one outcome at one moment, it starts before it ends.
_ORDER = {kind: place for place, kind in enumerate(PriceKind)}


@frozen
class PostgresBoard:
    """Keeps the port `BoardStore`."""

    _database: Database

    async def standing(self, audience: Audience, most: int) -> list[SignalRecord]:
        rows = await self._database.fetch(_STANDING, int(audience), most)
        return [record_of(row) for row in rows]

    async def sealed(self, audience: Audience, most: int) -> list[SignalRecord]:
        rows = await self._database.fetch(_SEALED[audience], most)
        return [record_of(row) for row in rows]

    async def prices(
        self, symbols: Collection[str], audience: Audience, most_each: int
    ) -> list[PricePoint]:
        asked = sorted(set(symbols))
        rows = await self._database.fetch(_PRICES, asked, int(audience), most_each)
        points: dict[str, list[PricePoint]] = {symbol: [] for symbol in asked}
        for row in rows:
            points[row["symbol"]].extend(_points(row))
        newest = [sorted(each, key=_in_time)[-most_each:] for each in points.values()]
        return sorted((point for each in newest for point in each), key=_in_time)

    async def told(self, log_indices: Collection[int], audience: Audience) -> list[Told]:
        rows = await self._database.fetch(_TOLD, list(log_indices), int(audience))
        return [Told(row["log_index"], EventKind(row["kind"]), row["at_us"]) for row in rows]


def _points(row: asyncpg.Record) -> list[PricePoint]:
    """The prices that a signal and its outcome say; one that is void says none."""
    symbol, index = row["symbol"], row["log_index"]
    points = [
        PricePoint(symbol, row["decided_us"], Decimal(row["entry"]), PriceKind.SIGNAL, index, index)
    ]
    outcome = {} if row["outcome"] is None else orjson.loads(row["outcome"])
    points += [
        PricePoint(
            symbol,
            outcome[f"{kind}_us"],
            Decimal(outcome[kind]),
            kind,
            row["outcome_index"],
            index,
        )
        for kind in (PriceKind.START, PriceKind.END)
        if kind in outcome
    ]
    return points


def _in_time(point: PricePoint) -> tuple[int, int, int]:
    return (point.at_us, point.log_index, _ORDER[point.kind])
