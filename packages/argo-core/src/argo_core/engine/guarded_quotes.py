"""One feed of prices behind the cache that processes share, its single flight and its breaker."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

from argo_core.engine.guard import ONE_CALL, guard
from argo_core.engine.known import FUTURE
from argo_core.engine.shared_flight import SharedFlight
from argo_core.engine.shield import Shield
from argo_core.engine.toll import pay
from argo_core.engine.untraced import UNTRACED
from argo_core.errors import VendorError
from argo_core.events import CacheLooked
from argo_core.market.instrument import Instrument
from argo_core.market.quote import Quote
from argo_core.ports import Answer, Cache, Clock, Observer, Quotes, Tracer
from argo_core.resilience.freshness import Windows, stored

NOT_STALE = Windows(0.0, 0.0)
"""Old prices are known to the engine already; a cache only spares the question."""


class GuardedQuotes:
    """Asks `feed`, unless another process has just asked for the same instruments."""

    def __init__(
        self,
        feed: Quotes,
        timeout_s: float,
        *,
        clock: Clock,
        observer: Observer,
        cache: Cache[tuple[Quote, ...]] | None = None,
        flight: SharedFlight | None = None,
        shield: Shield | None = None,
        tracer: Tracer = UNTRACED,
    ) -> None:
        self.feed = feed
        self._timeout_s = timeout_s
        self._clock = clock
        self._observer = observer
        self._tracer = tracer
        self._cache = cache
        self._flight = flight or SharedFlight(clock)
        self._shield = shield or Shield()

    async def ask(
        self, wanted: Sequence[Instrument], ttl_s: float
    ) -> tuple[Quote, ...] | VendorError:
        """Prices no older than `ttl_s`, or the error as a value."""
        key = self._key(wanted)
        quotes, generation = await self._look(key)
        self._tell(len(wanted), found=quotes is not None)
        if quotes is not None:
            return quotes
        async with self._flight.turn(key, self._timeout_s) as waited:
            if waited:
                quotes, generation = await self._look(key)
                if quotes is not None:
                    return quotes
            return await self._bring(wanted, key, ttl_s, generation)

    def _key(self, wanted: Sequence[Instrument]) -> str:
        names = " ".join(sorted(one.symbol for one in wanted))
        return f"quotes:{self.feed.name}:{sha256(names.encode()).hexdigest()[:32]}"

    async def _look(self, key: str) -> tuple[tuple[Quote, ...] | None, int]:
        if self._cache is None:
            return None, 0
        slot = (await self._cache.get((key,)))[key]
        now, entry = self._clock.now(), slot.entry
        # Another process's clock, or another run's, may be ahead of ours: nobody knows its age.
        if entry is None or not slot.is_fresh(now) or entry.stored_at > now + FUTURE:
            return None, slot.generation
        return entry.value, slot.generation

    def _tell(self, count: int, *, found: bool) -> None:
        if self._cache is not None:
            fresh, missed = (count, 0) if found else (0, count)
            name, now = self.feed.name, self._clock.now()
            self._observer.notice(CacheLooked(name, now, fresh, 0, missed))

    async def _bring(
        self, wanted: Sequence[Instrument], key: str, ttl_s: float, generation: int
    ) -> tuple[Quote, ...] | VendorError:
        feed, now = self.feed, self._clock.now()

        async def ask() -> Answer[Quote] | VendorError:
            return await guard(
                feed.name,
                lambda: feed.quotes(wanted),
                Quote,
                timeout_s=self._timeout_s,
                clock=self._clock,
                observer=self._observer,
                tracer=self._tracer,
            )

        outcome = await pay(feed.name, self._shield, ONE_CALL, ask, self._clock)
        if isinstance(outcome, VendorError):
            return outcome
        # What comes from the future would keep every true answer after it out of the cache.
        latest = self._clock.now() + FUTURE
        quotes = tuple(quote for quote in outcome.items if quote.at <= latest)
        if self._cache is not None and quotes:
            entry = stored(
                quotes,
                as_of=max(quote.at for quote in quotes),
                asked_at=now,
                soft=now + timedelta(seconds=ttl_s),
                windows=NOT_STALE,
                generation=generation,
            )
            await self._cache.put({key: entry})
        return quotes
