"""The trader: one task that owns book, broker and journal, and is told everything by an inbox.

What it does is at the `Desk`; this is what the engine and operators know of it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal

from attrs import evolve

from argo_core.engine.seen import Seen
from argo_core.engine.untraced import UNTRACED
from argo_core.errors import InvalidInput, JournalError
from argo_core.events import TradingAlarm
from argo_core.execution.bookkeeper import Bookkeeper
from argo_core.execution.desk import Desk
from argo_core.execution.inbox import Inbox
from argo_core.execution.market import Market
from argo_core.execution.office import Office
from argo_core.execution.policy import TradingPolicy
from argo_core.market.instrument import Instrument, Symbol
from argo_core.market.quote import Quote
from argo_core.ports import Broker, Calendar, Clock, Observer, Tracer, TradingJournal
from argo_core.signals.signal import Signal
from argo_core.trading.account import account_view
from argo_core.trading.book import Book
from argo_core.trading.certificate import RuleResult
from argo_core.trading.drift import Difference
from argo_core.trading.fact import CauseRaised, Numbered
from argo_core.trading.limits import RiskLimits
from argo_core.trading.risk.judge import margins
from argo_core.trading.state import Cause
from argo_core.trading.trade import Trade
from argo_core.trading.views import AccountView

STOP_S = 3.0
LISTEN_AGAIN_S = 5.0


class Trader:
    """Open it before the engine starts and stop it after; the engine knows it as `Trading`."""

    def __init__(
        self,
        account: str,
        broker: Broker,
        journal: TradingJournal,
        instruments: Sequence[Instrument],
        calendar: Calendar,
        *,
        clock: Clock,
        observer: Observer,
        policy: TradingPolicy | None = None,
        sectors: Mapping[Symbol, str] | None = None,
        tracer: Tracer = UNTRACED,
    ) -> None:
        policy = policy or TradingPolicy()
        self.name = broker.name
        self.market = Market(instruments, calendar, sectors or {})
        self.failed: Exception | None = None
        self._broker = broker
        self._clock = clock
        self._observer = observer
        self._inbox = Inbox()
        self._keeper = Bookkeeper(broker.name, journal, observer)
        self._office = Office(broker, self._keeper, self.market, policy, clock, observer, tracer)
        self._desk = Desk(account, self._office, self._inbox)
        self._handed: set[int] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._owner: asyncio.Task[None] | None = None
        self._stopping = False
        self._idle = asyncio.Event()

    @property
    def book(self) -> Book:
        """Orders, positions and money; for reading only."""
        return self._keeper.book

    @property
    def policy(self) -> TradingPolicy:
        """What is traded by."""
        return self._office.policy

    @property
    def limits(self) -> RiskLimits:
        """The limits in force."""
        return self.policy.limits

    def relimit(self, limits: RiskLimits) -> None:
        """Judge by these from the next decision on.

        What is at the broker stays there, and so does what is held: limits are for entries, and an
        exit asks none of them. A loss that is beyond its limit now is found at the next look; one
        that no longer is stays a cause until it is relieved as ever.
        """
        self._office.policy = evolve(self.policy, limits=limits)
        self._inbox.woken.set()

    @property
    def is_ready(self) -> bool:
        """Whether the broker's books were compared with ours since the start."""
        return self._desk.is_ready

    @property
    def last_reconciled(self) -> datetime | None:
        """When the books were last compared."""
        return self._desk.reconciler.last_at

    @property
    def differences(self) -> tuple[Difference, ...]:
        """In what they differed then."""
        return self._desk.reconciler.differences

    def view(self) -> AccountView:
        """The account as the risk rules see it now."""
        return account_view(self.book, self.market.sectors)

    def margins(self, now: datetime) -> tuple[RuleResult, ...]:
        """How the account stands by every rule that is about all of it."""
        return margins(self.view(), self.limits, now)

    def armed(self, symbol: Symbol) -> Decimal:
        """How many shares the engine's own copy of the stop would close."""
        return self._desk.watchman.monitor.armed(symbol)

    async def history(self, order_id: str) -> tuple[Numbered, ...]:
        """Every fact about an order, the newest last.

        Raises:
            JournalError: the journal cannot be read.
        """
        return await self._keeper.history(order_id)

    async def halt(self, reason: str) -> None:
        """Let positions only shrink, until an operator resumes.

        Raises:
            InvalidInput: there is no reason.
            JournalError: trading has stopped for good.
        """
        await self._wish("halt", reason)

    async def resume(self, reason: str) -> tuple[Cause, ...]:
        """Take back what an operator may; the causes that stand nevertheless.

        Raises:
            InvalidInput: there is no reason.
            JournalError: trading has stopped for good.
        """
        return tuple(map(Cause, await self._wish("resume", reason)))

    async def flatten(self, reason: str, symbol: Symbol | None = None) -> tuple[Symbol, ...]:
        """Close the symbol's position, or halt and close all; what is to be closed.

        Raises:
            InvalidInput: there is no reason, or nothing is held of the symbol.
            JournalError: trading has stopped for good.
        """
        return tuple(map(Symbol, await self._wish("flatten", reason, symbol)))

    async def open(self) -> None:
        """Take up the journal, and begin.

        Raises:
            JournalError: it cannot be read or written.
        """
        await self._keeper.open()
        why = "the broker's books were not compared yet"
        if Cause.STARTING not in self.book.causes:
            await self._keeper.note(CauseRaised(self._clock.now(), Cause.STARTING, why))
        # It listens first, so that nothing which it brings about goes unheard.
        jobs = (self._listen(), self._tick())
        self._tasks = [asyncio.create_task(job, name="trader's ears") for job in jobs]
        self._owner = asyncio.create_task(self._run(), name="trader")

    async def settled(self) -> None:
        """Wait until everything that came was looked at, or the trader has ended."""
        while self._owner and not self._owner.done() and self._is_busy:
            idle = asyncio.ensure_future(self._idle.wait())
            await asyncio.wait({idle, self._owner}, return_when=asyncio.FIRST_COMPLETED)
            idle.cancel()

    @property
    def is_over(self) -> bool:
        """Whether nobody trades any more, for whatever reason."""
        return self._owner is not None and self._owner.done()

    def abandon(self) -> None:
        """Drop everything where it is, as a process does that is killed."""
        for task in (*self._tasks, *((self._owner,) if self._owner else ())):
            task.cancel()

    @property
    def _is_busy(self) -> bool:
        return self._inbox.woken.is_set() or not self._idle.is_set()

    async def stop(self) -> None:
        """End within seconds. What is at the broker stays there, protected as it is."""
        self._stopping = True
        self._inbox.woken.set()
        for task in self._tasks:
            task.cancel()
        if self._owner is not None:
            with suppress(TimeoutError):
                async with self._clock.timeout(STOP_S):
                    await asyncio.wait((self._owner,))
            self._owner.cancel()
            await asyncio.gather(*self._tasks, self._owner, return_exceptions=True)

    @property
    def recorded(self) -> int:
        """Before this index of the log there is nothing of what is due."""
        return self.book.outbox.newest_index + 1

    def taken_up(self, standing: Sequence[tuple[int, Signal]]) -> None:
        """What the engine published last, perhaps without ever showing it."""
        self._inbox.see(Seen(self._clock.now(), tuple(standing), {}, {}, {}))

    def due(self) -> tuple[Trade, ...]:
        """Trades that the record is to have, each handed over once in a life."""
        waiting = self.book.outbox.waiting
        new = tuple(one for number, one in waiting.items() if number not in self._handed)
        self._handed = {*waiting}
        return new

    def logged(self, indices: Mapping[int, int]) -> None:
        """The log has these trades."""
        self._inbox.log(dict(indices))

    def seen(self, seen: Seen) -> None:
        """A cycle is over."""
        self._inbox.see(seen)

    def observe(self, quote: Quote) -> None:
        """A price came between cycles."""
        self._inbox.quote(quote)

    async def _wish(self, what: str, reason: str, symbol: Symbol | None = None) -> tuple[str, ...]:
        if not reason.strip():
            raise InvalidInput("reason", "it is empty", "say why, for whoever reads it later")
        if self.failed is not None or self._owner is None or self._owner.done():
            raise JournalError(f"trading has stopped: {self.failed or 'it was ended'}")
        return await self._inbox.order(what, reason.strip(), symbol)

    async def _listen(self) -> None:
        """Hand on what the broker's stream tells; whatever ends it, it is listened to again."""
        while True:
            problem = "it ended"
            try:
                async for update in self._broker.updates():
                    self._inbox.update(update)
            except Exception as error:  # noqa: BLE001 - deaf it must not go on
                problem = f"{type(error).__name__}: {error}"
            now = self._clock.now()
            self._observer.notice(TradingAlarm(now, f"the broker's stream broke off: {problem}"))
            await self._clock.sleep(LISTEN_AGAIN_S)

    async def _tick(self) -> None:
        while True:
            await self._clock.sleep(self.policy.tick_s)
            self._inbox.woken.set()

    async def _run(self) -> None:
        """Work whenever there is something to do; what was not foreseen ends it all."""
        try:
            while True:
                self._idle.set()
                await self._inbox.woken.wait()
                self._idle.clear()
                self._inbox.woken.clear()
                if self._stopping:
                    break
                await self._desk.work()
            await self._desk.take_logged()
        except Exception as error:  # noqa: BLE001 - nobody else would hear of it
            # Whatever it is, going on might trade on what is not so; stops stand at the broker.
            self.failed = error
            problem = f"trading has stopped: {type(error).__name__}: {error}"
            self._observer.notice(TradingAlarm(self._clock.now(), problem))
        finally:
            for order in self._inbox.orders:
                order.refuse(JournalError("trading has stopped"))
