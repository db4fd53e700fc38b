"""The log's own word that there is news: it shortens the wait for the next look, and no more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress

from alpine_service.errors import FeedError
from alpine_service.ports.feed import Feed
from alpine_service.ports.observing import Observer
from alpine_service.ports.outside import Clock
from alpine_service.services.ingest_pace import Waiting

# Between two looks however many hints there are, in seconds.
HINTED_S = 0.05


class Hints:
    """Listens to a log's hints, and waits until there is one. They are believed in nothing."""

    def __init__(self, feed: Feed, waiting: Waiting, clock: Clock, observer: Observer) -> None:
        self._feed = feed
        self._waiting = waiting
        self._clock = clock
        self._observer = observer
        self._hinted = asyncio.Event()
        # What the log had to say when it was last asked; hints are asked for from there on.
        self._heard = asyncio.Event()
        self._promised = 0

    def heard(self, promised: int) -> None:
        """The log was asked, and has so many entries: nobody need be told of those."""
        self._promised = promised
        self._heard.set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen while the block is open, if the log tells us hints at all."""
        listening = asyncio.create_task(self._listen()) if self._feed.has_key else None
        try:
            yield
        finally:
            if listening is not None:
                listening.cancel()
                with suppress(asyncio.CancelledError):
                    await listening

    async def wait(self, seconds: float) -> None:
        """Wait so long, or until the log says that there is news."""
        until = self._clock.monotonic() + HINTED_S
        sleeping = asyncio.create_task(self._clock.sleep(seconds))
        hinted = asyncio.create_task(self._hinted.wait())
        try:
            await asyncio.wait((sleeping, hinted), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            hinted.cancel()
            self._hinted.clear()
        # A log that says without end that there is news is not asked without end.
        await self._clock.sleep(max(0.0, until - self._clock.monotonic()))

    async def _listen(self) -> None:
        await self._heard.wait()
        while True:
            try:
                async with aclosing(self._feed.hints(self._promised)) as hints:
                    async for _ in hints:
                        self._waiting.after_success()
                        self._hinted.set()
            except FeedError as error:
                self._observer.tell("ingest.no_hints", problem=str(error))
            await self._clock.sleep(self._waiting.after_failure())
