"""Signals and strategies read from PostgreSQL: the port `SignalStore`."""

from typing import Any

import asyncpg
from attrs import frozen

from alpine_service.adapters.postgres.counting import DUE, HIDDEN, PROMISED, RESOLVED
from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.signal_rows import COLUMNS, record_of
from alpine_service.domain.signals.asked import Asked
from alpine_service.domain.signals.event import Audience
from alpine_service.domain.signals.performance import Tally
from alpine_service.domain.signals.signal import Disclosure, SignalRecord
from alpine_service.ports.signals import Stamp, StrategyRecord

_ROW = ", ".join(COLUMNS)
_STAMP = """
SELECT number, (SELECT ARRAY[size, cosigned_s] FROM checkpoints WHERE cosigned_s IS NOT NULL
    ORDER BY size DESC LIMIT 1) AS vouched
FROM stream_head
"""
_AT = f"SELECT {_ROW} FROM signals WHERE log_index = $1"  # noqa: S608 - our own columns
_NAMED = f"SELECT {_ROW} FROM signals WHERE signal_id = $1"  # noqa: S608
_ENTRY = "SELECT data FROM entries WHERE log_index = $1"
_STRATEGY = """
SELECT strategy, registered_index, registered_us, disclosure, next_seq, retired_index, registration
FROM strategies
"""
# Only what everybody may see is counted, so that the figures tell nothing of what is sealed.
_TALLIES = f"""
SELECT strategy,
    count(*) AS signals,
    count(*) FILTER (WHERE audience = 0 AND direction = 'HOLD') AS holds,
    count(*) FILTER (WHERE audience = 0 AND direction <> 'HOLD' AND result IS NULL) AS pending,
    count(*) FILTER (WHERE audience = 0 AND result = 'void') AS void,
    count(*) FILTER (WHERE {HIDDEN} AND promised_us >= due) AS sealed,
    count(*) FILTER (WHERE {HIDDEN} AND promised_us < due) AS overdue,
    count(*) FILTER (WHERE {RESOLVED}) AS resolved,
    count(*) FILTER (WHERE audience = 0 AND return_bp > 0) AS hits,
    coalesce(sum(return_bp) FILTER (WHERE audience = 0), 0) AS returns_bp,
    coalesce(sum(return_bp::numeric ^ 2) FILTER (WHERE audience = 0), 0) AS returns_squared
FROM ({PROMISED}) s CROSS JOIN ({DUE}) d GROUP BY strategy ORDER BY strategy
"""  # noqa: S608 - our own words


@frozen
class PostgresSignals:
    """Keeps the port `SignalStore`."""

    _database: Database

    async def stamp(self) -> Stamp:
        row = await self._database.fetchrow(_STAMP)
        if row is None:
            return Stamp(0, None)
        return Stamp(row["number"], tuple(row["vouched"]) if row["vouched"] else None)

    async def page(
        self, asked: Asked, audience: Audience, before: int | None, limit: int
    ) -> list[SignalRecord]:
        conditions, values = _conditions(asked, audience, before)
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        values.append(limit)
        query = (
            f"SELECT {_ROW} FROM signals {where} "  # noqa: S608 - values are parameters
            f"ORDER BY log_index DESC LIMIT ${len(values)}"
        )
        return [record_of(row) for row in await self._database.fetch(query, *values)]

    async def at(self, index: int) -> SignalRecord | None:
        row = await self._database.fetchrow(_AT, index)
        return record_of(row) if row else None

    async def named(self, signal_id: str) -> SignalRecord | None:
        row = await self._database.fetchrow(_NAMED, signal_id)
        return record_of(row) if row else None

    async def entry(self, index: int) -> bytes | None:
        data: bytes | None = await self._database.fetchval(_ENTRY, index)
        return data

    async def strategies(self) -> list[StrategyRecord]:
        rows = await self._database.fetch(f"{_STRATEGY} ORDER BY strategy")
        return [_strategy(row) for row in rows]

    async def strategy(self, name: str) -> StrategyRecord | None:
        row = await self._database.fetchrow(f"{_STRATEGY} WHERE strategy = $1", name)
        return _strategy(row) if row else None

    async def tallies(self, now_us: int, grace_us: int) -> list[Tally]:
        rows = await self._database.fetch(_TALLIES, now_us, grace_us)
        # Sums of big numbers come as decimals, and are whole.
        return [
            Tally(row["strategy"], *(int(value) for value in list(row.values())[1:]))
            for row in rows
        ]


def _conditions(
    asked: Asked, audience: Audience, before: int | None
) -> tuple[list[str], list[Any]]:
    """What is asked of hidden columns is asked of rows only whose body the audience may see."""
    values: list[Any] = []
    conditions: list[str] = []

    def ask(condition: str, value: object) -> None:
        if value is not None:
            values.append(value)
            conditions.append(condition.format(f"${len(values)}"))

    ask("log_index < {}", before)
    ask("strategy = {}", asked.strategy)
    ask("decided_us >= {}", asked.since_us)
    ask("decided_us < {}", asked.until_us)
    plain = len(conditions)
    ask("symbol = {}", asked.symbol)
    ask("direction = {}", asked.direction)
    ask("result = {}", asked.result)
    ask("abs(confidence_bp) >= {}", asked.min_confidence_bp)
    if len(conditions) > plain:
        ask("audience <= {}", int(audience))
    return conditions, values


def _strategy(row: asyncpg.Record) -> StrategyRecord:
    values = dict(row)
    values["disclosure"] = Disclosure(values["disclosure"])
    return StrategyRecord(**values)
