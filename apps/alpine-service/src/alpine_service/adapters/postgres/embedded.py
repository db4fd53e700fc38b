"""The database on a server of our own, ready to be used."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from attrs import frozen

from alpine_service.adapters.postgres.kept import KeptServer, kept_server
from alpine_service.adapters.postgres.launcher import embedded_server, server_run_by_another
from alpine_service.adapters.postgres.migrating import migrate
from alpine_service.adapters.postgres.roles import Urls, prepare


@frozen
class KeptDatabase:
    """Where its roles connect, and the server that has to be kept running."""

    urls: Urls
    server: KeptServer


@asynccontextmanager
async def kept_database(folder: Path) -> AsyncIterator[KeptDatabase]:
    """As `embedded_database`, for a service that lives longer than a server may.

    Raises:
        NoServer, SchemaNotCurrent, DatabaseAway, DatabaseRefused: as below.
    """
    async with kept_server(folder) as kept:
        urls = await prepare(kept.server.url)
        await migrate(urls.owner)
        yield KeptDatabase(urls, kept)


@asynccontextmanager
async def embedded_database(folder: Path) -> AsyncIterator[Urls]:
    """A server for the block, with its data in `folder`, roles made and migrations taken.

    Raises:
        NoServer: none can be had, or another process has the folder.
        SchemaNotCurrent: the data are of a newer version.
        DatabaseAway: it does not answer.
        DatabaseRefused: a migration failed.
    """
    async with embedded_server(folder) as server:
        urls = await prepare(server.url)
        await migrate(urls.owner)
        yield urls


@asynccontextmanager
async def shared_database(folder: Path) -> AsyncIterator[Urls]:
    """The same for a command: beside the service if that runs, and otherwise alone.

    The service's tables are as the service needs them, so nothing is migrated under it.

    Raises:
        NoServer, SchemaNotCurrent, DatabaseAway, DatabaseRefused: as above.
    """
    running = await asyncio.to_thread(server_run_by_another, folder)
    if running is not None:
        yield await prepare(running.url)
        return
    async with embedded_database(folder) as urls:
        yield urls
