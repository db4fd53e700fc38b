"""Prices and halts between cycles reach whoever trades, and nothing about them ends trading."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from argo_core.errors import BrokerAway
from argo_core.events import MarketHeard, OrderDenied, TradingAlarm
from argo_core.market.instrument import Symbol
from argo_core.market.session import Session, SessionTable
from argo_core.ports import Calendar
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_market_stream import FakeMarketStream
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.trading_stage import CALENDAR, Indices, quote_of, signal_of
from argo_core.trading.denial import Denial
from argo_core.trading.state import TradingState
from argo_service.config.trading import Trading
from argo_service.config.tree import Settings
from argo_service.trading.opened import Outlook, opened_trading
from argo_service.trading.turnover import keep_turnover

AAPL, MSFT = Symbol("AAPL"), Symbol("MSFT")


class Stage:
    """Trading on paper, with a stream between its cycles."""

    def __init__(self, clock: FakeClock, observer: FakeObserver) -> None:
        self.clock, self.observer = clock, observer
        self.stream = FakeMarketStream(clock, (AAPL, MSFT))
        self.indices = Indices()
        self.trader: Any = None
        self.side: Any = None

    async def until(self, condition: Callable[[], object]) -> None:
        """Let the threads of journal and broker do their part, while no time passes."""
        async with asyncio.timeout(20):
            while not condition():
                await self.trader.history("")
                await self.clock.settle()

    async def seconds(self, count: float) -> None:
        """Let time pass, and let all that follows from it happen."""
        await self.clock.advance(count)
        await self.trader.settled()

    def cycle(self, mid: str, *signals: Any, symbol: Symbol = AAPL) -> None:
        quotes = {symbol: quote_of(symbol, Decimal(mid), self.clock.now())}
        self.side.seen(self.indices.seen(self.clock.now(), quotes, *signals))

    async def bought(self) -> None:
        """Hold AAPL, bought at 100, with a stop at 98 and a target at 103."""
        self.cycle("100", signal_of("AAPL", self.clock.now()))
        book = self.trader.book
        await self.until(lambda: [one for one in book.orders.values() if one.broker_id])
        await self.clock.advance(5)
        self.cycle("100")
        await self.until(book.held)
        await self.until(lambda: AAPL in self.trader.market.cycled)
        await self.seconds(1)

    @property
    def alarms(self) -> list[str]:
        return [one.problem for one in self.observer.of(TradingAlarm)]


def two_short_sessions(now: datetime) -> Calendar:
    """One that is open, and the next that begins in two minutes."""
    minute = timedelta(minutes=1)
    edges = [now + count * minute for count in (-3, -2, 1, 1.5, 2, 10, 20, 30)]
    sessions = (Session(*edges[:4]), Session(*edges[4:]))
    return SessionTable(sessions, now - timedelta(days=3), now + timedelta(days=3))


class Turnover:
    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)

    async def daily_values(self, asked: Any, until: Any) -> Any:
        if self.failures:
            raise self.failures.pop()
        return {one.symbol: Decimal(10**9) for one in asked}


@asynccontextmanager
async def staged(
    folder: Path, clock: FakeClock, calendar: Calendar = CALENDAR
) -> AsyncIterator[Stage]:
    observer = FakeObserver()
    stage = Stage(clock, observer)
    settings = Settings(
        symbols=("AAPL", "MSFT", "BTC/USD"),
        database=folder / "argo.sqlite3",
        trading=Trading(enabled=True),
    )
    outlook = Outlook(
        clock=clock,
        observer=observer,
        calendar=calendar,
        liquidity=Turnover(),
        stream=stage.stream,
    )
    async with opened_trading(settings, outlook) as opened:
        stage.trader, stage.side = opened.trader, opened.side
        await stage.until(lambda: stage.trader.book.state is TradingState.ACTIVE)
        await stage.until(lambda: stage.trader.is_ready)
        yield stage


@pytest.fixture
async def stage(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Stage]:
    async with staged(tmp_path, clock) as stage:
        yield stage


async def test_what_is_held_or_ordered_is_watched_and_nothing_else(stage: Stage) -> None:
    await stage.seconds(1)
    assert stage.stream.watched == ()
    await stage.bought()
    assert stage.stream.watched == (AAPL,)


async def test_a_stop_on_paper_is_filled_between_cycles(stage: Stage) -> None:
    await stage.bought()
    stage.stream.quote("AAPL", "97.50", "97.60")
    await stage.until(lambda: not stage.trader.book.held())
    (fill,) = [one for one in stage.trader.book.orders.values() if one.filled and one.request.stop]
    assert fill.average == Decimal("97.50")


async def test_the_paper_broker_sees_a_price_before_the_trader_does(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.bought()
    broker, shown = stage.trader._broker, asyncio.Event()
    observe = broker.observe

    async def late(*quotes: Any, **rest: Any) -> None:
        await shown.wait()
        await observe(*quotes, **rest)

    monkeypatch.setattr(broker, "observe", late)
    stage.stream.quote("AAPL", "101", "101.10")
    await stage.seconds(1)
    assert stage.trader.market.quotes[AAPL].bid != 101
    shown.set()
    await stage.until(lambda: stage.trader.book.marks[AAPL] == Decimal("101.05"))


async def test_a_quote_that_is_no_price_triggers_no_stop(stage: Stage) -> None:
    await stage.bought()
    stage.stream.quote("AAPL", "60", "300")
    await stage.seconds(1)
    stage.stream.quote("AAPL", "60", "")
    await stage.seconds(1)
    stage.stream.quote("AAPL", "", "110")
    await stage.seconds(1)
    assert stage.trader.book.held()
    assert stage.trader.market.quotes[AAPL].ask == Decimal("100.05")


async def test_a_quote_is_told_with_the_last_trade_that_a_cycle_knows(stage: Stage) -> None:
    await stage.bought()
    stage.stream.quote("AAPL", "101", "101.10")
    await stage.until(lambda: stage.trader.market.quotes[AAPL].bid == 101)
    assert stage.trader.market.quotes[AAPL].price == 100


async def test_a_quote_of_what_no_cycle_has_priced_waits_for_the_cycle(stage: Stage) -> None:
    stage.stream.watch((MSFT,))
    stage.stream.quote("MSFT", "50", "50.10")
    await stage.seconds(1)
    assert MSFT not in stage.trader.market.quotes


async def test_nothing_is_bought_of_what_is_halted(stage: Stage) -> None:
    stage.stream.halt("AAPL")
    await stage.until(lambda: stage.trader.market.halted == {AAPL})
    stage.cycle("100", signal_of("AAPL", stage.clock.now()))
    await stage.until(lambda: stage.observer.of(OrderDenied))
    (denied,) = stage.observer.of(OrderDenied)
    assert Denial.SYMBOL_HALTED in denied.denials
    stage.stream.resume("AAPL")
    await stage.until(lambda: not stage.trader.market.halted)


async def test_an_older_word_about_a_halt_does_not_count(stage: Stage) -> None:
    stage.stream.halt("AAPL")
    await stage.until(lambda: stage.trader.market.halted)
    before = stage.clock.now() - timedelta(seconds=1)
    stage.stream.resume("AAPL", at=before)
    await stage.seconds(2)
    assert stage.trader.market.halted == {AAPL}


async def test_what_was_halted_before_a_gap_stays_so_until_the_next_session(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with staged(tmp_path, clock, two_short_sessions(clock.now())) as stage:
        stage.stream.halt("AAPL")
        stage.stream.halt("MSFT")
        await stage.until(lambda: stage.trader.market.halted == {AAPL, MSFT})
        stage.stream.break_off()
        await stage.clock.settle()
        # This one the exchange says again.
        stage.stream.halt("MSFT")
        await stage.seconds(100)
        assert stage.trader.market.halted == {AAPL, MSFT}
        await stage.seconds(100)
        assert stage.trader.market.halted == {MSFT}


async def test_it_says_whether_it_is_connected_and_how_much_it_told(stage: Stage) -> None:
    await stage.bought()
    assert stage.trader.market.streaming is True
    assert stage.observer.of(MarketHeard)[0].connected
    for cents in range(10, 20):
        stage.stream.quote("AAPL", f"100.{cents}", "100.30")
        await stage.clock.settle()
    stage.stream.dropped += 3
    await stage.seconds(11)
    last = stage.observer.of(MarketHeard)[-1]
    assert (last.connected, last.quotes, last.dropped) == (True, 10, 3)
    told = len(stage.observer.of(MarketHeard))
    await stage.seconds(60)
    assert len(stage.observer.of(MarketHeard)) == told


async def test_a_stream_that_fails_is_an_alarm_and_begins_again(stage: Stage) -> None:
    await stage.seconds(1)
    stage.stream.failing = RuntimeError("boom")
    stage.stream.halt("AAPL")
    await stage.until(lambda: stage.alarms)
    assert stage.alarms == ["the stream of market data: RuntimeError: boom"]
    await stage.seconds(1)
    assert not stage.observer.of(MarketHeard)[-1].connected
    assert stage.trader.market.streaming is False
    await stage.seconds(10)
    assert stage.trader.market.streaming is True
    assert stage.trader.failed is None
    await stage.bought()


async def test_what_is_watched_is_looked_at_again_after_a_failure(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(symbols: object) -> None:
        raise RuntimeError("boom")

    with monkeypatch.context() as patch:
        patch.setattr(stage.stream, "watch", refuse)
        await stage.bought()
        await stage.seconds(30)
    assert stage.alarms == ["what is watched on the stream: RuntimeError: boom"]
    await stage.seconds(10)
    assert stage.stream.watched == (AAPL,)


@pytest.mark.parametrize("error", [BrokerAway("paper", "the disk is full"), RuntimeError("boom")])
async def test_a_paper_broker_that_fails_is_an_alarm_and_cycles_go_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    broker = stage.trader._broker

    async def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(broker, "observe", fail)
        for price in ("100", "101", "102"):
            stage.cycle(price)
            await stage.until(lambda price=price: stage.trader.book.marks.get(AAPL) == int(price))
    assert len(stage.alarms) == 1
    assert str(error) in stage.alarms[0]
    await stage.bought()


async def test_a_cycle_that_cannot_be_told_is_an_alarm_and_the_next_one_is(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(seen: object) -> None:
        raise RuntimeError("boom")

    with monkeypatch.context() as patch:
        patch.setattr(stage.trader, "seen", refuse)
        stage.cycle("100")
        await stage.until(lambda: stage.alarms)
    assert stage.alarms == ["paper broker: RuntimeError: boom"]
    await stage.bought()


async def test_turnover_is_asked_for_again_whatever_went_wrong(clock: FakeClock) -> None:
    class Trader:
        class market:  # noqa: N801 - it stands for an attribute
            instruments: dict[str, Any] = {}  # noqa: RUF012 - see above
            adv: object = None

    observer, trader = FakeObserver(), Trader()
    asked = Turnover(RuntimeError("boom"))
    task = asyncio.create_task(keep_turnover(trader, asked, clock, observer))
    await clock.advance(61)
    assert trader.market.adv == {}
    assert [one.problem for one in observer.of(TradingAlarm)] == [
        "nobody knows how much trades in a day: RuntimeError: boom"
    ]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
