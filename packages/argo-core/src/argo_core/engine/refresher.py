"""Asks under way: one task for each source, owned here, landing in what is known."""

import asyncio
from collections.abc import Iterable, Mapping

from argo_core.consensus.opinion import Opinion, SourceName
from argo_core.consensus.profile import Profile
from argo_core.engine.asks import Ask, AskBook
from argo_core.engine.guard import guard
from argo_core.engine.known import Known
from argo_core.errors import VendorError
from argo_core.events import AskSpared
from argo_core.ports import Clock, Observer, OpinionSource


class Refresher:
    """Starts asks, lets them land, and cancels them at the end."""

    def __init__(
        self,
        sources: Mapping[SourceName, OpinionSource],
        profile: Profile,
        known: Known,
        book: AskBook,
        *,
        clock: Clock,
        observer: Observer,
    ) -> None:
        self._sources = sources
        self._profile = profile
        self._known = known
        self._book = book
        self._clock = clock
        self._observer = observer
        self._tasks: dict[SourceName, asyncio.Task[None]] = {}

    @property
    def busy(self) -> frozenset[SourceName]:
        """Sources that have not answered yet."""
        return frozenset(self._tasks)

    def start(self, asks: Iterable[Ask]) -> None:
        """Begin every ask beside the others; none of them is waited for."""
        for ask in asks:
            now = self._clock.now()
            self._book.note(ask, self._known.quotes, now)
            if ask.spared:
                self._observer.notice(AskSpared(ask.source, now, len(ask.spared)))
            if ask.asked:
                self._tasks[ask.source] = asyncio.create_task(
                    self._land(ask), name=f"ask {ask.source}"
                )

    async def landed(self) -> None:
        """Wait until every ask under way has landed."""
        while self._tasks:
            await asyncio.wait(tuple(self._tasks.values()))

    async def stop(self) -> None:
        """Cancel what is under way and wait for it to end."""
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _land(self, ask: Ask) -> None:
        try:
            await self._answer(ask)
        finally:
            del self._tasks[ask.source]

    async def _answer(self, ask: Ask) -> None:
        source = self._sources[ask.source]
        outcome = await guard(
            ask.source,
            lambda: source.opinions(ask.asked, self._clock.now()),
            Opinion,
            timeout_s=self._profile.sources[ask.source].timeout_s,
            clock=self._clock,
            observer=self._observer,
        )
        now = self._clock.now()
        if isinstance(outcome, VendorError):
            self._known.fail(ask.source, outcome, now)
            self._book.forget(ask)
        else:
            self._known.learn(ask.source, outcome.items, now)
