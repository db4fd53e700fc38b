"""Everything that is shared, on one Redis through one link."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from argo_adapters.redis.breaker import RedisBreaker
from argo_adapters.redis.cache import RedisCache
from argo_adapters.redis.limits import RedisLimits
from argo_adapters.redis.link import RedisLink
from argo_adapters.redis.locks import RedisLocks
from argo_adapters.redis.spending import RedisSpendingBook
from argo_core.codec.stored import OPINIONS, PROSE, QUOTES
from argo_core.errors import InvalidSetting, SharedAway
from argo_core.events import SharedStateChanged
from argo_core.ports import Clock, Observer, SpendingBook
from argo_service.config.redis import Redis
from argo_service.sharing import Shared


@asynccontextmanager
async def through_redis(
    settings: Redis,
    own_book: SpendingBook,
    clock: Clock,
    observer: Observer,
    chance: Callable[[], float],
) -> AsyncIterator[Shared]:
    """What processes share on the server of the settings, beside this one's own book.

    Raises:
        InvalidSetting: there is no server in the settings.
    """
    if settings.url is None:
        raise InvalidSetting("redis.url", "there is none", "name the server that processes share")
    link = RedisLink(
        settings.url.reveal(),
        clock=clock,
        observer=observer,
        chance=chance,
        timeout_s=settings.timeout_s,
    )
    namespace = settings.namespace
    try:
        await _greet(link, clock, observer)
        yield Shared(
            opinions=RedisCache(link, OPINIONS, clock=clock, namespace=namespace),
            prose=RedisCache(link, PROSE, clock=clock, namespace=namespace),
            books=(own_book, RedisSpendingBook(link, namespace=namespace)),
            quotes=RedisCache(link, QUOTES, clock=clock, namespace=namespace),
            locks=RedisLocks(link, namespace=namespace),
            limits=RedisLimits(link, namespace=namespace),
            breaker=RedisBreaker(link, namespace=namespace, chance=chance),
        )
    finally:
        await link.close()


async def _greet(link: RedisLink, clock: Clock, observer: Observer) -> None:
    """Say at the start whether it is within reach; from then on the link says what changes."""
    try:
        await link.command("PING")
    except SharedAway as error:
        observer.notice(SharedStateChanged(clock.now(), within_reach=False, problem=str(error)))
    else:
        observer.notice(SharedStateChanged(clock.now(), within_reach=True))
