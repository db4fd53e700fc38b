"""Trading as the settings have it: journal, broker and trader, opened and closed in order."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from argo_core.consensus.reasons import Direction
from argo_core.errors import InvalidSetting, JournalError, VendorUnavailable
from argo_core.events import TradingAlarm
from argo_core.market.instrument import Instrument, Symbol
from argo_core.resilience.secret import Secret
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.trading_stage import CALENDAR, Indices, quote_of, signal_of
from argo_core.trading.denial import Denial
from argo_core.trading.state import TradingState
from argo_service.config.trading import AlpacaBroker, Limits, Trading
from argo_service.config.trading import PaperBroker as PaperSettings
from argo_service.config.tree import Settings
from argo_service.trading.opened import OpenTrading, Outlook, opened_trading
from argo_service.trading.policy import account_of, paper_of, policy_of

AAPL = Symbol("AAPL")


class Turnover:
    """A `Liquidity` that fails as often as it is told."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures

    async def daily_values(
        self, asked: Sequence[Instrument], until: datetime
    ) -> Mapping[Symbol, Decimal]:
        if self.failures:
            self.failures -= 1
            raise VendorUnavailable("alpaca", "down")
        return {one.symbol: Decimal(10**9) for one in asked}


class Desk:
    """Trading that is open, and what it is told."""

    def __init__(self, opened: OpenTrading, clock: FakeClock) -> None:
        self.trader, self.side, self.clock = opened.trader, opened.side, clock
        self.indices = Indices()

    async def until(self, condition: Callable[[], object]) -> None:
        """Let the threads of journal and broker do their part, while no time passes."""
        async with asyncio.timeout(20):
            while not condition():
                await self.trader.history("")
                await self.clock.settle()

    def price(self, mid: str, *signals: Any) -> None:
        """A cycle with that price and these signals."""
        quotes = {AAPL: quote_of("AAPL", Decimal(mid), self.clock.now())}
        self.side.seen(self.indices.seen(self.clock.now(), quotes, *signals))


def settings_of(folder: Path, **trading: Any) -> Settings:
    own = Trading(enabled=True, **trading)
    return Settings(symbols=("AAPL", "BTC/USD"), database=folder / "argo.sqlite3", trading=own)


@asynccontextmanager
async def opened(
    settings: Settings, clock: FakeClock, observer: FakeObserver, liquidity: Turnover | None = None
) -> AsyncIterator[Desk]:
    outlook = Outlook(
        clock=clock, observer=observer, calendar=CALENDAR, liquidity=liquidity or Turnover()
    )
    async with opened_trading(settings, outlook) as trading:
        desk = Desk(trading, clock)
        await desk.until(lambda: desk.trader.book.state is TradingState.ACTIVE)
        await desk.until(lambda: desk.trader.is_ready)
        yield desk


async def test_a_signal_is_followed_on_paper_and_its_position_outlives_the_process(
    tmp_path: Path, clock: FakeClock
) -> None:
    settings, observer = settings_of(tmp_path), FakeObserver()
    async with opened(settings, clock, observer) as desk:
        book = desk.trader.book
        desk.price("100", signal_of("AAPL", clock.now()))
        await desk.until(lambda: [one for one in book.orders.values() if one.broker_id])
        await clock.advance(5)
        desk.price("100")
        await desk.until(book.held)
        held = book.held()
        assert held[AAPL].quantity == 49
    async with opened(settings, clock, observer) as desk:
        assert desk.trader.book.held() == held
        assert desk.trader.differences == ()
    assert (tmp_path / "argo.trading.sqlite3").exists()
    assert (tmp_path / "argo.trading.paper.sqlite3").exists()


async def test_orders_are_denied_until_somebody_knows_what_trades_in_a_day(
    tmp_path: Path, clock: FakeClock
) -> None:
    observer = FakeObserver()
    async with opened(settings_of(tmp_path), clock, observer, Turnover(failures=1)) as desk:
        desk.price("100", signal_of("AAPL", clock.now()))
        await desk.until(lambda: desk.trader.book.denied)
        (denied,) = desk.trader.book.denied
        assert Denial.LIQUIDITY_UNKNOWN in denied.denials
        assert [one.problem for one in observer.of(TradingAlarm)] == [
            "nobody knows how much trades in a day: alpaca: down"
        ]
        await clock.advance(60)
        assert desk.trader.market.adv[AAPL] == 10**9


async def test_the_paper_account_closes_its_day_with_the_session(
    tmp_path: Path, clock: FakeClock
) -> None:
    settings = settings_of(tmp_path, capital=Decimal(50_000))
    async with opened(settings, clock, FakeObserver()) as desk:
        desk.price("100", signal_of("AAPL", clock.now()))
        await desk.until(lambda: desk.trader.book.orders)
        await clock.advance(5)
        desk.price("100")
        await desk.until(desk.trader.book.held)
        broker = desk.trader._broker
        opened_with = (await broker.account()).last_equity
        await clock.advance(5 * 3_600)
        desk.price("101")
        async with asyncio.timeout(20):
            while (await broker.account()).last_equity == opened_with:
                await clock.settle()


async def test_two_processes_do_not_trade_by_one_journal(tmp_path: Path, clock: FakeClock) -> None:
    settings = settings_of(tmp_path)
    async with opened(settings, clock, FakeObserver()):
        with pytest.raises(JournalError, match="another"):
            async with opened(settings, clock, FakeObserver()):
                pass


@pytest.mark.parametrize("missing", ["key_id", "secret_key"])
async def test_an_account_without_its_own_keys_is_refused_at_start(
    tmp_path: Path, clock: FakeClock, missing: str
) -> None:
    keys = {"key_id": Secret("a"), "secret_key": Secret("b")}
    del keys[missing]
    settings = settings_of(tmp_path, broker="alpaca", alpaca=AlpacaBroker(**keys))
    with pytest.raises(InvalidSetting) as caught:
        async with opened(settings, clock, FakeObserver()):
            pass
    assert caught.value.field == f"trading.alpaca.{missing}"


def test_an_entry_on_paper_is_given_the_time_to_meet_a_price(tmp_path: Path) -> None:
    paper = policy_of(settings_of(tmp_path))
    outside = policy_of(settings_of(tmp_path, broker="alpaca"))
    patient = policy_of(settings_of(tmp_path, entry_patience_s=60.0))
    waits = [one.pace.entry.total_seconds() for one in (paper, outside, patient)]
    assert waits == [12.5, 5, 60]


def test_the_settings_reach_the_policy_and_the_paper_broker(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path,
        close_on=("SELL", "HOLD"),
        trail=Decimal("0.02"),
        reconcile_s=30.0,
        limits=Limits(positions=3),
        paper=PaperSettings(fee_per_share=Decimal("0.01")),
    )
    policy = policy_of(settings)
    assert policy.close_on == {Direction.SELL, Direction.HOLD}
    assert (policy.trail, policy.reconcile.total_seconds()) == (Decimal("0.02"), 30)
    assert policy.limits.positions == 3
    assert paper_of(settings).fees.per_share == Decimal("0.01")
    assert account_of(settings, "paper") == "paper/weighted-consensus"


async def test_it_is_said_at_once_that_nothing_will_be_bought_without_market_data(
    tmp_path: Path, clock: FakeClock
) -> None:
    observer = FakeObserver()
    outlook = Outlook(clock=clock, observer=observer, calendar=CALENDAR)
    async with opened_trading(settings_of(tmp_path), outlook):
        (alarm,) = observer.of(TradingAlarm)
    assert "nothing is bought" in alarm.problem
    assert "ARGO_ALPACA__KEY_ID" in alarm.problem
