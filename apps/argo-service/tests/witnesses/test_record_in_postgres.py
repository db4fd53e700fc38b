"""The record in PostgreSQL, as the settings open it."""

import asyncio

import pytest
from attrs import evolve

from argo_adapters.postgres.log import PostgresLog
from argo_core.errors import InvalidSetting
from argo_core.ledger.checkpoint import parse_checkpoint
from argo_core.ledger.record import Batch
from argo_core.testing.entries import signal_batch, tiny_quiet
from argo_service.config.tree import Settings
from argo_service.record import newest_checkpoints, opened_log, rebuild_read_model


async def test_it_is_opened_read_beside_its_writer_and_searched(in_postgres: Settings) -> None:
    settings = in_postgres
    with pytest.raises(InvalidSetting, match="there is no key"):
        await rebuild_read_model(settings)
    async with opened_log(settings) as log:
        assert isinstance(log, PostgresLog)
        assert await newest_checkpoints(settings) == (None, None)
        await log.append(signal_batch(0, range(3)))
        newest, cosigned = await newest_checkpoints(settings)
        assert newest is not None
        assert (parse_checkpoint(newest.text).size, cosigned) == (3, None)
    assert await rebuild_read_model(settings) == 3
    # The tables are there, so that their owner is needed no more.
    alone = evolve(settings, log=evolve(settings.log, owner_url=None))
    async with opened_log(alone) as log:
        head = await log.append(Batch(3, (tiny_quiet(3),)))
        assert head.size == 4

    key = settings.database.with_name("argo.sqlite3.key")
    await asyncio.to_thread(key.rename, key.with_name("elsewhere"))
    with pytest.raises(InvalidSetting, match="and with a new one") as caught:
        async with opened_log(settings):
            pass
    assert caught.value.field == "log.key_file"
    # The new key is not in the way of the one that is missing.
    await asyncio.to_thread(key.with_name("elsewhere").rename, key)
    async with opened_log(settings) as log:
        assert (await log.head()).size == 4
