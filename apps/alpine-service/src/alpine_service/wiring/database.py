"""The database: the operator's, or a server of our own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from alpine_service.adapters.postgres.embedded import embedded_database, shared_database
from alpine_service.adapters.postgres.roles import Urls
from alpine_service.settings import Settings

FOLDER = "postgres"


@asynccontextmanager
async def service_urls(settings: Settings) -> AsyncIterator[Urls]:
    """Where the service's roles connect, until the block is left.

    Of a server of our own the tables are brought up to date; what to do with an operator's is the
    operator's to say, by `alpine migrate`.

    Raises:
        NoServer, SchemaNotCurrent, DatabaseAway, DatabaseRefused: of a server of our own.
    """
    if settings.database_url:
        yield _operators(settings, settings.database_url)
        return
    async with embedded_database(settings.folder / FOLDER) as urls:
        yield urls


@asynccontextmanager
async def command_urls(settings: Settings) -> AsyncIterator[Urls]:
    """The same for a command, which may run beside the service."""
    if settings.database_url:
        yield _operators(settings, settings.database_url)
        return
    async with shared_database(settings.folder / FOLDER) as urls:
        yield urls


def _operators(settings: Settings, app_url: str) -> Urls:
    return Urls(settings.owner_url or app_url, app_url)
