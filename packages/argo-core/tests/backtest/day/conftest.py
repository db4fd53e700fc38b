"""A day that was lived through by an engine among fakes, and all that it was told."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve, frozen

from argo_core.backtest.day.compare import LiveSignal
from argo_core.backtest.day.paper import PaperPlan
from argo_core.backtest.recording import About, Origin
from argo_core.consensus.opinion import ALPHA_VANTAGE, GROK, MASSIVE, SONAR, SourceName
from argo_core.consensus.profile import Profile
from argo_core.engine.engine import Engine
from argo_core.engine.inputs import Input
from argo_core.engine.outside import Outside, Registration
from argo_core.engine.seen import Seen
from argo_core.errors import LogUnavailable, VendorThrottled
from argo_core.execution.policy import TradingPolicy
from argo_core.execution.trader import Trader
from argo_core.ledger.entry import decode_entry
from argo_core.market.bar import Bar
from argo_core.market.instrument import Symbol, instrument
from argo_core.market.session import Phase
from argo_core.testing.fake_broker import FakeBroker
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_journal import FakeJournal
from argo_core.testing.fake_log import FakeLog
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.fake_quotes import FakeQuotes
from argo_core.testing.fake_source import FakeSource
from argo_core.testing.trading_stage import CALENDAR
from argo_core.trading.paper.settings import PaperSettings
from argo_core.trading.step import Pace

KEY = bytes(range(32))
REGISTRATION = Registration("argo.example/log", "test", "c" * 64, "d" * 64, seed=7)
PROFILE = Profile(horizon_s=200)
SYMBOLS = ("AZO", "BTC/USD", "NVR")
INSTRUMENTS = tuple(map(instrument, SYMBOLS))
PLAN = PaperPlan(
    calendar=CALENDAR,
    account="fake/test",
    # The first price that an entry can meet is the next cycle's.
    policy=TradingPolicy(pace=evolve(Pace(), entry=timedelta(seconds=12.5))),
    paper=PaperSettings(name="fake"),
    values={Symbol(one): Decimal(10**9) for one in ("AZO", "NVR")},
    sectors={Symbol(one): f"sector of {one}" for one in ("AZO", "NVR")},
)


@frozen
class Lived:
    """What the engine was told, what its log has, and what was traded live."""

    about: About
    told: list[Input]
    entries: list[bytes]
    log: FakeLog
    trader: Trader | None = None

    @property
    def registration(self) -> bytes:
        return self.entries[0]

    def live(self, *, shown: bool = True) -> list[LiveSignal]:
        """The log's signals, with their inputs; sealed ones only if they are `shown`."""
        found = []
        for index, data in enumerate(self.entries):
            entry = decode_entry(data)
            if entry.kind == "commit":
                sealed = self.log._sealed[entry.text("commitment")]
                found.append(
                    self._signal(index, data, sealed.body) if shown else LiveSignal(index, data)
                )
            elif entry.kind == "signal":
                found.append(self._signal(index, data, data))
        return found

    def _signal(self, index: int, data: bytes, body: bytes) -> LiveSignal:
        digest = decode_entry(body).text("inputs_sha256")
        return LiveSignal(index, data, body, self.log._capsules[digest])


class Floor:
    """The engine's `Trading`, with a broker that is shown every cycle before the trader is."""

    def __init__(self, trader: Trader, broker: FakeBroker) -> None:
        self._trader, self._broker = trader, broker
        self.recorded = 0
        self.taken_up, self.due, self.logged = trader.taken_up, trader.due, trader.logged

    def seen(self, seen: Seen) -> None:
        regular = any(phase is Phase.REGULAR for phase in seen.phases.values())
        for symbol, quote in seen.quotes.items():
            if "/" not in symbol:
                told = self._broker.house.on_quote(quote, None, seen.at, regular=regular)
                self._broker._tell(told)
        # As live, where the broker's file is written first: its messages are heard before.
        self.showing = asyncio.create_task(self._show(seen))

    async def _show(self, seen: Seen) -> None:
        for _ in range(5):
            await asyncio.sleep(0)
        self._trader.seen(seen)


