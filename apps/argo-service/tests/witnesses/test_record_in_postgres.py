"""The record in PostgreSQL, as the settings open it."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from attrs import evolve

from argo_adapters.postgres.launcher import NoServer, private_server
from argo_adapters.postgres.log import PostgresLog
from argo_adapters.postgres.roles import make_roles
from argo_core.errors import InvalidSetting
from argo_core.ledger.checkpoint import parse_checkpoint
from argo_core.ledger.record import Batch
from argo_core.testing.entries import signal_batch, tiny_quiet
from argo_service.config.log import Log
from argo_service.config.secret import Secret
from argo_service.config.tree import Settings
from argo_service.record import newest_checkpoints, opened_log, rebuild_read_model

NAME = "argo.example/log"


@pytest.fixture
async def settings(tmp_path: Path) -> AsyncIterator[Settings]:
    context = private_server()
    server = await asyncio.to_thread(context.__enter__)
    try:
        if isinstance(server, NoServer):
            if os.environ.get("CI"):
                pytest.fail(server.problem)
            pytest.skip(server.problem)
        roles = await make_roles(server.url, "argo")
        log = Log(name=NAME, database_url=Secret(roles.app_url), owner_url=Secret(roles.owner_url))
        yield Settings(database=tmp_path / "argo.sqlite3", log=log)
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)


async def test_it_is_opened_read_beside_its_writer_and_searched(settings: Settings) -> None:
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
