"""The core's paper broker with books that outlive the process: the port `Broker`.

Every change is on the disk before the call returns, and before anybody is told of it. What could
not be written did not happen: the books are read again from the file.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from attrs import evolve

from argo_adapters.brokers.paper_file import PaperFile
from argo_core.errors import BrokerAway, BrokerRefused, InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.market.moment import to_micros
from argo_core.market.quote import Quote
from argo_core.market.session import Session
from argo_core.ports import Clock
from argo_core.trading.broker_view import (
    BrokerAccount,
    BrokerOrder,
    BrokerPosition,
    BrokerUpdate,
    CashFlow,
    Split,
    StreamGap,
)
from argo_core.trading.order import OrderRequest
from argo_core.trading.paper.house import PaperHouse
from argo_core.trading.paper.settings import PaperSettings
from argo_core.trading.paper.state import PaperMoney, PaperState, new_account
from argo_core.trading.paper.stream import MOST, UpdateStream

T = TypeVar("T")
Told = tuple[BrokerUpdate, ...]

BUSY_S = 1.0
CALL_S = 5.0

_NO_VOLUMES: Mapping[Symbol, Decimal] = {}


class PaperBroker:
    """Open with `async with PaperBroker.open(path, clock) as broker`; feed it by `observe`.

    `announced` are splits, which `splits` tells of and `observe` applies once their day begins.
    """

    def __init__(
        self, path: Path, clock: Clock, settings: PaperSettings, call_s: float, most: int
    ) -> None:
        self.announced: tuple[Split, ...] = ()
        self._path = path
        self._clock = clock
        self._settings = settings
        self._call_s = call_s
        self._stream = UpdateStream(clock.now, most)
        # These belong to the thread.
        self._file: PaperFile | None = None
        self._house: PaperHouse | None = None
        self._written: PaperMoney
        self._unwritten: dict[Symbol, Quote] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="paper")

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        path: Path,
        clock: Clock,
        settings: PaperSettings | None = None,
        *,
        call_s: float = CALL_S,
        busy_s: float = BUSY_S,
        most: int = MOST,
    ) -> AsyncIterator["PaperBroker"]:
        """The account in that file, made if it is not there; at most `most` messages wait.

        Raises:
            BrokerAway: it cannot be opened, is not a paper account, or another process has it.
        """
        broker = cls(path, clock, settings or PaperSettings(), call_s, most)
        try:
            await broker._run(lambda: broker._open(busy_s))
            yield broker
        finally:
            try:
                await broker._run(broker._close)
            finally:
                broker._thread.shutdown(wait=False, cancel_futures=True)

    @property
    def name(self) -> str:
        return self._settings.name

    # What the market and the operator do.

    async def observe(
        self,
        quotes: Sequence[Quote],
        volumes: Mapping[Symbol, Decimal] = _NO_VOLUMES,
        *,
        regular: bool = True,
    ) -> None:
        """Prices as they came, and how many shares were traded since the ones before.

        `regular` says whether the market is in its regular session.

        Raises:
            BrokerAway: nothing was filled by them; the next ones will do.
        """
        now, due = self._clock.now(), self.announced

        def observed(house: PaperHouse) -> Told:
            for split in due:
                if split.at <= now:
                    house.split(split, now)
            told: list[BrokerUpdate] = [*house.said()]
            for quote in quotes:
                told += house.on_quote(quote, volumes.get(quote.symbol), now, regular=regular)
            return tuple(told)

        await self._let_happen(observed)

    async def close_day(self) -> None:
        """The session's official close: orders for the day expire, equity is kept as that day's.

        Raises:
            BrokerAway: nobody knows whether it is done; doing it again is harmless.
        """
        now = self._clock.now()
        await self._let_happen(lambda house: house.close_day(now))

    async def deposit(self, amount: Decimal) -> CashFlow:
        """Cash that comes in, or goes out where `amount` is negative.

        Raises:
            InvalidInput: it is nothing, or more than is free.
            BrokerAway: nobody knows whether it was booked; `flows` will tell.
        """
        now = self._clock.now()
        return await self._do(lambda house: house.deposit(amount, now))

    # The port.

    async def submit(self, request: OrderRequest) -> BrokerOrder:
        now = self._clock.now()
        return await self._do(lambda house: house.submit(request, now))

    async def cancel(self, broker_id: str) -> None:
        now = self._clock.now()
        await self._do(lambda house: house.cancel(broker_id, now))

    async def replace(self, broker_id: str, request: OrderRequest) -> BrokerOrder:
        now = self._clock.now()
        return await self._do(lambda house: house.replace(broker_id, request, now))

    async def order(self, id: str) -> BrokerOrder | None:  # noqa: A002 - it is the order's id
        return await self._do(lambda house: house.order(id))

    async def orders(self, since: datetime | None = None) -> tuple[BrokerOrder, ...]:
        return await self._do(lambda house: house.orders(since))

    async def positions(self) -> tuple[BrokerPosition, ...]:
        return await self._do(lambda house: house.positions())

    async def account(self) -> BrokerAccount:
        return await self._do(lambda house: house.account())

    async def flows(self, since: datetime) -> tuple[CashFlow, ...]:
        return await self._do(lambda house: house.flows(since))

    async def sessions(self, first: date, last: date) -> tuple[Session, ...] | None:
        return None

    async def splits(self, symbols: Sequence[Symbol], first: date, last: date) -> tuple[Split, ...]:
        asked = set(symbols)
        return tuple(
            one for one in self.announced if one.symbol in asked and first <= one.at.date() <= last
        )

    def updates(self) -> AsyncIterator[BrokerUpdate | StreamGap]:
        return self._stream.listen()

    # How it is kept.

    async def _do(self, action: Callable[[PaperHouse], T]) -> T:
        """What the house answers; what it says meanwhile is told."""
        return await self._run(
            lambda: self._durably(lambda house: (action(house), house.said())),
        )

    async def _let_happen(self, action: Callable[[PaperHouse], Told]) -> None:
        """What the house says is told."""
        await self._run(lambda: self._durably(lambda house: (None, action(house))))

    async def _run(self, work: Callable[[], tuple[T, Told]]) -> T:
        future = asyncio.get_running_loop().run_in_executor(self._thread, work)
        # Whoever waits may give up, and what happened is told all the same.
        future.add_done_callback(self._tell)
        try:
            result, _ = await asyncio.wait_for(asyncio.shield(future), self._call_s)
        except TimeoutError as error:
            problem = f"no answer within {self._call_s:g} s; check the disk"
            raise BrokerAway(self.name, f"{self._path}: {problem}") from error
        except sqlite3.Error as error:
            raise BrokerAway(self.name, f"{self._path}: {error}") from error
        return result

    def _tell(self, future: "asyncio.Future[tuple[T, Told]]") -> None:
        if not future.cancelled() and future.exception() is None:
            self._stream.tell(future.result()[1])

    def _durably(self, action: Callable[[PaperHouse], tuple[T, Told]]) -> tuple[T, Told]:
        if self._house is None:
            self._read()
        assert self._house is not None  # noqa: S101 - it was read a moment ago
        try:
            answer = action(self._house)
            self._write(self._house.changes())
        except (BrokerRefused, InvalidInput):
            # It said no, and changed nothing.
            raise
        except BaseException:
            self._house = None
            raise
        return answer

    def _write(self, changes: PaperState) -> None:
        """Prices of what is neither held nor ordered change nothing, and wait until it is."""
        assert self._file is not None  # noqa: S101 - nobody has the broker before it is open
        assert self._house is not None  # noqa: S101 - these are its changes
        self._unwritten.update(changes.quotes)
        wanted = {one.symbol for one in self._house.positions()}
        wanted |= {one.symbol for one in self._house.orders()}
        quotes = {one: self._unwritten[one] for one in sorted(wanted & self._unwritten.keys())}
        changes = evolve(changes, quotes=quotes)
        if changes != PaperState(self._written):
            self._file.write(changes)
        self._written = changes.money
        for symbol in quotes:
            del self._unwritten[symbol]

    def _read(self) -> None:
        assert self._file is not None  # noqa: S101 - nobody has the broker before it is open
        state = self._file.read()
        if state is None:
            # No two accounts have the same name, so no two orders have the same id.
            name = f"{self._settings.name}-{to_micros(self._clock.now()):x}"
            state = new_account(name, self._settings)
            self._file.write(state)
        self._house, self._written, self._unwritten = (
            PaperHouse(self._settings, state),
            state.money,
            {},
        )

    def _open(self, busy_s: float) -> tuple[None, Told]:
        self._file = PaperFile(self._path, busy_s)
        self._read()
        return None, ()

    def _close(self) -> tuple[None, Told]:
        if self._file is not None:
            self._file.close()
        return None, ()
