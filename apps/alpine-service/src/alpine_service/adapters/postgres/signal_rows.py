"""Signals and strategies as rows, written within the transaction that accepts their entries."""

from collections.abc import Collection, Iterable, Mapping
from operator import attrgetter

import asyncpg

from alpine_service.adapters.postgres.link import Connection
from alpine_service.domain.feed.standing import Needs, StrategyState
from alpine_service.domain.signals.event import Audience
from alpine_service.domain.signals.known import Known
from alpine_service.domain.signals.signal import Disclosure, SignalRecord
from alpine_service.domain.signals.story import Story

COLUMNS = (
    "log_index",
    "strategy",
    "seq",
    "decided_us",
    "official_s",
    "disclosure",
    "commitment",
    "reveal_after_us",
    "revealed_index",
    "audience",
    "signal_id",
    "symbol",
    "direction",
    "confidence_bp",
    "data",
    "nonce",
    "outcome_index",
    "outcome",
    "result",
    "return_bp",
)

_row = attrgetter(*COLUMNS)

# The newest entry of each strategy has its state; a strategy may have none registered.
_STRATEGIES = """
SELECT n.name, s.disclosure, s.retired_index,
    (SELECT e.seq FROM entries e WHERE e.strategy = n.name ORDER BY e.seq DESC LIMIT 1) AS seq
FROM unnest($1::text[]) n (name) LEFT JOIN strategies s ON s.strategy = n.name
"""
_RECORDS = f"SELECT {', '.join(COLUMNS)} FROM signals WHERE log_index = ANY ($1)"  # noqa: S608
# What is about to be revealed may have its id here already, by a body that came early.
_IDS = """
SELECT signal_id, log_index FROM signals WHERE signal_id = ANY ($1)
AND NOT (disclosure = 'delayed' AND revealed_index IS NULL AND log_index = ANY ($2))
"""
_REVEAL = """
UPDATE signals s SET revealed_index = n.revealed_index, audience = 0, signal_id = n.signal_id,
    symbol = n.symbol, direction = n.direction, confidence_bp = n.confidence_bp, data = n.data,
    nonce = n.nonce
FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::integer[],
    $7::bytea[], $8::bytea[])
    n (log_index, revealed_index, signal_id, symbol, direction, confidence_bp, data, nonce)
WHERE s.log_index = n.log_index
"""
_OUTCOME = """
UPDATE signals s SET outcome_index = n.outcome_index, outcome = n.outcome, result = n.result,
    return_bp = n.return_bp
FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::text[], $5::bigint[])
    n (log_index, outcome_index, outcome, result, return_bp)
WHERE s.log_index = n.log_index
"""
_OPEN = """
UPDATE signals s SET audience = 1, signal_id = $2, symbol = $3, direction = $4, confidence_bp = $5,
    data = $6, nonce = $7
WHERE log_index = $1 AND audience IS NULL RETURNING log_index
"""
_REGISTER = """
INSERT INTO strategies (strategy, registered_index, disclosure, registration, next_seq,
    retired_index, registered_us)
SELECT n.*, NULL, us FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bytea[], $5::bigint[])
    n (strategy, registered_index, disclosure, registration, next_seq)
JOIN unnest($1::text[], $6::bigint[]) t (name, us) ON t.name = n.strategy
ON CONFLICT (strategy) DO UPDATE SET registered_index = EXCLUDED.registered_index,
    disclosure = EXCLUDED.disclosure, registration = EXCLUDED.registration, retired_index = NULL,
    registered_us = EXCLUDED.registered_us
"""
_COUNT = """
UPDATE strategies s SET next_seq = n.next_seq
FROM unnest($1::text[], $2::bigint[]) n (strategy, next_seq) WHERE s.strategy = n.strategy
"""
_RETIRE = """
UPDATE strategies s SET retired_index = n.retired_index
FROM unnest($1::text[], $2::bigint[]) n (strategy, retired_index) WHERE s.strategy = n.strategy
"""


def record_of(row: asyncpg.Record) -> SignalRecord:
    """A row with all columns as a record."""
    values = {name: row[name] for name in COLUMNS}
    values["disclosure"] = Disclosure(values["disclosure"])
    if values["audience"] is not None:
        values["audience"] = Audience(values["audience"])
    return SignalRecord(**values)


async def look_up(connection: Connection, needs: Needs, also: Collection[int]) -> Known:
    """What the entries of a batch refer to."""
    strategies = await connection.fetch(_STRATEGIES, sorted(needs.strategies))
    indices = sorted(needs.decisions | set(also))
    # Without its bytes: what follows needs none of them.
    records = await connection.fetch(_RECORDS, indices) if indices else []
    ids = await connection.fetch(_IDS, sorted(needs.signal_ids), sorted(needs.decisions))
    return Known(
        {row["name"]: _state(row) for row in strategies if row["seq"] is not None},
        {row["log_index"]: record_of(row) for row in records},
        {row["signal_id"]: row["log_index"] for row in ids},
    )


async def write_story(connection: Connection, story: Story, start: int) -> None:
    """Write signals and strategies that entries from `start` on bring."""
    await _insert(connection, story.signals.values())
    changed = story.changed.values()
    await _write_reveals(connection, [one for one in changed if (one.revealed_index or 0) >= start])
    await _write_outcomes(connection, [one for one in changed if (one.outcome_index or 0) >= start])
    await _write_strategies(connection, story)


async def open_record(connection: Connection, record: SignalRecord) -> bool:
    """Fill in a body that came early; False if there is one already."""
    opened = await connection.fetchval(
        _OPEN,
        record.log_index,
        record.signal_id,
        record.symbol,
        record.direction,
        record.confidence_bp,
        record.data,
        record.nonce,
    )
    return opened is not None


def _state(row: asyncpg.Record) -> StrategyState:
    return StrategyState(row["seq"] + 1, row["disclosure"], row["retired_index"] is not None)


async def _insert(connection: Connection, records: Iterable[SignalRecord]) -> None:
    rows = [_row(record) for record in records]
    if rows:
        await connection.copy_records_to_table("signals", records=rows, columns=COLUMNS)


async def _write_reveals(connection: Connection, records: list[SignalRecord]) -> None:
    if records:
        await connection.execute(
            _REVEAL,
            [one.log_index for one in records],
            [one.revealed_index for one in records],
            [one.signal_id for one in records],
            [one.symbol for one in records],
            [one.direction for one in records],
            [one.confidence_bp for one in records],
            [one.data for one in records],
            [one.nonce for one in records],
        )


async def _write_outcomes(connection: Connection, records: list[SignalRecord]) -> None:
    if records:
        await connection.execute(
            _OUTCOME,
            [one.log_index for one in records],
            [one.outcome_index for one in records],
            [one.outcome for one in records],
            [one.result for one in records],
            [one.return_bp for one in records],
        )


async def _write_strategies(connection: Connection, story: Story) -> None:
    states, registrations = story.strategies, story.registrations
    if registrations:
        await connection.execute(
            _REGISTER,
            list(registrations),
            [one.index for one in registrations.values()],
            [one.disclosure for one in registrations.values()],
            [one.data for one in registrations.values()],
            [states[name].next_seq for name in registrations],
            [one.decided_us for one in registrations.values()],
        )
    await connection.execute(_COUNT, list(states), [one.next_seq for one in states.values()])
    await _retire(connection, story.retirements)


async def _retire(connection: Connection, retirements: Mapping[str, int]) -> None:
    if retirements:
        await connection.execute(_RETIRE, list(retirements), list(retirements.values()))
