"""The publisher's lease where the settings have it: in a file, in PostgreSQL or in a Redis."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from argo_core.errors import InvalidSetting
from argo_core.ports import Clock, Observer, PublisherLease
from argo_service.config.standby import AUTO, FILE, POSTGRES, REDIS
from argo_service.config.tree import Settings

_LEASE = "standby.lease"


def lease_path(database: Path) -> Path:
    """Where the lease of one machine's processes lies: beside the log."""
    return database.with_name(database.name + ".lease")


def store_of(settings: Settings) -> str:
    """Where the lease is kept.

    Raises:
        InvalidSetting: it cannot be kept there.
    """
    in_postgres, named = settings.log.database_url is not None, settings.standby.lease
    if named == AUTO:
        return POSTGRES if in_postgres else FILE
    if named == POSTGRES and not in_postgres:
        raise InvalidSetting(_LEASE, "the log is in a file", "keep the lease in a file, too")
    if named == REDIS and settings.redis.url is None:
        raise InvalidSetting(_LEASE, "there is no Redis", "set redis.url")
    if named == FILE and in_postgres:
        problem = "processes of several machines may write to a log in PostgreSQL"
        raise InvalidSetting(_LEASE, problem, "keep the lease there, or in a Redis")
    return named


@asynccontextmanager
async def opened_lease(
    settings: Settings, clock: Clock, observer: Observer, chance: Callable[[], float]
) -> AsyncIterator[PublisherLease]:
    """The lease, until the block ends.

    Raises:
        InvalidSetting: it cannot be kept where the settings say.
        SharedAway: its file cannot be opened.
        LogError: its table cannot be made.
    """
    store = store_of(settings)
    if store == POSTGRES and settings.log.database_url is not None:
        # Like the log's, its library takes long to load.
        from argo_adapters.postgres.lease import PostgresLease  # noqa: PLC0415 - see above

        owner = settings.log.owner_url
        async with PostgresLease.open(
            settings.log.database_url.reveal(),
            settings.log.name,
            owner_url=None if owner is None else owner.reveal(),
        ) as in_postgres:
            yield in_postgres
    elif store == REDIS and settings.redis.url is not None:
        from argo_adapters.redis.lease import RedisLease  # noqa: PLC0415 - as above
        from argo_adapters.redis.link import RedisLink  # noqa: PLC0415 - as above

        # A link of its own: what other calls go through must not keep a renewal away.
        link = RedisLink(
            settings.redis.url.reveal(),
            clock=clock,
            observer=observer,
            chance=chance,
            timeout_s=settings.redis.timeout_s,
        )
        try:
            yield RedisLease(link, namespace=settings.redis.namespace)
        finally:
            await link.close()
    else:
        from argo_adapters.sqlite.lease import SqliteLease  # noqa: PLC0415 - few need it

        async with SqliteLease.open(lease_path(settings.database)) as in_file:
            yield in_file
