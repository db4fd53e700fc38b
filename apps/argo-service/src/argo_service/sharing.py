"""What this process shares with others through a Redis, or remembers by itself without one."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from attrs import frozen

from argo_adapters.memory.cache import MemoryCache
from argo_adapters.sqlite.spending import SqliteSpendingBook
from argo_core.consensus.formed import Formed
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
        if settings.redis.url is None:
            yield Shared(MemoryCache(), MemoryCache(), (book,))
            return
        # Its client takes half a second to load, which whoever shares nothing is spared.
        from argo_service.shared_redis import through_redis  # noqa: PLC0415 - see above

        async with through_redis(settings.redis, book, clock, observer, chance) as shared:
            yield shared
