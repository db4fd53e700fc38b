"""A server of our own is started again when it dies, and not for ever in vain."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from alpine_service.adapters.postgres.kept import KeepPolicy, KeptServer, kept_server
from alpine_service.adapters.postgres.link import connected
from alpine_service.adapters.system_clock import SystemClock
from alpine_service.errors import NoServer
from alpine_service.testing.fake_observer import FakeObserver
from alpine_service.testing.postgres import TestServer, open_folder
from alpine_service.testing.torture import until

HASTY = KeepPolicy(look_every_s=0.02, first_wait_s=0.01, tries=3)


@pytest.fixture
def folder(postgres_server: TestServer) -> Iterator[Path]:
    """Skips where there are no programs."""
    with open_folder() as place:
        yield place / "postgres"


async def killed(kept: KeptServer) -> None:
    os.kill(kept.server.pid, signal.SIGKILL)
    before = kept.server.pid

    async def is_another() -> bool:
        return kept.server.pid != before

    await until(is_another, 20, "another server")


async def test_a_killed_server_comes_back_with_its_data_at_the_same_place(folder: Path) -> None:
    observer = FakeObserver()
    async with kept_server(folder, HASTY) as kept:
        url = kept.server.url
        keeping = asyncio.create_task(kept.run(SystemClock(), observer))
        async with connected(url) as superuser:
            await superuser.execute("CREATE TABLE public.kept AS SELECT 7 AS n")
        for _ in range(2):
            await killed(kept)
            assert kept.server.url == url
            async with connected(url) as superuser:
                assert await superuser.fetchval("SELECT n FROM public.kept") == 7
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
        last = kept.server
    assert last.has_ended()
    assert observer.names() == ["database.died", "database.started_again"] * 2


async def test_one_that_does_not_come_up_is_given_up(folder: Path) -> None:
    observer = FakeObserver()
    async with kept_server(folder, HASTY) as kept:
        keeping = asyncio.create_task(kept.run(SystemClock(), observer))
        await asyncio.to_thread((folder / "data" / "global").rename, folder / "elsewhere")
        os.kill(kept.server.pid, signal.SIGKILL)
        with pytest.raises(NoServer, match="did not start"):
            async with asyncio.timeout(20):
                await keeping
    assert observer.names() == ["database.died", *["database.does_not_start"] * 3]


def test_waits_double_and_have_a_bound() -> None:
    assert [KeepPolicy().wait_s(number) for number in range(9)] == [
        *(0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0),
        *(30.0, 30.0),
    ]
