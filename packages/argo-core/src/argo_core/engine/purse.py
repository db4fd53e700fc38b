"""What one vendor may cost in a day, kept by everybody who pays from it."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from attrs import frozen

from argo_core.consensus.opinion import SourceName
from argo_core.errors import SharedAway
from argo_core.events import BudgetBooked, BudgetRefused
from argo_core.ports import Clock, Observer, SpendingBook
from argo_core.resilience.budget import Amount, Budget, DayLimit, Refused, Reservation, Spending
from argo_core.resilience.vendor_day import VendorDays


@frozen
class Held:
    """Money set aside for one ask, on the vendor's `day`."""

    reservation: Reservation
    day: date


class Purse:
    """A vendor's budget: in this process by `Budget`, across restarts and processes by `books`.

    Every book is written before the money is given out, so that a process that dies in between has
    spent it. With books, of which none can be reached, nothing is given out.
    """

    def __init__(
        self,
        source: SourceName,
        limit: DayLimit,
        days: VendorDays,
        *,
        clock: Clock,
        observer: Observer,
        books: Sequence[SpendingBook] = (),
    ) -> None:
        self.source = source
        self.limit = limit
        self._days = days
        self._clock = clock
        self._observer = observer
        self._books = tuple(books)
        self._budget = Budget(limit, days)

    async def open(self) -> None:
        """Begin where the day stands in the books; the most expensive story is believed.

        Raises:
            InvalidInput: the vendor's day is unknown.
        """
        now = self._clock.now()
        day = self._days.day(now)
        spent = Amount()
        for book in self._books:
            try:
                told = await book.add(self.source, day, Amount())
            except SharedAway:
                continue
            spent = _larger(spent, told)
        resets_at = self._days.next_midnight(now, day)
        self._budget = Budget(self.limit, self._days, Spending(day, spent, Amount(), resets_at))
        self._tell()

    async def reserve(self, amount: Amount) -> Held | Refused:
        """Set the worst case of an ask aside, or say which measure stands against it."""
        now = self._clock.now()
        taken = self._budget.reserve(amount, now)
        if isinstance(taken, Refused):
            return self._refuse(taken)
        standing = self._budget.spending(now)
        held = Held(taken, standing.day)
        try:
            lacking = await self._write(held)
        except BaseException:
            self.abandon(held)
            raise
        if lacking is not None:
            self._budget.cancel(taken, now)
            return self._refuse(Refused(lacking, standing.resets_at))
        self._tell()
        return held

    async def settle(self, held: Held, actual: Amount) -> None:
        """Book what the ask came to, and give the rest back."""
        reserved = held.reservation.amount
        self._budget.settle(held.reservation, actual, self._clock.now())
        self._tell()
        less, more = _beyond(reserved, actual), _beyond(actual, reserved)
        for book in self._books:
            try:
                if less != Amount():
                    await book.subtract(self.source, held.day, less)
                if more != Amount():
                    await book.add(self.source, held.day, more)
            except SharedAway:
                # What stays in the book is the worst case, which errs on the thrifty side.
                continue

    def abandon(self, held: Held) -> None:
        """Nobody will learn what the ask came to, so it came to all that was set aside."""
        self._budget.settle(held.reservation, None, self._clock.now())

    def relimit(self, limit: DayLimit) -> None:
        """Another limit from now on; what is spent and set aside today counts against it."""
        self.limit = self._budget.limit = limit
        self._tell()

    @property
    def spending(self) -> Spending:
        """Where the vendor's day stands, as far as this process knows."""
        return self._budget.spending(self._clock.now())

    async def _write(self, held: Held) -> str | None:
        """Put the reservation into all books, or into none and say what it exceeds."""
        amount, written = held.reservation.amount, list[SpendingBook]()
        lacking = None
        for book in self._books:
            try:
                total = await book.add(self.source, held.day, amount)
            except SharedAway:
                continue
            written.append(book)
            lacking = lacking or self.limit.lacks(total)
        if self._books and not written:
            return "book"
        if lacking is not None:
            for book in written:
                try:
                    await book.subtract(self.source, held.day, amount)
                except SharedAway:
                    continue
        return lacking

    def _refuse(self, refused: Refused) -> Refused:
        now = self._clock.now()
        self._observer.notice(BudgetRefused(self.source, now, refused.measure, refused.resets_at))
        return refused

    def _tell(self) -> None:
        now = self._clock.now()
        standing = self._budget.spending(now)
        self._observer.notice(
            BudgetBooked(
                self.source,
                now,
                standing.spent,
                standing.reserved,
                self.limit,
                standing.resets_at,
            )
        )


def _larger(one: Amount, other: Amount) -> Amount:
    return Amount(
        max(one.usd, other.usd), max(one.tokens, other.tokens), max(one.calls, other.calls)
    )


def _beyond(one: Amount, other: Amount) -> Amount:
    """By how much `one` exceeds `other`, in each measure; nothing where it does not."""
    return Amount(
        max(Decimal(0), one.usd - other.usd),
        max(0, one.tokens - other.tokens),
        max(0, one.calls - other.calls),
    )
