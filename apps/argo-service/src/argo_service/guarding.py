"""What stands before every vendor: what is shared with others, turnstiles, purses, and its key."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from attrs import frozen

from argo_core.consensus.opinion import SourceName
from argo_core.engine.shield import Shield
from argo_core.ports import Clock, Observer, Secrets
from argo_service.config.tree import Settings
from argo_service.secret_stores import LiveKeys, live_keys
from argo_service.sharing import Shared, sharing
from argo_service.shields import build_shields
from argo_service.turnstiles import Turnstiles, build_turnstiles


@frozen
class Guards:
    """By whose leave a vendor is asked, and which keys it is shown."""

    shared: Shared
    turnstiles: Turnstiles
    shields: Mapping[SourceName, Shield]
    live: LiveKeys


@asynccontextmanager
async def guarding(
    settings: Settings,
    clock: Clock,
    observer: Observer,
    chance: Callable[[], float],
    *,
    store: Secrets | None,
    pace: float,
) -> AsyncIterator[Guards]:
    """Everything that decides whether a vendor is asked, until the block ends.

    With a `store` keys of vendors are read there again and again; `pace` is how many seconds of
    simulated vendors pass in each of the wall's.

    Raises:
        InvalidInput: a vendor's day is unknown.
        SharedAway: the book of spending cannot be opened.
        SecretError: the key of a vendor cannot be read.
    """
    async with sharing(settings, clock, observer, chance) as shared:
        turnstiles = build_turnstiles(
            settings,
            clock,
            chance=chance,
            observer=observer,
            shared_limits=shared.limits,
            shared_breaker=shared.breaker,
            instances=settings.redis.instances,
            pace=pace,
        )
        shields = await build_shields(
            settings, turnstiles, shared.books, clock=clock, observer=observer, chance=chance
        )
        keys = live_keys(settings, store, clock=clock, observer=observer, chance=chance)
        async with keys as live:
            yield Guards(shared, turnstiles, shields, live)
