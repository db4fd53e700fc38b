"""Compares the broker's books with ours: at the start, after every gap, and every minute."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from attrs import evolve

from argo_core.errors import BrokerError, BrokerGarbled, InvalidInput
from argo_core.events import Reconciled, TradingAlarm
from argo_core.execution.dealer import Dealer
from argo_core.execution.office import Office
from argo_core.market.instrument import Symbol
from argo_core.trading.book import Book
from argo_core.trading.book_view import BookView, OwnOrder
from argo_core.trading.broker_view import BrokerAccount
from argo_core.trading.credible import check_account, check_comparable, check_flows
from argo_core.trading.drift import Difference, DriftKind
from argo_core.trading.fact import (
    Accounted,
    CauseCleared,
    CauseRaised,
    Fact,
    Flowed,
    Refused,
)
from argo_core.trading.order import Status
from argo_core.trading.reconcile import Reconciliation, reconcile
from argo_core.trading.state import Cause, Relief, relieved

# So long nothing is written down of an account that stays as it is.
_LONGEST = timedelta(hours=1)
# The broker's clock and ours may differ, and what we hear twice changes nothing.
_OVERLAP = timedelta(minutes=10)
_SHOWN = 3
_SHARES = {DriftKind.QUANTITY, DriftKind.UNKNOWN_POSITION}
MISSABLE = 3
"""So many comparisons of the books may be missed before something is wrong."""


class Reconciler:
    """`last` is what the newest comparison found, None until there was one in this life.

    `equal_at` is when the books that were found equal last began to be read.
    """

    def __init__(self, office: Office, dealer: Dealer) -> None:
        self.last: Reconciliation | None = None
        self.last_at: datetime | None = None
        self.equal_at: datetime | None = None
        self._office = office
        self._dealer = dealer
        self._due = True
        self._tried: datetime | None = None
        self._missed: dict[str, int] = {}
        self._account: BrokerAccount | None = None

    @property
    def differences(self) -> tuple[Difference, ...]:
        """In what the books differed when they were last compared."""
        return self.last.differences if self.last else ()

    @property
    def disputed(self) -> Mapping[Symbol, Decimal]:
        """What the broker says is held, of every symbol of which our book says something else."""
        return {
            one.symbol: Decimal(one.theirs)
            for one in self.differences
            if one.symbol is not None and one.kind in _SHARES
        }

    def demand(self) -> None:
        """The next chance has to be taken: something may have been missed."""
        self._due = True

    async def accept(self, reason: str) -> None:
        """Take the broker's money for ours where nothing but that differed.

        Fees, interest and the like come to light so; shares and orders are never waved through.

        Raises:
            JournalError: it could not be noted.
        """
        kinds = {one.kind for one in self.differences}
        book, now = self._office.book, self._office.now()
        if not kinds or self._account is None or not kinds <= {DriftKind.CASH, DriftKind.AVERAGE}:
            return
        facts: list[Fact] = [Accounted(now, self._account)]
        if Cause.DRIFT in book.causes:
            facts.append(CauseCleared(now, Cause.DRIFT, reason))
        await self._office.note(*facts)

    def is_due(self, now: datetime) -> bool:
        """Whether it is time; after a failure the broker is left alone for a moment."""
        if self._dealer.is_resting:
            return False
        if self._tried is not None and now - self._tried < self._office.policy.retry:
            return False
        age = None if self.last_at is None else now - self.last_at
        return self._due or age is None or age >= self._office.policy.reconcile

    async def run(self) -> None:
        """Read the broker's books, take in what is news, and raise or clear what follows.

        Raises:
            JournalError: something could not be noted.
        """
        clock, began = self._office.clock, self._office.clock.monotonic()
        self._tried = clock.now()
        try:
            found = await self._compare()
        except BrokerError as error:
            self._dealer.heed(error)
            self._office.notice(TradingAlarm(clock.now(), f"not reconciled: {error}"))
            await self._hold_back(clock.now())
            return
        now = clock.now()
        self._due = bool(found.missing or found.excused)
        self.last, self.last_at = found, now
        await self._conclude(found, now)
        problem = found.differences[0].text if found.differences else ""
        seconds = clock.monotonic() - began
        self._office.notice(Reconciled(now, seconds, len(found.differences), problem))

    async def _hold_back(self, now: datetime) -> None:
        """Open nothing while nobody knows for long whether the books are equal."""
        last, longest = self.last_at, self._office.policy.reconcile * MISSABLE
        if last is None or now - last <= longest or Cause.DRIFT in self._office.book.causes:
            return
        why = f"the broker's books could not be compared since {last.isoformat()}"
        await self._office.note(CauseRaised(now, Cause.DRIFT, why))

    async def _compare(self) -> Reconciliation:
        book, ask, broker = self._office.book, self._office.ask, self._office.broker
        began, first = self._office.now(), book.accounted_at is None
        # Whatever differed last time has to be seen again, so only equal books are left behind.
        last = self.equal_at or book.accounted_at
        since = None if last is None else last - _OVERLAP
        orders = await ask(broker.orders(since))
        positions = await ask(broker.positions())
        account = await ask(broker.account())
        flows = await ask(broker.flows(since)) if since is not None else ()
        now = self._office.now()
        try:
            check_comparable(orders, positions)
            check_account(account)
            check_flows(flows)
        except InvalidInput as error:
            raise BrokerGarbled(broker.name, str(error)) from error
        news: list[Fact] = []
        if first:
            # Nobody knows yet what money there should be.
            news.append(Accounted(now, account))
        if book.account and book.account.id == account.id:
            news += [Flowed(now, one) for one in flows if one.id not in book.flows]
        if news:
            await self._office.note(*news)
        found = reconcile(book_view(book), orders, positions, account, before=self.last)
        for said in found.updates:
            await self._dealer.hear(said)
        await self._look_for(found.missing)
        # A fill that came between two reads is in the money already and not in our book yet.
        if found.certain:
            if self._is_news(account, now):
                await self._office.note(Accounted(now, account))
            self.equal_at = began
        self._account = account
        return found

    def _is_news(self, account: BrokerAccount, now: datetime) -> bool:
        """Whether the account is worth a fact; what it is worth alone changes all the time."""
        book, known = self._office.book, self._office.book.account
        if known is None or book.accounted_at is None or self.equal_at is None:
            return True
        is_old = now - book.accounted_at >= _LONGEST
        return is_old or evolve(known, equity=account.equity) != account

    async def _look_for(self, missing: tuple[str, ...]) -> None:
        """An order that the list lacks is asked for by name, twice, before it counts as gone."""
        book = self._office.book
        self._missed = {name: self._missed.get(name, 0) for name in missing}
        for name in missing:
            order = book.orders[name]
            if not order.is_open or await self._dealer.look(order) is not None:
                self._missed.pop(name)
                continue
            self._missed[name] += 1
            if self._missed[name] > 1:
                self._missed.pop(name)
                await self._office.note(
                    Refused(self._office.now(), name, "the broker does not know it", lost=True)
                )

    async def _conclude(self, found: Reconciliation, now: datetime) -> None:
        """Hold trading back for as long as the books differ."""
        causes, facts = self._office.book.causes, list[Fact]()
        blocked = self._account.blocked if self._account else None
        if found.differences:
            why = "; ".join(one.text for one in found.differences[:_SHOWN])
            if Cause.DRIFT not in causes or causes[Cause.DRIFT][1] != why:
                facts += [CauseCleared(now, Cause.DRIFT, why)] if Cause.DRIFT in causes else []
                facts.append(CauseRaised(now, Cause.DRIFT, why))
                self._office.notice(TradingAlarm(now, why, found.differences[0].symbol))
            if Cause.STARTING in causes:
                facts.append(CauseCleared(now, Cause.STARTING, "the books were compared"))
        elif found.certain:
            facts += [
                CauseCleared(now, cause, "the broker's books and ours are equal")
                for cause in causes
                if relieved(cause, Relief.RECONCILED) and not (cause is Cause.BLOCKED and blocked)
            ]
        if blocked and Cause.BLOCKED not in causes:
            facts.append(CauseRaised(now, Cause.BLOCKED, blocked))
            self._office.notice(TradingAlarm(now, f"the account is blocked: {blocked}"))
        if facts:
            await self._office.note(*facts)


def book_view(book: Book) -> BookView:
    """The book as reconciliation compares it."""
    since = book.accounted_at
    return BookView(
        account=book.account.id if book.account else "",
        cash=book.cash,
        orders={name: OwnOrder.of(one) for name, one in book.orders.items()},
        positions=book.held(),
        known=frozenset(book.orders),
        in_flight=frozenset(one.id for one in book.open_orders() if one.status is Status.INTENDED),
        fills=sum(since is None or one.at >= since for one in book.fills),
    )
