"""What a process beside another does, in turns: stand by, take over, publish, give back."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import Any

from argo_adapters.sqlite.trading_journal import SqliteTradingJournal
from argo_core.engine.engine import Engine
from argo_core.engine.keeper import Keeper
from argo_core.engine.loop import run as run_loop
from argo_core.engine.publication import Publication
from argo_core.errors import ClockBehind, JournalError, LogError, LogFenced, LogUnavailable
from argo_core.events import TradingAlarm
from argo_core.ports import Clock, Observer
from argo_core.resilience.lease_table import HOLDING, Role
from argo_service.config.tree import Settings
from argo_service.record import OpenLog
from argo_service.record_keys import mark_used
from argo_service.standing_by.post import Post
from argo_service.standing_by.seat import TradingSeat
from argo_service.trading.opened import OpenTrading, Outlook, opened_trading, traded_account

REST_S = 2.0
"""So long a process that could not open the log, or go on with it, leaves the lease to others."""
JOURNAL_S = 1.0
"""So often the journal is tried that another process still holds."""

OpenTradingAgain = Callable[[], AbstractAsyncContextManager[OpenTrading]]
JournalIsFree = Callable[[], AbstractAsyncContextManager[object]]


class Duty:
    """Owns the engine's start and stop; `shadowed_s` is when a beat of standing by last finished.

    `marked` is awaited once the log's key has signed something. `trading` opens what trades, where
    anything does, and `journal` no more than its journal.
    """

    def __init__(
        self,
        engine: Engine,
        log: OpenLog,
        publication: Publication,
        keeper: Keeper,
        *,
        clock: Clock,
        observer: Observer,
        marked: Callable[[], None],
        seat: TradingSeat,
        trading: OpenTradingAgain | None = None,
        journal: JournalIsFree | None = None,
    ) -> None:
        self.keeper = keeper
        self.shadowed_s: float | None = None
        self.seat = seat
        self._engine = engine
        self._log = log
        self._publication = publication
        self._clock = clock
        self._observer = observer
        self._marked = marked
        self._trading = trading
        self._journal = journal

    def last_shadow(self) -> float | None:
        """The monotonic moment of the last beat of standing by; None before the first."""
        return self.shadowed_s

    async def run(self, stop: asyncio.Event) -> None:
        """Stand by and publish by turns until `stop` is set.

        Raises:
            LogError: the log is damaged, another's, or behind what a witness has seen.
        """
        async with _beside(self.keeper.run()), _beside(self._heed(stop)):
            try:
                while not stop.is_set():
                    await self._stand_by(stop)
                    if self.keeper.role in HOLDING:
                        await self._publish()
                    elif self.keeper.role is Role.LOST:
                        await self.keeper.closed()
            finally:
                await self._engine.leave()

    async def _heed(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self.keeper.wish_away("it was asked to stop")

    async def _stand_by(self, stop: asyncio.Event) -> None:
        """Until the lease is there, or somebody wants an end."""
        await self._publication.follow()
        shadowing = asyncio.create_task(self._shadow(), name="shadow")
        waiting = asyncio.create_task(self._turned(), name="lease")
        stopping = asyncio.create_task(stop.wait(), name="stop")
        tasks = (shadowing, waiting, stopping)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if shadowing.done() and not shadowing.cancelled():
            # It goes on for ever, so it has failed.
            shadowing.result()

    async def _turned(self) -> None:
        await self.keeper.until(*(role for role in Role if role is not Role.STANDBY))

    async def _shadow(self) -> None:
        while True:
            began = self._clock.monotonic()
            with suppress(LogUnavailable):
                self.keeper.known_fence = await self._log.newest_fence()
            await self._engine.shadow()
            self.shadowed_s = self._clock.monotonic()
            passed_s = self.shadowed_s - began
            await self._clock.sleep(max(0.0, self._engine.profile.beat_s - passed_s))

    async def _publish(self) -> None:
        keeper = self.keeper
        try:
            fence = await self._open_log()
            while keeper.may_write() and not keeper.over.is_set():
                await self._term(fence)
        except LogFenced as error:
            keeper.fenced(str(error))
        except LogUnavailable as error:
            keeper.wish_away(f"the log cannot be opened: {error}", REST_S)
        except ClockBehind as error:
            # Another may have a better clock, and ours catches up by itself.
            keeper.wish_away(str(error), REST_S)
        finally:
            await self._log.end_writing()
            await keeper.closed()

    async def _open_log(self) -> int:
        """Take the log's next fence, as long as the lease is there.

        Raises:
            LogFenced: the lease is over.
            LogError: the log cannot be opened.
        """
        while True:
            newest = await self._log.newest_fence()
            # Looked at after the fence was read: whoever took the lease after us takes a later one.
            self._refuse_late()
            try:
                return await self._log.begin_writing(newest)
            except LogFenced:
                self._refuse_late()

    def _refuse_late(self) -> None:
        if not self.keeper.may_write():
            raise LogFenced("the lease is over; leave the log to who holds it")

    async def _term(self, fence: int) -> None:
        """Publish until the lease is over or wanted back, or trading can begin after all."""
        engine, keeper = self._engine, self.keeper
        async with AsyncExitStack() as stack:
            ends = keeper.over
            if not await self._sit(stack):
                ends = await stack.enter_async_context(self._free(keeper.over))
            try:
                await engine.start()
                keeper.opened(fence)
                await asyncio.to_thread(self._marked)
                await run_loop(engine, self._clock, self._observer, ends)
            finally:
                await self._end_term()

    async def _end_term(self) -> None:
        if not self.keeper.may_write():
            await self._engine.leave()
            return
        try:
            await self._engine.stop()
        except LogUnavailable:
            # What it could not write is decided anew by whoever comes next.
            return

    async def _sit(self, stack: AsyncExitStack) -> bool:
        """Whether whoever trades has begun to; False while another process has the journal."""
        if self._trading is None:
            return True
        try:
            opened = await stack.enter_async_context(self._trading())
        except JournalError as error:
            self._observer.notice(
                TradingAlarm(self._clock.now(), f"signals go on without trading: {error}")
            )
            return False
        self.seat.taken = opened
        stack.callback(self._rise)
        return True

    def _rise(self) -> None:
        self.seat.taken = None

    @asynccontextmanager
    async def _free(self, over: asyncio.Event) -> AsyncIterator[asyncio.Event]:
        """An event that is set when `over` is, or when the journal can be had."""
        ends = asyncio.Event()

        async def ended() -> None:
            await over.wait()
            ends.set()

        async def freed() -> None:
            while self._journal is not None:
                await self._clock.sleep(JOURNAL_S)
                with suppress(JournalError):
                    async with self._journal():
                        ends.set()
                        return

        async with _beside(ended()), _beside(freed()):
            yield ends


def duty_of(  # noqa: PLR0917 - each is another kind of thing
    settings: Settings,
    post: Post,
    engine: Engine,
    log: OpenLog,
    publication: Publication,
    outlook: Outlook | None,
    clock: Clock,
    observer: Observer,
) -> Duty:
    """The duty of a process by the settings; without an `outlook` nothing is traded."""

    def journal() -> AbstractAsyncContextManager[object]:
        return SqliteTradingJournal.open(
            settings.trading.journal_of(settings.database), account=traded_account(settings)
        )

    return Duty(
        engine,
        log,
        publication,
        post.keeper,
        clock=clock,
        observer=observer,
        marked=partial(mark_used, settings),
        seat=post.seat,
        trading=None if outlook is None else partial(opened_trading, settings, outlook),
        journal=None if outlook is None else journal,
    )


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, LogError):
            await task
