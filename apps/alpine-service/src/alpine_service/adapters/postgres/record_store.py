"""The published record as it is counted, read from PostgreSQL: the port `RecordStore`."""

from datetime import timedelta

import asyncpg
import orjson
from attrs import frozen

from alpine_service.adapters.postgres.counting import DUE, HIDDEN, POSITION, PROMISED, RESOLVED
from alpine_service.adapters.postgres.database import Database
from alpine_service.domain.signals.counted import Counted, opinions_of
from alpine_service.domain.signals.day import DAY_US, EPOCH
from alpine_service.domain.signals.performance import WORST_BP
from alpine_service.ports.track_record import Overdue, OverdueDay

_COUNTED = f"""
SELECT {POSITION} AS position, log_index, strategy, decided_us, symbol, direction, confidence_bp,
    data, outcome, result, return_bp
FROM signals WHERE {RESOLVED} AND {POSITION} > $1 AND {POSITION} <= $2
ORDER BY {POSITION} LIMIT $3
"""  # noqa: S608 - our own words
# One statement, so that both are of one moment: what is revealed is in one of them, never in both.
_OVERDUE = f"""
SELECT newest.position, overdue.*
FROM (SELECT max({POSITION}) AS position FROM signals WHERE {RESOLVED}) newest
LEFT JOIN (
    SELECT strategy, promised_us / {DAY_US} AS day, count(*) AS count
    FROM ({PROMISED}) s CROSS JOIN ({DUE}) d WHERE {HIDDEN} AND promised_us < due
    GROUP BY 1, 2
) overdue ON true
ORDER BY strategy, day
"""  # noqa: S608
_UNREVEALED = f"""
SELECT log_index, strategy, decided_us, promised_us
FROM ({PROMISED}) s CROSS JOIN ({DUE}) d
WHERE {HIDDEN} AND promised_us < due AND log_index > $3
ORDER BY log_index LIMIT $4
"""  # noqa: S608


@frozen
class PostgresRecord:
    """Keeps the port `RecordStore`."""

    _database: Database

    async def counted(self, after: int, until: int, most: int) -> list[Counted]:
        rows = await self._database.fetch(_COUNTED, after, until, most)
        return [_counted(row) for row in rows]

    async def overdue(self, now_us: int, grace_us: int) -> Overdue:
        rows = await self._database.fetch(_OVERDUE, now_us, grace_us)
        position = rows[0]["position"]
        return Overdue(
            -1 if position is None else position,
            tuple(
                OverdueDay(row["strategy"], EPOCH + timedelta(days=row["day"]), row["count"])
                for row in rows
                if row["strategy"] is not None
            ),
        )

    async def unrevealed(self, now_us: int, grace_us: int, after: int, most: int) -> list[Counted]:
        rows = await self._database.fetch(_UNREVEALED, now_us, grace_us, after, most)
        return [
            Counted(
                position=row["log_index"],
                signal_index=row["log_index"],
                strategy=row["strategy"],
                decided_us=row["decided_us"],
                at_us=row["promised_us"],
                return_bp=WORST_BP,
            )
            for row in rows
        ]


def _counted(row: asyncpg.Record) -> Counted:
    return Counted(
        position=row["position"],
        signal_index=row["log_index"],
        strategy=row["strategy"],
        decided_us=row["decided_us"],
        at_us=orjson.loads(row["outcome"])["end_us"],
        return_bp=row["return_bp"],
        symbol=row["symbol"],
        direction=row["direction"],
        confidence_bp=row["confidence_bp"],
        result=row["result"],
        opinions=opinions_of(orjson.loads(row["data"])),
    )
