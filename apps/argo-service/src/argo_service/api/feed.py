"""What everybody who listens is sent: entries once they are published, each encoded once for all.

Listeners pull: each asks for the entries after the last one it took, as fast as it takes them. So
nothing queues up for a slow one, and one that comes back goes on from the log where it was.
"""

import asyncio
from asyncio import Transport
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager, suppress

from attrs import frozen

from argo_core.ledger.note import Note
from argo_core.ports import Clock, SignalLog
from argo_service.api.errors import Crowded, TooManyRequests
from argo_service.api.frames import HEARTBEAT, HELLO, checkpoint_frame, entry_frame
from argo_service.api.published import Publication, newest
from argo_service.parts import read_entries

HEARTBEAT_S = 15.0
# Whoever asks us to stop waits a second before becoming rude.
CLOSE_S = 0.25
MOST_LISTENERS = 200
MOST_OF_ONE_CALLER = 20
_RETRY_S = 5.0
# A page is what is read, encoded and sent at once: no more entries, and hardly more bytes.
_PAGE_ENTRIES = 128
_PAGE_BYTES = 262_144
_KEPT_PAGES = 16


@frozen
class _Page:
    """The frames of entries from one index up to `stop`."""

    stop: int
    data: bytes


@frozen(eq=False)
class _Seat:
    """Who listens, and by what."""

    caller: str
    transport: Transport


class Feed:
    """Published entries for many listeners; `run` it beside them, and `close` it to end them."""

    def __init__(self, log: SignalLog, publication: Publication | None, clock: Clock) -> None:
        self._log = log
        self._publication = publication
        self._clock = clock
        self._news = asyncio.Event()
        self._closed = False
        self._reading = asyncio.Lock()
        self._pages: OrderedDict[tuple[int, int], _Page] = OrderedDict()
        self._seats: set[_Seat] = set()
        self._left = asyncio.Event()

    @property
    def listeners(self) -> int:
        """How many listen now."""
        return sum(not seat.transport.is_closing() for seat in self._seats)

    async def run(self) -> None:
        """Wake the listeners whenever more is published, until cancelled."""
        if self._publication is None:
            return
        size = 0
        while True:
            size = (await self._publication.beyond(size)).size
            self._wake()

    async def close(self) -> None:
        """Let every listener come to its end, and cut off those who take nothing."""
        self._closed = True
        self._wake()
        with suppress(TimeoutError):
            async with self._clock.timeout(CLOSE_S):
                while self._seats:
                    await self._left.wait()
                    self._left.clear()
        for seat in self._seats:
            seat.transport.abort()

    @contextmanager
    def seat(self, caller: str, transport: Transport) -> Iterator[None]:
        """One listener's place while the block lasts, or until its connection is gone.

        Raises:
            TooManyRequests: this caller listens often enough.
            Crowded: there is no place left.
        """
        # Who has hung up is noticed at the next write only, and must not keep others out till then.
        taken = [seat.caller for seat in self._seats if not seat.transport.is_closing()]
        if taken.count(caller) >= MOST_OF_ONE_CALLER:
            problem = f"{MOST_OF_ONE_CALLER} streams at a time are allowed"
            raise TooManyRequests(problem, _RETRY_S)
        if len(taken) >= MOST_LISTENERS:
            raise Crowded(f"all {MOST_LISTENERS} streams are taken")
        seat = _Seat(caller, transport)
        self._seats.add(seat)
        try:
            yield
        finally:
            self._seats.discard(seat)
            self._left.set()

    async def follow(self, start: int) -> AsyncGenerator[bytes, None]:
        """Bytes to send: the entries from index `start`, and a checkpoint when it has them all.

        When cosignatures come late, the checkpoint is sent again, with the next sign of life.

        Raises:
            LogError: the log cannot be read.
        """
        yield HELLO
        told: Note | None = None
        while not self._closed:
            # Taken before looking, so that what comes in between is not missed.
            news = self._news
            published = newest(self._publication)
            if published is not None and start < published.size:
                page = await self._page(start, published.size)
                start = page.stop
                yield page.data
            elif published is not None and start == published.size and published.note != told:
                told = published.note
                yield checkpoint_frame(published.note)
            elif not await self._heard(news):
                yield HEARTBEAT

    async def _page(self, start: int, stop: int) -> _Page:
        """The next page of entries; who lives in the present asks for the same as the others."""
        stop = min(stop, start + _PAGE_ENTRIES)
        async with self._reading:
            page = self._pages.get((start, stop))
            if page is None:
                page = await self._read(start, stop)
                self._pages[start, stop] = page
                if len(self._pages) > _KEPT_PAGES:
                    self._pages.popitem(last=False)
        return page

    async def _read(self, start: int, stop: int) -> _Page:
        frames, size = [], 0
        for index, data in enumerate(await read_entries(self._log, start, stop), start):
            frames.append(entry_frame(index, data))
            size += len(frames[-1])
            if size >= _PAGE_BYTES:
                break
        return _Page(start + len(frames), b"".join(frames))

    async def _heard(self, news: asyncio.Event) -> bool:
        """Whether there was news before it was time for a sign of life."""
        try:
            async with self._clock.timeout(HEARTBEAT_S):
                await news.wait()
        except TimeoutError:
            return False
        return True

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()
