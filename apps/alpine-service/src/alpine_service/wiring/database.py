"""The database: the operator's, or a server of our own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attrs import frozen

from alpine_service.adapters.postgres.embedded import kept_database, shared_database
from alpine_service.adapters.postgres.kept import KeptServer
from alpine_service.adapters.postgres.roles import Urls
from alpine_service.settings import Settings

FOLDER = "postgres"


@frozen
class ServiceDatabase:
    """Where the service's roles connect, and the server to keep running, if it is our own."""

    urls: Urls
    server: KeptServer | None = None


@asynccontextmanager
async def service_database(settings: Settings) -> AsyncIterator[ServiceDatabase]:
    """The service's database, until the block is left.

    Of a server of our own the tables are brought up to date; what to do with an operator's is the
    operator's to say, by `alpine migrate`.

    Raises:
        NoServer, SchemaNotCurrent, DatabaseAway, DatabaseRefused: of a server of our own.
    """
    if settings.database_url:
        yield ServiceDatabase(_operators(settings, settings.database_url))
        return
    async with kept_database(settings.folder / FOLDER) as kept:
        yield ServiceDatabase(kept.urls, kept.server)


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
