"""An honest log, read over HTTP into PostgreSQL."""

import orjson

from alpine_service.testing.members import (
    correct_members,
    outcome_members,
    quiet_members,
    retire_members,
    signal_members,
    strategy_members,
    trade_members,
)
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.reader import open_reader
from alpine_service.testing.small_log import SmallLog


async def test_a_signal_is_stored_and_told_once(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(strategy_members())
        (signal,) = await log.append(signal_members("one"))
        await reader.catch_up()
        await reader.catch_up()
        told = [(each.number, each.kind.value, each.log_index) for each in await reader.events()]
        assert told == [(1, "strategy.registered", 0), (2, "signal.published", 1)]
        row = await database.app.fetchrow("SELECT * FROM signals")
        assert row is not None
        assert (row["log_index"], row["signal_id"], row["audience"]) == (1, "one", 0)
        assert row["data"] == signal.data
