"""An engine among fakes, ready to be driven."""

from datetime import timedelta

import pytest
from attrs import field, frozen

from argo_core.consensus.opinion import ALPHA_VANTAGE, GROK, MASSIVE, SONAR, SourceName
from argo_core.consensus.profile import Profile
from argo_core.engine.engine import Engine
from argo_core.engine.outside import Outside, Registration
from argo_core.market.instrument import Instrument, instrument
from argo_core.market.session import Session, SessionTable
from argo_core.testing.fake_clock import BEGINNING, FakeClock
from argo_core.testing.fake_log import FakeLog
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.fake_quotes import FakeQuotes
from argo_core.testing.fake_source import FakeSource

REGISTRATION = Registration("argo.example/log", "test", "c" * 64, "d" * 64, seed=7)

OPEN, CLOSE = BEGINNING, BEGINNING + timedelta(hours=6.5)
CALENDAR = SessionTable(
    (Session(OPEN - timedelta(hours=5.5), OPEN, CLOSE, CLOSE + timedelta(hours=4)),),
    OPEN - timedelta(days=2),
    OPEN + timedelta(days=2),
)


@frozen
class World:
    """A clock, six vendors and a log, all fakes; build as many engines on it as a test needs."""

    instruments: tuple[Instrument, ...]
    profile: Profile
    clock: FakeClock = field(factory=FakeClock)
    log: FakeLog = field(factory=FakeLog)
    observer: FakeObserver = field(factory=FakeObserver)
    sources: dict[SourceName, FakeSource] = field(factory=dict)
    feeds: list[FakeQuotes] = field(factory=list)
    registration: Registration = REGISTRATION

    def engine(self, *, history: FakeQuotes | None = None) -> Engine:
        return Engine(
            self.profile,
            self.instruments,
            Outside(
                sources=tuple(self.sources.values()),
                quotes=tuple(self.feeds),
                calendar=CALENDAR,
                log=self.log,
                index=self.log,
                clock=self.clock,
                observer=self.observer,
                history=history,
            ),
            self.registration,
        )

    def say(self, symbol: str, strength: float) -> None:
        for source in self.sources.values():
            source.say(symbol, strength)


@pytest.fixture
def world() -> World:
    world = World((instrument("AZO"), instrument("BTC/USD")), Profile())
    for name in (MASSIVE, ALPHA_VANTAGE, GROK, SONAR):
        world.sources[name] = FakeSource(name, clock=world.clock)
    for name in ("alpaca", "yfinance"):
        feed = FakeQuotes(world.clock, name=SourceName(name), feed=name)
        feed.price("AZO", "3100.00")
        feed.price("BTC/USD", "95000.00")
        world.feeds.append(feed)
    world.say("AZO", 0.9)
    world.say("BTC/USD", 0.1)
    return world
