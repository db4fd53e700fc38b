"""Prices: a whole list in one ask where that costs nothing, by their lives where each one does."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum, auto

from argo_core.consensus.opinion import SourceName
from argo_core.consensus.profile import Profile
from argo_core.engine.ended import ended
from argo_core.engine.guarded_quotes import GuardedQuotes
from argo_core.engine.known import Known
from argo_core.engine.market_state import MarketState
from argo_core.engine.price_life import PriceLife
from argo_core.errors import VendorError
from argo_core.market.instrument import Instrument, Symbol
from argo_core.market.session import Phase
from argo_core.ports import Clock

# Another process's answer serves as well for most of a beat; at the next beat everybody asks anew.
SHARED_SHARE = 0.9


class _Need(Enum):
    """Whether a feed should be asked for a symbol."""

    NONE = auto()
    BY_LIFE = auto()
    NOW = auto()


class Prices:
    """Asks the primary feed every beat for all that trade, and by their lives for the others.

    Fallbacks are asked for those that the feeds before them leave unconfirmed for two beats, when
    their lives have ended, and for those that trade at a price from long ago. Without a `life`,
    everything is asked for as if it traded.
    """

    def __init__(
        self,
        feeds: Sequence[GuardedQuotes],
        profile: Profile,
        known: Known,
        clock: Clock,
        life: PriceLife | None = None,
    ) -> None:
        self._feeds = feeds
        self._profile = profile
        self._known = known
        self._clock = clock
        self._life = life
        self._asked_at: dict[SourceName, datetime] = {}
        self._task: asyncio.Task[None] | None = None

    async def refresh(self, phases: Mapping[Symbol, Phase], *, wait: bool = False) -> None:
        """Ask for what is due and return at the deadline, or, with `wait`, when all has landed."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._ask_feeds(phases), name="prices")
        if wait:
            await asyncio.wait((self._task,))
            return
        try:
            async with self._clock.timeout(self._profile.price_deadline_s):
                await asyncio.wait((self._task,))
        except TimeoutError:
            return

    async def stop(self) -> None:
        """Cancel the ask under way and wait for it to end, though not for one that will not."""
        if self._task is not None:
            self._task.cancel()
            await ended((self._task,), self._clock)

    async def _ask_feeds(self, phases: Mapping[Symbol, Phase]) -> None:
        for rank, guarded in enumerate(self._feeds):
            now = self._clock.now()
            wanted = self._due(phases, rank, now)
            if wanted and self._may_ask(guarded.feed.name, rank, now):
                self._asked_at[guarded.feed.name] = now
                await self._ask(guarded, wanted)

    async def _ask(self, guarded: GuardedQuotes, wanted: Sequence[Instrument]) -> None:
        name = guarded.feed.name
        outcome = await guarded.ask(wanted, SHARED_SHARE * self._profile.beat_s)
        now = self._clock.now()
        if isinstance(outcome, VendorError):
            self._known.fail(name, outcome, now)
        else:
            self._known.recover(name)
            self._known.observe(outcome, now)

    def _due(
        self, phases: Mapping[Symbol, Phase], rank: int, now: datetime
    ) -> tuple[Instrument, ...]:
        """Whom that feed should be asked for: at once, or because their lives have ended."""
        due: list[Instrument] = []
        living: dict[Instrument, tuple[Phase, MarketState]] = {}
        for symbol, one in self._known.instruments.items():
            need = self._need(symbol, phases[symbol], rank, now)
            if need is _Need.BY_LIFE:
                living[one] = phases[symbol], self._known.market(symbol)
            elif need is _Need.NOW:
                due.append(one)
        if self._life is not None:
            lives_s = self._life.lives_s(living, paid=rank > 0)
            for one, life_s in zip(living, lives_s, strict=True):
                looked_at = self._known.quotes[one.symbol].fetched_at
                if now >= self._life.ends(one, looked_at, life_s):
                    due.append(one)
        return tuple(due)

    def _need(self, symbol: Symbol, phase: Phase, rank: int, now: datetime) -> _Need:
        """Looking costs nothing at the primary feed while the market is open; elsewhere it does."""
        quote = self._known.quotes.get(symbol)
        trades = phase is Phase.REGULAR
        if quote is None or (rank == 0 and trades):
            return _Need.NOW
        if rank > 0 and trades and quote.age_s(now) > self._profile.max_quote_age_s:
            # The primary feed answers, and with yesterday's newspaper.
            return _Need.NOW
        if rank > 0 and (now - quote.fetched_at).total_seconds() < 2 * self._profile.beat_s:
            return _Need.NONE
        return _Need.NOW if self._life is None else _Need.BY_LIFE

    def _may_ask(self, feed: SourceName, rank: int, now: datetime) -> bool:
        """The primary may be asked every beat, a fallback now and then, a pausing feed not yet."""
        failure = self._known.failures.get(feed)
        if failure is not None and (now - failure.at).total_seconds() < failure.pause_s:
            return False
        before = self._asked_at.get(feed)
        interval = self._profile.fallback_interval_s if rank > 0 else 0.0
        return before is None or (now - before).total_seconds() >= interval
