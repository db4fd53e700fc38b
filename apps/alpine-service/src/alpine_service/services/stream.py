"""The live stream: one reader of events for all listeners of this process.

Listeners pull. The newest frames lie in one row for all; who is woken takes what lies behind its
own place, joined once for all that stand at the same place with the same wish. So nobody has a
queue that could grow: a listener that does not keep up falls behind the row and reads from the
store, like one that comes back with an old number.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from itertools import islice

from attrs import frozen

from alpine_service.domain.delivery.frame import HEARTBEAT, Frame, Wish, frame_of
from alpine_service.ports.events import Events, Wakeup
from alpine_service.ports.observing import Observer
from alpine_service.ports.outside import Clock

HEARTBEAT_S = 15.0
# How often to look although nobody gave a hint.
LOOK_EVERY_S = 1.0
# Frames kept for those that come back soon, and how many are sent at once.
KEPT = 2_048
AT_ONCE = 256


@frozen
class Chunk:
    """Bytes to send, and the number of the newest event that they account for."""

    upto: int
    wire: bytes


class Stream:
    """Hands events to listeners as they are committed."""

    def __init__(
        self, events: Events, hint: Wakeup, clock: Clock, observer: Observer, kept: int = KEPT
    ) -> None:
        self._events = events
        self._hint = hint
        self._clock = clock
        self._observer = observer
        self._kept = kept
        self._row: deque[Frame] = deque()
        # Numbers up to this one are not in the row, or never were.
        self._before = 0
        self._last = 0
        self._beats = 0
        self._is_closed = False
        self._started = asyncio.Event()
        self._news = asyncio.Event()
        self._joined: dict[tuple[int, Wish], Chunk] = {}
        self._listeners = 0

    @property
    def listeners(self) -> int:
        """How many listen now."""
        return self._listeners

    @property
    def last(self) -> int:
        """The number of the newest event that was read."""
        return self._last

    async def newest(self) -> int:
        """The number of the newest event in the store, which may be ahead of what was read."""
        return await self._events.last()

    async def run(self) -> None:
        """Read events until cancelled.

        Raises:
            Unavailable: the store is away; run again, it goes on where it was.
        """
        if not self._started.is_set():
            self._before = self._last = await self._events.last()
            self._started.set()
        beat_at = self._clock.monotonic()
        while True:
            found = await self._events.after(self._last, AT_ONCE)
            if found:
                self._add([frame_of(event) for event in found])
            if self._clock.monotonic() - beat_at >= HEARTBEAT_S:
                beat_at = self._clock.monotonic()
                self._beats += 1
                self._wake()
            if not found:
                await self._hint.wait(LOOK_EVERY_S)

    def close(self) -> None:
        """Let every listener come to its end."""
        self._is_closed = True
        self._wake()

    async def listen(self, wish: Wish, since: int | None) -> AsyncGenerator[Chunk]:
        """Chunks behind the event `since`, or from now on; a chunk of a heartbeat has no news.

        Ends when the stream closes.

        Raises:
            Unavailable: what lies far behind could not be read.
        """
        self._listeners += 1
        try:
            await self._started.wait()
            place = self._last if since is None else since
            beats = self._beats
            while not self._is_closed:
                news = self._news
                if place < self._before:
                    chunk = await self._replayed(place, wish)
                else:
                    chunk = self._live(place, wish)
                if chunk.upto > place:
                    place = chunk.upto
                elif beats == self._beats:
                    await news.wait()
                    continue
                if not chunk.wire and beats != self._beats:
                    chunk = Chunk(place, HEARTBEAT)
                beats = self._beats
                if chunk.wire:
                    yield chunk
        finally:
            self._listeners -= 1

    def _add(self, frames: list[Frame]) -> None:
        self._row.extend(frames)
        self._last = frames[-1].number
        self._observer.tell(
            "stream.told", events=len(frames), upto=self._last, listeners=self._listeners
        )
        while len(self._row) > self._kept:
            self._before = self._row.popleft().number
        self._wake()

    def _wake(self) -> None:
        self._joined.clear()
        woken, self._news = self._news, asyncio.Event()
        woken.set()

    def _live(self, place: int, wish: Wish) -> Chunk:
        """What lies behind that place in the row; made once for all that ask the same."""
        known = self._joined.get((place, wish))
        if known is None:
            # Numbers have no gap, so a place in the row is a difference.
            skipped = place - self._before
            frames = list(islice(self._row, skipped, skipped + AT_ONCE))
            known = _joined(place, frames, wish)
            self._joined[place, wish] = known
        return known

    async def _replayed(self, place: int, wish: Wish) -> Chunk:
        """What lies behind that place in the store, up to where the row begins."""
        # Looked at before the store is read, because the row goes on meanwhile.
        before = self._before
        found = await self._events.after(place, AT_ONCE, wish.audience)
        frames = [frame_of(event) for event in found]
        upto = frames[-1].number if len(frames) == AT_ONCE else before
        wanted = [frame for frame in frames if frame.number <= upto]
        return Chunk(upto, _joined(place, wanted, wish).wire)


def _joined(place: int, frames: list[Frame], wish: Wish) -> Chunk:
    upto = frames[-1].number if frames else place
    return Chunk(upto, b"".join(frame.wire for frame in frames if wish.wants(frame)))
