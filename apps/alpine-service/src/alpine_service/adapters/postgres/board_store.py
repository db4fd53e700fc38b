"""What stands now, read from PostgreSQL: the port `BoardStore`."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from itertools import groupby
from operator import itemgetter

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
# From one strategy and symbol to the next along their index, instead of over all signals: the first
# row behind a pair is the newest of the next one.
_STANDING = f"""
WITH RECURSIVE newest AS (
    (SELECT strategy, symbol, log_index FROM signals
        WHERE audience IS NOT NULL AND audience <= $1
        ORDER BY strategy, symbol, log_index DESC LIMIT 1)
    UNION ALL
    SELECT following.* FROM newest n CROSS JOIN LATERAL (
        SELECT strategy, symbol, log_index FROM signals
        WHERE audience IS NOT NULL AND audience <= $1
            AND (strategy, symbol) > (n.strategy, n.symbol)
        ORDER BY strategy, symbol, log_index DESC LIMIT 1
    ) following
)
SELECT {_ROW} FROM signals WHERE log_index IN (
    SELECT log_index FROM newest n WHERE NOT EXISTS ({_RETIRED.format("n")})
    ORDER BY log_index DESC LIMIT $2
) ORDER BY log_index DESC
"""  # noqa: S608 - our own columns
# A signal whose body may not be seen names no symbol, or asking for it would tell which it is of.
_BESIDE = f"""
SELECT {_ROW} FROM signals WHERE log_index IN (
    SELECT following.log_index FROM (
        SELECT DISTINCT strategy, symbol FROM signals
        WHERE log_index = ANY ($1) AND audience IS NOT NULL AND audience <= $2
    ) named CROSS JOIN LATERAL (
        SELECT log_index FROM signals
        WHERE audience IS NOT NULL AND audience <= $2
            AND strategy = named.strategy AND symbol = named.symbol
        ORDER BY log_index DESC LIMIT 1
    ) following
    WHERE NOT EXISTS ({_RETIRED.format("named")})
) ORDER BY log_index DESC
"""  # noqa: S608
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
# In canonical bytes no text has a bare quote in it, so what is found is the member. To parse them
# would take four times as long.
_PRICES = """
SELECT asked.symbol, s.*
FROM unnest($1::text[]) asked (symbol) CROSS JOIN LATERAL (
    SELECT log_index, decided_us, outcome_index, outcome,
        split_part(split_part(convert_from(data, 'UTF8'), '"entry":"', 2), '"', 1) AS entry
    FROM signals
    WHERE symbol = asked.symbol AND audience IS NOT NULL AND audience <= $2
    ORDER BY log_index DESC LIMIT $3
) s
"""
_TOLD = """
SELECT log_index, kind, at_us FROM events WHERE log_index = ANY ($1) AND audience <= $2
ORDER BY number
"""

# Symbols in one question, few enough that others get a turn in between.
_SYMBOLS = 50
# A price before it is made a point: when, in which entry, which of its prices in the order of
# `_KINDS`, how it is written, of which signal and of what.
_Point = tuple[int, int, int, str, int, str]
_KINDS = tuple(PriceKind)


@frozen
class PostgresBoard:
    """Keeps the port `BoardStore`."""

    _database: Database

    async def standing(self, audience: Audience, most: int) -> list[SignalRecord]:
        rows = await self._database.fetch(_STANDING, int(audience), most)
        return [record_of(row) for row in rows]

    async def standing_beside(
        self, log_indices: Collection[int], audience: Audience
    ) -> list[SignalRecord]:
        rows = await self._database.fetch(_BESIDE, list(log_indices), int(audience))
        return [record_of(row) for row in rows]

    async def sealed(self, audience: Audience, most: int) -> list[SignalRecord]:
        rows = await self._database.fetch(_SEALED[audience], most)
        return [record_of(row) for row in rows]

    async def prices(
        self, symbols: Collection[str], audience: Audience, most_each: int
    ) -> list[PricePoint]:
        points: list[_Point] = []
        asked = sorted(set(symbols))
        for place in range(0, len(asked), _SYMBOLS):
            some = asked[place : place + _SYMBOLS]
            rows = await self._database.fetch(_PRICES, some, int(audience), most_each)
            for _, those in groupby(rows, itemgetter("symbol")):
                found = sorted(point for row in those for point in _points(row))
                points += found[-most_each:]
        return [_point_of(point) for point in sorted(points)]

    async def told(self, log_indices: Collection[int], audience: Audience) -> list[Told]:
        rows = await self._database.fetch(_TOLD, list(log_indices), int(audience))
        return [Told(row["log_index"], EventKind(row["kind"]), row["at_us"]) for row in rows]


def _points(row: asyncpg.Record) -> list[_Point]:
    """The prices that a signal and its outcome say; one that is void says none."""
    symbol, index = row["symbol"], row["log_index"]
    points = [(row["decided_us"], index, 0, row["entry"], index, symbol)]
    outcome = {} if row["outcome"] is None else orjson.loads(row["outcome"])
    if "end" in outcome:
        entry = row["outcome_index"]
        points += [
            (outcome["start_us"], entry, 1, outcome["start"], index, symbol),
            (outcome["end_us"], entry, 2, outcome["end"], index, symbol),
        ]
    return points


def _point_of(point: _Point) -> PricePoint:
    at_us, entry, place, price, index, symbol = point
    return PricePoint(symbol, at_us, Decimal(price), _KINDS[place], entry, index)
