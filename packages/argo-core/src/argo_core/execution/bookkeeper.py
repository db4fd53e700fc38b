"""Facts are written down first, then known, then told to whoever watches."""

from collections.abc import Callable, Sequence

from argo_core.events import (
    Event,
    OrderDenied,
    OrderEnded,
    OrderFilled,
    OrderPlaced,
    TradingStateChanged,
)
from argo_core.ports import Observer, TradingJournal
from argo_core.trading.book import Book
from argo_core.trading.book_order import BookOrder
from argo_core.trading.fact import CauseCleared, CauseRaised, Fact, Judged, Numbered, order_of
from argo_core.trading.order import Status
from argo_core.trading.state import TradingState

PAGE = 5_000


class Bookkeeper:
    """The one writer of the journal, and of the book that follows from it.

    `changed` is called whenever the book has changed, before anything else can happen.
    """

    def __init__(self, broker: str, journal: TradingJournal, observer: Observer) -> None:
        self.book = Book(broker)
        self.changed: Callable[[], None] = _nobody
        self._journal = journal
        self._observer = observer

    async def open(self) -> None:
        """Take up all that was written down before.

        Raises:
            JournalError: it cannot be read.
        """
        while page := await self._journal.facts(self.book.number, PAGE):
            self.book.apply_all(page)
        self.changed()

    async def note(self, *facts: Fact) -> None:
        """Write these down durably, all or none; only then they are so.

        Raises:
            JournalError: nothing was written and nothing is known.
        """
        before = self.book.state
        for numbered in await self._journal.append(facts):
            self._apply(numbered)
        self._tell_state(before, facts)

    async def history(self, order_id: str) -> tuple[Numbered, ...]:
        """Every fact about an order.

        Raises:
            JournalError: it cannot be read.
        """
        return await self._journal.of_order(order_id)

    def _apply(self, numbered: Numbered) -> None:
        fact, book = numbered.fact, self.book
        name = order_of(fact)
        order = book.orders.get(name or "")
        last = book.fills[-1].number if book.fills else 0
        book.apply(numbered)
        self.changed()
        for event in (*_of_order(book, order, name, last), *_denied(fact)):
            self._observer.notice(event)

    def _tell_state(self, before: TradingState, facts: Sequence[Fact]) -> None:
        """Once for all that was noted together: what was raised, or else what was cleared."""
        raised = [one for one in facts if isinstance(one, CauseRaised)]
        cleared = [one for one in facts if isinstance(one, CauseCleared)]
        changes = raised or cleared
        after = self.book.state
        if changes and (raised or after is not before):
            at, why = changes[-1].at, "; ".join(dict.fromkeys(one.why for one in changes))
            causes = tuple(self.book.causes)
            self._observer.notice(TradingStateChanged(at, before, after, causes, why))


def _nobody() -> None:
    """Nobody has to know."""


def _denied(fact: Fact) -> Sequence[Event]:
    if not isinstance(fact, Judged) or fact.certificate.allowed:
        return ()
    one = fact.certificate
    return (OrderDenied(one.symbol, one.at, one.order_id, one.side, one.denials, one.signal_id),)


def _of_order(book: Book, before: BookOrder | None, name: str | None, last: int) -> Sequence[Event]:
    """What became of an order by a fact."""
    now = book.orders.get(name or "")
    if now is None:
        return ()
    request, at, events = now.request, now.updated_at, list[Event]()
    was = before.status if before else Status.INTENDED
    if now.broker_id is not None and (before is None or before.broker_id is None):
        events.append(
            OrderPlaced(
                *(request.symbol, at, now.id, request.side, now.leg, request.quantity),
                limit=request.limit,
                signal_id=now.signal_id,
            )
        )
    events += [
        OrderFilled(
            *(fill.symbol, fill.at, fill.order_id, fill.side, fill.leg, fill.quantity, fill.price),
            fee=fill.fee,
            realised=fill.realised,
        )
        for fill in list(book.fills)[-1:]
        if fill.number > last
    ]
    if was.is_open and now.status.is_end:
        problem = now.problem or ""
        events.append(
            OrderEnded(request.symbol, at, now.id, now.leg, now.status, now.filled, problem)
        )
    return events
