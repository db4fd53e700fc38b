"""One look at everything: what came, then what follows from it. One task alone may take it.

It compares what is with what shall be after everything that happens, so that whatever was lost or
cut off is found at the next look. See `argo_core.trading.steps`.
"""

from datetime import datetime
from decimal import Decimal

from argo_core.errors import BrokerGarbled
from argo_core.events import TradingAlarm
from argo_core.execution.control import Control
from argo_core.execution.daily import Daily
from argo_core.execution.dealer import Dealer
from argo_core.execution.entries import Entries
from argo_core.execution.inbox import Inbox
from argo_core.execution.office import Office
from argo_core.execution.reconciler import Reconciler
from argo_core.execution.watchman import Watchman
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.market.session import Phase
from argo_core.signals.signal import Signal
from argo_core.trading.broker_view import BrokerUpdate, StreamGap
from argo_core.trading.fact import Intended, Recorded
from argo_core.trading.monitor import narrow_mid
from argo_core.trading.step import Step
from argo_core.trading.steps import Steps

ROUNDS = 20
"""How often one look may follow another before something else gets its turn."""

DEAREST = Decimal(10**8)
"""No share costs as much."""


class Desk:
    """Does the work of a trader; `account` is what makes order ids ours."""

    def __init__(self, account: str, office: Office, inbox: Inbox) -> None:
        self.reconciler = Reconciler(office, dealer := Dealer(office))
        self.watchman = Watchman(office)
        self._office = office
        self._inbox = inbox
        self._dealer = dealer
        self._daily = Daily(office)
        self._entries = Entries(account, office)
        self._control = Control(office, self.reconciler, self.watchman)
        self._steps = Steps(account, office.policy.pace)
        self._marked: dict[Symbol, datetime] = {}

    @property
    def is_ready(self) -> bool:
        """Whether the broker's books were compared with ours since the start."""
        return self.reconciler.last is not None

    async def work(self) -> None:
        """Everything that came, then everything that follows.

        Raises:
            JournalError: something could not be noted, and was not done either.
        """
        await self.take_logged()
        await self._take_updates()
        await self._take_orders()
        if self.reconciler.is_due(self._office.now()):
            await self.reconciler.run()
            self._steps.disputed = self.reconciler.disputed
        if await self._daily.begin():
            self.reconciler.demand()
        await self._take_prices()
        await self._daily.count()
        if self.is_ready:
            await self._advance()
        if self._dealer.wants_comparison:
            self._dealer.wants_comparison = False
            self.reconciler.demand()

    async def take_logged(self) -> None:
        """Note what the signal log has taken.

        Raises:
            JournalError: it could not be noted.
        """
        while self._inbox.logged:
            indices = self._inbox.logged.popleft()
            await self._office.note(Recorded(self._office.now(), indices))

    async def _take_updates(self) -> None:
        inbox = self._inbox
        if inbox.lost:
            inbox.lost = False
            self.reconciler.demand()
        while inbox.updates:
            update = inbox.updates.popleft()
            if isinstance(update, StreamGap) or not await self._is_heard(update):
                # Something was missed, or somebody else trades on this account: the comparison
                # says what and shows it.
                self.reconciler.demand()

    async def _is_heard(self, update: BrokerUpdate) -> bool:
        try:
            return await self._dealer.hear(update.order, update.execution)
        except BrokerGarbled as error:
            self._office.notice(TradingAlarm(self._office.now(), str(error)))
            return False

    async def _take_orders(self) -> None:
        while self._inbox.orders:
            await self._control.carry_out(self._inbox.orders.popleft())

    async def _take_prices(self) -> None:
        now, inbox, market = self._office.now(), self._inbox, self._office.market
        while inbox.seen:
            seen = inbox.seen.popleft()
            market.see(seen)
            for quote in seen.quotes.values():
                await self._judge(quote, now)
            for index, signal in seen.signals:
                await self._follow(index, signal)
        quotes, inbox.quotes = inbox.quotes, {}
        for quote in quotes.values():
            market.observe(quote)
            # Between cycles nobody tells the last trade, so what is no narrow quote is no price.
            if narrow_mid(quote, self._office.policy.monitor.widest) is not None:
                await self._judge(quote, now)
        await self.watchman.judge_time(now)

    async def _judge(self, quote: Quote, now: datetime) -> None:
        self._mark(quote, now)
        await self.watchman.judge(quote, now)

    def _mark(self, quote: Quote, now: datetime) -> None:
        """Value what is held by the newest price: halfway of a narrow quote, or the last trade.

        A side that stands far off, as at night, would be a loss or a gain that is none. What is of
        the future would stay the newest for ever.
        """
        symbol, policy = quote.symbol, self._office.policy.monitor
        mark = narrow_mid(quote, policy.widest) or quote.price
        is_new = self._marked.get(symbol, quote.at) <= quote.at <= now + policy.ahead
        if is_new and mark < DEAREST and self._daily.is_of_today(quote):
            self._marked[symbol] = quote.at
            self._office.book.marks[symbol] = mark

    async def _follow(self, index: int, signal: Signal) -> None:
        facts = self._entries.facts(self._office.book, index, signal, self._office.now())
        if facts and isinstance(facts[-1], Intended):
            await self._dealer.enter(facts[-1], *facts[:-1])
        elif facts:
            await self._office.note(*facts)

    async def _advance(self) -> None:
        """Take steps until there are none, or an answer has to come first."""
        for _ in range(ROUNDS):
            await self._dealer.settle_doubts()
            steps = self._next()
            if not steps:
                return
            for step in steps:
                if self._dealer.is_resting:
                    return
                if self._inbox.orders:
                    # Operators do not wait for a slow broker longer than for one answer.
                    self._inbox.woken.set()
                    return
                await self._dealer.perform(step)
        self._inbox.woken.set()

    def _next(self) -> list[Step]:
        now, book, market = self._office.now(), self._office.book, self._office.market
        symbols = {one.request.symbol for one in book.open_orders()} | book.held().keys()
        return [
            step
            for symbol in sorted(symbols)
            for step in self._steps.next(
                book, symbol, now, open_now=market.phase(symbol, now) is Phase.REGULAR
            )
        ]
