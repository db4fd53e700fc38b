"""The published record and its figures, read as it grows and the same for everybody."""

import csv
import io
from collections.abc import AsyncIterator, Iterable

from attrs import frozen

from alpine_service.domain.signals.book import Book, StrategyBook, together
from alpine_service.domain.signals.counted import COLUMNS, Counted, row_of
from alpine_service.domain.signals.performance import WORST_BP
from alpine_service.domain.signals.record_figures import RecordFigures, figures_of
from alpine_service.ports.outside import Clock
from alpine_service.ports.track_record import Overdue, OverdueDay, RecordStore
from alpine_service.services.shared_look import SharedLook
from alpine_service.services.signals import OVERALL, REVEAL_GRACE_US

_US = 1_000_000
# How long what is new may pile up before somebody asks, in seconds.
REFRESH_S = 60.0
# Few enough that others get a turn in between.
_CHUNK = 100


@frozen
class Record:
    """The figures of all strategies together, and of each that has any, retired ones included.

    `position` is the log's entry up to which the count goes, -1 at its beginning.
    """

    position: int
    overall: RecordFigures
    strategies: tuple[RecordFigures, ...]


class TrackRecord:
    """Keeps what was folded of the record, and reads only what is new."""

    def __init__(self, store: RecordStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._book = Book()
        self._position = -1
        self._made: tuple[Overdue, Record] | None = None
        self._look = SharedLook(self._read)

    async def run(self) -> None:
        """Read what is new from time to time until cancelled, so that nobody waits for much.

        The first time takes the longest: the whole record is folded anew at every start.

        Raises:
            DatabaseAway, DatabaseRefused: run again, it goes on where it was.
        """
        while True:
            await self.figures()
            await self._clock.sleep(REFRESH_S)

    async def figures(self) -> Record:
        """As they are now; looked up after this was called, with others who ask.

        They agree with `Signals.performance` at the same moment.

        Raises:
            DatabaseAway, DatabaseRefused: what was read so far is kept.
        """
        return await self._look.look()

    async def rows(self) -> AsyncIterator[tuple[Counted, ...]]:
        """All that counts, in chunks: overdue commits, then resolved signals in order of position.

        It is of the moment when it began, but for commits that are revealed while the overdue ones
        are read.
        """
        now_us = self._now_us()
        until = (await self._store.overdue(now_us, REVEAL_GRACE_US)).position
        index = -1
        while overdue := await self._store.unrevealed(now_us, REVEAL_GRACE_US, index, _CHUNK):
            yield tuple(overdue)
            index = overdue[-1].position
        async for chunk in self._counted(-1, until):
            yield tuple(chunk)

    async def csv(self) -> AsyncIterator[bytes]:
        """The same as lines of RFC 4180 with a header: every figure follows from them."""
        yield _lines([COLUMNS])
        async for chunk in self.rows():
            yield _lines(row_of(each) for each in chunk)

    async def _read(self) -> Record:
        overdue = await self._store.overdue(self._now_us(), REVEAL_GRACE_US)
        async for chunk in self._counted(self._position, overdue.position):
            self._book.add(chunk)
            self._position = chunk[-1].position
        # All figures follow from these: with nothing new they are the same.
        if self._made is None or self._made[0] != overdue:
            self._made = overdue, _record(self._position, self._book, overdue.days)
        return self._made[1]

    async def _counted(self, after: int, until: int) -> AsyncIterator[list[Counted]]:
        while after < until and (chunk := await self._store.counted(after, until, _CHUNK)):
            yield chunk
            after = chunk[-1].position

    def _now_us(self) -> int:
        return int(self._clock.now().timestamp() * _US)


def _record(position: int, book: Book, overdue: Iterable[OverdueDay]) -> Record:
    books = dict(book.strategies)
    late: dict[str, StrategyBook] = {}
    for each in overdue:
        late.setdefault(each.strategy, StrategyBook()).add_overdue(each.day, WORST_BP, each.count)
    for name, one in late.items():
        books[name] = together([books.get(name, StrategyBook()), one])
    return Record(
        position,
        figures_of(OVERALL, together(books.values())),
        tuple(figures_of(name, books[name]) for name in sorted(books)),
    )


def _lines(rows: Iterable[Iterable[str | int | None]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
