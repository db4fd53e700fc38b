"""What this process shares with others through a Redis, or remembers by itself without one."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from attrs import frozen

from argo_adapters.memory.cache import MemoryCache
from argo_adapters.redis.breaker import RedisBreaker
from argo_adapters.redis.cache import RedisCache
from argo_adapters.redis.limits import RedisLimits
from argo_adapters.redis.link import RedisLink
from argo_adapters.redis.locks import RedisLocks
from argo_adapters.redis.spending import RedisSpendingBook
from argo_adapters.sqlite.spending import SqliteSpendingBook
from argo_core.codec.stored import OPINIONS, PROSE, QUOTES
from argo_core.consensus.formed import Formed
from argo_core.errors import SharedAway
from argo_core.events import SharedStateChanged
from argo_core.market.quote import Quote
from argo_core.ports import (
    Cache,
    Clock,
    FlightLocks,
    Observer,
    SharedBreaker,
    SharedLimits,
    SpendingBook,
)
from argo_core.signals.prose import Prose
from argo_service.config.tree import Settings


@frozen
class Shared:
    """Caches, and who else is asked before a vendor is; what is None is this process's own.

    Prices are shared or not cached at all: within one process every beat looks anew.
    """

    opinions: Cache[Formed]
    prose: Cache[Prose]
    books: tuple[SpendingBook, ...]
    quotes: Cache[tuple[Quote, ...]] | None = None
    locks: FlightLocks | None = None
    limits: SharedLimits | None = None
    breaker: SharedBreaker | None = None


def spending_path(database: Path) -> Path:
    """Where the book of spending lies: beside the log, which may be copied without it."""
    return database.with_name(f"{database.stem}-spending.sqlite3")


@asynccontextmanager
async def sharing(
    settings: Settings, clock: Clock, observer: Observer, chance: Callable[[], float]
) -> AsyncIterator[Shared]:
    """Everything that outlives a process or is shared with others, until the block ends.

    A Redis that is away at the start may come later; until then this process goes on alone.

    Raises:
        SharedAway: the book of spending cannot be opened, so nobody could say what may be spent.
    """
    async with SqliteSpendingBook.open(spending_path(settings.database)) as book:
        redis = settings.redis
        if redis.url is None:
            yield Shared(MemoryCache(), MemoryCache(), (book,))
            return
        link = RedisLink(
            redis.url.reveal(),
            clock=clock,
            observer=observer,
            chance=chance,
            timeout_s=redis.timeout_s,
        )
        try:
            await _greet(link, clock, observer)
            yield _through(link, redis.namespace, book, clock, chance)
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


def _through(
    link: RedisLink,
    namespace: str,
    book: SpendingBook,
    clock: Clock,
    chance: Callable[[], float],
) -> Shared:
    return Shared(
        opinions=RedisCache(link, OPINIONS, clock=clock, namespace=namespace),
        prose=RedisCache(link, PROSE, clock=clock, namespace=namespace),
        books=(book, RedisSpendingBook(link, namespace=namespace)),
        quotes=RedisCache(link, QUOTES, clock=clock, namespace=namespace),
        locks=RedisLocks(link, namespace=namespace),
        limits=RedisLimits(link, namespace=namespace),
        breaker=RedisBreaker(link, namespace=namespace, chance=chance),
    )
