"""Bad days at Alpaca: crashes at every step of submit, fill, cancel, replace and reconcile.

The exchange is the simulator's, over HTTP and its stream; the trader, its journal on the disk and
Alpaca's own client are the real ones. So many days as `ARGO_TORTURE_KILLS` says; a few by default.
"""

import math
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
from attrs import evolve

from argo_adapters.brokers.alpaca.broker import AlpacaBroker
from argo_adapters.brokers.alpaca.settings import AlpacaBrokerSettings
from argo_adapters.calendar.session_table import load_session_table
from argo_adapters.clocks.system import SystemClock
from argo_adapters.http.open_turnstile import OpenTurnstile
from argo_adapters.simulator.alpaca.trading.house import TradingPlan
from argo_adapters.simulator.app import Simulator, serving, simulate
from argo_adapters.sqlite.trading_journal import SqliteTradingJournal
from argo_adapters.tapes.file import shipped
from argo_core.backtest.tape import Tape
from argo_core.market.instrument import Symbol
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.trading_audit import Truth
from argo_core.testing.trading_stage import SYMBOLS
from argo_core.testing.trading_storm import Storm

pytest.importorskip("alpaca", reason="the extra argo-adapters[alpaca] is not installed")

pytestmark = pytest.mark.oracle

DAYS: Final = int(os.environ.get("ARGO_TORTURE_KILLS", "6"))  # noqa: TID251 - how long to torture
KEY = "simulator-key"
HOUR = 3_600


@pytest.fixture(scope="module")
def tape() -> Tape:
    """The ordinary day, with three of its stocks under other names."""
    recorded = shipped("ordinary-day")
    stocks = [one for one in recorded.instruments if "/" not in one.symbol][: len(SYMBOLS)]
    names = {one.symbol: Symbol(name) for one, name in zip(stocks, SYMBOLS, strict=True)}
    instruments = tuple(evolve(one, symbol=names[one.symbol]) for one in stocks)
    bars = {
        new: tuple(evolve(bar, symbol=new) for bar in recorded.bars[old])
        for old, new in names.items()
    }
    return evolve(recorded, instruments=instruments, bars=bars)


class AlpacaWorld:
    """The simulator's exchange, and a new client of it for every life."""

    calendar = load_session_table()

    def __init__(self, simulator: Simulator, clock: FakeClock, folder: Path) -> None:
        self.clock = clock
        self.trading = simulator.trading
        self._url = simulator.url("alpaca")
        self._folder = folder
        self._journals = AsyncExitStack()
        trading = self.trading
        self._ways: dict[str, Callable[[], object]] = {
            "lose answers": lambda: trading.lose_answers(2),
            "lose answers of looks": lambda: trading.lose_answers(2, ("GET",)),
            "refuse requests": lambda: trading.refuse_requests(2),
            "fail after": lambda: trading.fail_after(2),
            "fail before": lambda: trading.fail_before(2, ("GET", "POST", "DELETE", "PATCH")),
            "throttle": lambda: trading.throttle(1),
            "drop": lambda: trading.drop_messages(rate=0.5),
            "drop all": lambda: trading.drop_messages(rate=1.0),
            "double": lambda: trading.double_messages(0.5),
            "hold": trading.hold_messages,
            "shuffle": lambda: trading.release("shuffled", seed=1),
            "backwards": lambda: trading.release("reversed"),
            "minutes late": lambda: trading.delay_messages(150),
            "stream gone": trading.kill_streams,
            "restart": trading.restart,
            "partial": lambda: trading.partial(1.0, pause_s=4.0),
            "pending": trading.stall,
            "rejected later": trading.reject_next,
        }
        self.troubles = tuple(self._ways)

    def connect(self) -> AlpacaBroker:
        settings = AlpacaBrokerSettings(KEY, KEY, self._url)
        return AlpacaBroker(settings, self.clock, turnstile=OpenTurnstile())

    async def reopen(self) -> SqliteTradingJournal:
        await self._journals.aclose()
        opening = SqliteTradingJournal.open(self._folder / "trading.sqlite3", account="storm")
        return await self._journals.enter_async_context(opening)

    async def leave(self, broker: AlpacaBroker) -> None:
        await broker.aclose()

    async def close(self) -> None:
        await self._journals.aclose()

    def trouble(self, name: str) -> None:
        self._ways[name]()

    def heal(self) -> None:
        trading = self.trading
        trading.drop_messages()
        trading.double_messages(0)
        trading.delay_messages(0)
        trading.partial(0)
        trading.unstall()
        trading.reject_next(0)
        trading.release()
        trading.go_on()

    async def quote(self, symbol: str, mid: Decimal, shares: Decimal | None) -> None:
        if shares is None:
            self.trading.go_on()
        else:
            self.trading.parts(shares)
        self.trading.quote(symbol, mid - Decimal("0.05"), mid + Decimal("0.05"))

    async def advance(self, seconds: float) -> None:
        await self.clock.advance(seconds)
        self.trading.look()
        # Messages and answers are under way on the loopback, which takes a moment of the wall.
        await SystemClock().sleep(0.01)

    async def truth(self) -> Truth:
        broker = self.connect()
        try:
            now = self.clock.now()
            orders = await broker.orders(now - timedelta(days=1))
            positions = {one.symbol: one.quantity for one in await broker.positions()}
            return Truth(now, orders, positions, (await broker.account()).cash)
        finally:
            await broker.aclose()


@pytest.fixture
async def world(tape: Tape, tmp_path: Path) -> AsyncIterator[AlpacaWorld]:
    clock = FakeClock(tape.starts)
    (day, *_) = [one for one in tape.sessions if one.post > tape.starts]
    await clock.advance((day.open - tape.starts).total_seconds() + HOUR)
    app = simulate(
        tape, clock, latency_scale=math.inf, limits=False, trading=TradingPlan(partial_rate=0)
    )
    async with serving(app) as simulator:
        world = AlpacaWorld(simulator, clock, tmp_path)
        yield world
        await world.close()


@pytest.mark.parametrize("seed", range(DAYS))
async def test_no_day_at_alpaca_leaves_a_position_without_its_stop(
    world: AlpacaWorld, seed: int
) -> None:
    storm = Storm(seed, world)
    await storm.rage(60)
    await storm.calm(180)
    assert await storm.audit() == []
    await storm.end()
