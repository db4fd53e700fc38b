"""Prices for every symbol in one go: the primary feed, and the fallback for what it lacks."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from argo_core.consensus.opinion import SourceName
from argo_core.consensus.profile import Profile
from argo_core.engine.guard import guard
from argo_core.engine.known import Known
from argo_core.errors import VendorError
from argo_core.market.instrument import Instrument
from argo_core.market.quote import Quote
from argo_core.ports import Clock, Observer, Quotes


class Prices:
    """Refreshes prices, waiting until the deadline; a late answer lands in a later cycle."""

    def __init__(
        self,
        feeds: Sequence[Quotes],
        profile: Profile,
        known: Known,
        *,
        clock: Clock,
        observer: Observer,
    ) -> None:
        self._feeds = feeds
        self._profile = profile
        self._known = known
        self._clock = clock
        self._observer = observer
        self._asked_at: dict[SourceName, datetime] = {}
        self._task: asyncio.Task[None] | None = None

    async def refresh(self, *, wait: bool = False) -> None:
        """Ask for all prices and return at the deadline, or, with `wait`, when all have landed."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._ask_feeds(), name="prices")
        if wait:
            await asyncio.wait((self._task,))
            return
        try:
            async with self._clock.timeout(self._profile.price_deadline_s):
                await asyncio.wait((self._task,))
        except TimeoutError:
            return

    async def stop(self) -> None:
        """Cancel the ask under way and wait for it to end."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _ask_feeds(self) -> None:
        wanted: Sequence[Instrument] = tuple(self._known.instruments.values())
        for rank, feed in enumerate(self._feeds):
            now = self._clock.now()
            if rank > 0:
                wanted = self._lacking(wanted, now)
            if wanted and self._may_ask(feed.name, rank, now):
                self._asked_at[feed.name] = now
                await self._ask(feed, wanted)

    async def _ask(self, feed: Quotes, wanted: Sequence[Instrument]) -> None:
        outcome = await guard(
            feed.name,
            lambda: feed.quotes(wanted),
            Quote,
            timeout_s=self._profile.price_timeout_s,
            clock=self._clock,
            observer=self._observer,
        )
        now = self._clock.now()
        if isinstance(outcome, VendorError):
            self._known.fail(feed.name, outcome, now)
        else:
            self._known.recover(feed.name)
            self._known.observe(outcome.items, now)

    def _lacking(self, wanted: Sequence[Instrument], now: datetime) -> Sequence[Instrument]:
        """Those whose price nobody has confirmed for two beats."""
        limit = 2 * self._profile.beat_s
        quotes = self._known.quotes
        return tuple(
            one
            for one in wanted
            if one.symbol not in quotes
            or (now - quotes[one.symbol].fetched_at).total_seconds() >= limit
        )

    def _may_ask(self, feed: SourceName, rank: int, now: datetime) -> bool:
        """The primary may be asked every beat, a fallback now and then, a pausing feed not yet."""
        failure = self._known.failures.get(feed)
        if failure is not None and (now - failure.at).total_seconds() < failure.pause_s:
            return False
        before = self._asked_at.get(feed)
        interval = self._profile.fallback_interval_s if rank > 0 else 0.0
        return before is None or (now - before).total_seconds() >= interval