@frozen
class Outdoors:
    """The world outside the engine."""

    clock: FakeClock
    feeds: list[FakeQuotes]
    sources: dict[SourceName, FakeSource]
    log: FakeLog

    def happen(self, number: int) -> None:
        """Opinions turn, a vendor fails, the log is locked and prices run."""
        for place, symbol in enumerate(SYMBOLS):
            turned = number // 15 % 2 == place % 2
            for source in self.sources.values():
                source.say(symbol, 0.9 if turned else -0.8)
        massive = self.sources[MASSIVE]
        massive.failing = VendorThrottled(MASSIVE, "slow") if number in (5, 6) else None
        self.log.failing = LogUnavailable("locked") if number in (9, 13) else None
        for feed in self.feeds:
            feed.price("AZO", f"{310 + (number * 7) % 11 / 10:.2f}", bid="309.90", ask="311.05")
            nvr = 90 - (number * 3) % 7 / 10
            feed.price("NVR", f"{nvr:.2f}", bid=f"{nvr - 0.05:.2f}", ask=f"{nvr + 0.05:.2f}")
            feed.price("BTC/USD", f"{95000 + 100 * min(number, 20)}.5")


async def lived(
    *,
    cycles: int = 50,
    sealed: bool = False,
    traded: bool = False,
    profile: Profile = PROFILE,
    log: FakeLog | None = None,
    begins: timedelta = timedelta(0),
) -> Lived:
    """An eventful stretch of a day, recorded."""
    clock, log, told = FakeClock(), log or FakeLog(), list[Input]()
    await clock.advance(begins.total_seconds())
    sources = {n: FakeSource(n, clock=clock) for n in (MASSIVE, ALPHA_VANTAGE, GROK, SONAR)}
    names = ("alpaca", "yfinance")
    feeds = [FakeQuotes(clock, name=SourceName(one), feed=one) for one in names]
    outdoors = Outdoors(clock, feeds, sources, log)
    feeds[0].bars += [
        Bar(Symbol(symbol), clock.now() - timedelta(minutes=minutes), 309.0, 312.0, 308.0, close, 9)
        for symbol in SYMBOLS
        for minutes, close in enumerate((309.5, 310.5, 309.75), 1)
    ]
    registration = REGISTRATION
    if sealed:
        registration = evolve(registration, reveal_after_s=60, reveal_key=KEY)
    broker = FakeBroker(clock, PLAN.paper)
    trader = Trader(
        *(PLAN.account, broker, FakeJournal(), INSTRUMENTS, CALENDAR),
        clock=clock,
        observer=FakeObserver(),
        policy=PLAN.policy,
        sectors=PLAN.sectors,
    )
    trader.market.adv = PLAN.values
    if traded:
        await trader.open()
        await clock.settle()
    outside = Outside(
        sources=tuple(sources.values()),
        quotes=tuple(feeds),
        calendar=CALENDAR,
        log=log,
        index=log,
        clock=clock,
        observer=FakeObserver(),
        history=feeds[0],
        journal=told.append,
        trading=Floor(trader, broker) if traded else None,
    )
    engine = Engine(profile, INSTRUMENTS, outside, registration)
    await engine.start()
    for number in range(cycles):
        outdoors.happen(number)
        task = asyncio.create_task(engine.cycle(wait=number % 4 == 0))
        await clock.advance(5)
        await task
    log.failing = None
    await engine.stop()
    if traded:
        await trader.stop()
    about = About.of(registration, profile, INSTRUMENTS, Origin.SIMULATED)
    entries = [one.data for one in await log.entries(0, 1_000)]
    return Lived(about, told, entries, log, trader if traded else None)


@pytest.fixture
def live_through() -> Callable[..., Awaitable[Lived]]:
    """Lives an eventful stretch of a day."""
    return lived


@pytest.fixture
def plan() -> PaperPlan:
    """How the day is traded, live and on paper."""
    return PLAN


@pytest.fixture
def key() -> bytes:
    """What sealed signals are sealed with."""
    return KEY
