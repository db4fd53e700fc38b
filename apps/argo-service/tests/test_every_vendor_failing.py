"""Each vendor in turn fails in each simulated way: the beat goes on, says who is missing, heals.

The real wiring talks to the simulator over loopback HTTP, on a clock that moves on by a beat when
told to. At one moment the simulator says one thing, so what was believed of a failing vendor can be
compared with what the same vendor says once it is well.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from attrs import define, evolve, field

from argo_adapters.clocks.system import SystemClock
from argo_adapters.clocks.tape import TapeClock
from argo_adapters.http.client import open_session
from argo_adapters.http.open_turnstile import OpenTurnstile
from argo_adapters.simulator.app import Simulator
from argo_adapters.simulator.faults import Fault
from argo_adapters.sqlite.verify import verify
from argo_adapters.tapes.file import shipped
from argo_adapters.vendors.yfinance.chart import chart_fetcher
from argo_adapters.vendors.yfinance.source import YfinanceQuotes
from argo_core.consensus.opinion import Opinion, SourceName
from argo_core.engine.engine import Engine
from argo_core.engine.loop import run as run_loop
from argo_core.events import BeatMissed, CycleFinished, Event, SourceAnswered, SourceFailed
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_service.config.tree import Settings
from argo_service.demo.stage import opening, point_at, staged, yahoo_url
from argo_service.wiring import running

TAPE: Final = shipped("ordinary-day")
OPENED: Final = opening(TAPE, None)
YAHOO: Final = "yahoo"
SYMBOLS: Final = ("AZO", "LII", "NVR", "BTC/USD")
VENDORS: Final = ("massive", "alpha_vantage", "grok", "sonar", "alpaca", YAHOO)

# A vendor is given up long before the wall shows a beat, and the beat must not wait even for that.
GIVEN_UP_S: Final = 2.0
DEADLINE_S: Final = 0.1
MARGIN_S: Final = 1.5
BEATS_TO_NOTICE: Final = 100
# A beat of five seconds takes the wall less than a millisecond when nobody is waited for, and an
# open breaker has to cool meanwhile.
PACE: Final = 10_000.0
LONGEST_PAUSE_S: Final = 3_600.0

pytestmark = pytest.mark.timed

# The whole answer is wrong, so the source is absent; by what is left of it nothing can be believed.
UNUSABLE: Final = frozenset(Fault) - {
    Fault.STALE,
    Fault.OUT_OF_ORDER,
    Fault.CROSSED,
    Fault.UNKNOWN_SYMBOLS,
    Fault.MISSING_SYMBOLS,
}


@define
class Steps:
    """A clock that stands still until it is told to go on; what is measured is the wall's."""

    moment: datetime
    _wall: SystemClock = field(factory=SystemClock)
    _moved: asyncio.Event = field(factory=asyncio.Event)
    _asleep: asyncio.Event = field(factory=asyncio.Event)

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> Coroutine[None, None, None]:
        # The end is known when it is asked for: a step before a task begins is not slept through.
        return self._until(self.moment + timedelta(seconds=seconds))

    async def _until(self, until: datetime) -> None:
        while self.moment < until:
            self._asleep.set()
            await self._moved.wait()

    async def asleep(self) -> None:
        """Wait until somebody waits for this clock: a step before that would be slept through."""
        await self._asleep.wait()

    def monotonic(self) -> float:
        return self._wall.monotonic()

    def timeout(self, seconds: float) -> asyncio.Timeout:
        return self._wall.timeout(seconds)

    def step(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
        self._asleep.clear()
        self._moved.set()
        self._moved = asyncio.Event()


@define
class Played:
    """A running engine of which one vendor is about to fail, and everything it said."""

    vendor: str
    clock: Steps
    simulator: Simulator
    engine: Engine
    beat_s: float
    events: list[Event] = field(factory=list)
    _heard: asyncio.Event = field(factory=asyncio.Event)

    def notice(self, event: Event) -> None:
        self.events.append(event)
        self._heard.set()

    @property
    def source(self) -> SourceName:
        return SourceName("yfinance" if self.vendor == YAHOO else self.vendor)

    @property
    def gives_prices(self) -> bool:
        return self.vendor in {"alpaca", YAHOO}

    @property
    def cycles(self) -> list[CycleFinished]:
        return [event for event in self.events if isinstance(event, CycleFinished)]

    def outcomes(self) -> "list[SourceAnswered | SourceFailed]":
        """What became of each ask of this vendor."""
        asks = (e for e in self.events if isinstance(e, SourceAnswered | SourceFailed))
        return [event for event in asks if event.source == self.source]

    @property
    def pause_s(self) -> float:
        """How long the vendor asked to be left alone when it last failed."""
        failure = self.engine.known.failures.get(self.source)
        return (failure.error.retry_after_s or 0.0) if failure else 0.0

    async def beat(self, seconds: float = 0.0) -> CycleFinished:
        """The next cycle, that much later; then whoever answers at once has answered."""
        async with asyncio.timeout(GIVEN_UP_S + 5 * MARGIN_S):
            await self.clock.asleep()
            number = len(self.cycles) + 1
            self.clock.step(max(self.beat_s, seconds))
            while len(self.cycles) < number:
                self._heard.clear()
                await self._heard.wait()
        cycle = self.cycles[-1]
        assert cycle.seconds < DEADLINE_S + MARGIN_S, f"the beat waited: {cycle}"
        await self.quiet_for(DEADLINE_S)
        return cycle

    async def quiet_for(self, seconds: float) -> None:
        """Wait that long at most for whoever has been asked."""
        refresher, prices = self.engine._refresher, self.engine._prices
        landed = asyncio.create_task(refresher.landed())
        await asyncio.wait([landed, *filter(None, [prices._task])], timeout=seconds)
        landed.cancel()

    async def asked_again(self) -> "SourceAnswered | SourceFailed":
        """Let beats pass until another ask of the vendor has come to its end."""
        before = len(self.outcomes())
        for _ in range(BEATS_TO_NOTICE):
            await self.beat(self.pause_s)
            if len(self.outcomes()) > before:
                return self.outcomes()[-1]
        raise AssertionError(f"{self.vendor} was not asked within {BEATS_TO_NOTICE} beats")

    def believed(self) -> dict[Symbol, Opinion | Quote]:
        """What the engine holds of this vendor: its opinions, or the prices it gave."""
        known = self.engine.known
        if self.gives_prices:
            feed = self.source
            return {s: q for s, q in known.quotes.items() if q.feed.split(":")[0] == feed}
        held = known.opinions.items()
        return {symbol: bare(of[self.source]) for symbol, of in held if self.source in of}

    async def honestly(self) -> dict[Symbol, Opinion | Quote]:
        """What the same vendor says at this very moment when it is well."""
        outside, asked = self.engine.outside, tuple(self.engine.known.instruments.values())
        if self.vendor == YAHOO:
            # The engine's own refuses to ask twice in a minute.
            async with open_session() as session:
                url = yahoo_url(self.simulator)
                fetch = chart_fetcher(session, url, turnstile=OpenTurnstile())
                return by_symbol((await YfinanceQuotes(self.clock, fetch).quotes(asked)).items)
        if self.vendor == "alpaca":
            return by_symbol((await outside.quotes[0].quotes(asked)).items)
        source = next(each for each in outside.sources if each.name == self.source)
        answer = await source.opinions(asked, self.clock.now())
        return by_symbol(map(bare, answer.items))


def by_symbol(items: Iterable[Opinion | Quote]) -> dict[Symbol, Opinion | Quote]:
    return {one.symbol: one for one in items}


def bare(opinion: Opinion) -> Opinion:
    """An opinion without the hash of the answer it was in, which has other rows as well."""
    return evolve(opinion, raw_sha256="0" * 64)


def hurried(settings: Settings, beat_s: float) -> Settings:
    """Every source is asked at every beat and given up soon; nothing is too weak to be asked."""
    often = {"refresh_after_s": beat_s, "min_interval_s": beat_s, "timeout_s": GIVEN_UP_S}
    consensus = evolve(
        settings.consensus,
        beat_s=beat_s,
        theta_bp=100,
        price_deadline_s=DEADLINE_S,
        price_timeout_s=GIVEN_UP_S,
        fallback_interval_s=beat_s,
    )
    return evolve(settings, consensus=consensus, sources=settings.sources.each(lambda _: often))


@asynccontextmanager
async def playing(vendor: str, begins: datetime, database: Path) -> AsyncIterator[Played]:
    clock = Steps(begins)
    # The fallback's own pace is a minute, so that is the beat on which it is looked at.
    beat_s = 60.0 if vendor == YAHOO else 5.0
    heard: list[Event] = []
    observer = Relay(heard.append)
    async with staged(TAPE, clock, latency_scale=float("inf"), limits=False) as simulator:
        if vendor == YAHOO:
            # A fallback shows only where the primary is away.
            simulator.break_vendor("alpaca", Fault.SERVER_ERROR)
        settings = point_at(simulator, hurried(Settings(), beat_s), TAPE, SYMBOLS, database)
        yahoo = yahoo_url(simulator)
        async with running(settings, clock, (observer,), yahoo_url=yahoo, pace=PACE) as argo:
            played = Played(vendor, clock, simulator, argo.engine, beat_s, heard)
            observer.to = played.notice
            stop = asyncio.Event()
            beating = asyncio.create_task(run_loop(argo.engine, clock, observer, stop))
            try:
                while not played.believed():
                    await played.beat()
                yield played
            finally:
                stop.set()
                await beating


@define
class Relay:
    """An observer that is made before whoever listens."""

    to: Callable[[Event], None]

    def notice(self, event: Event) -> None:
        self.to(event)


@define
class Theatre:
    """One vendor's engine for all its faults, on one log; it can be started again."""

    vendor: str
    database: Path
    played: Played = field(init=False)
    _open: AsyncExitStack = field(factory=AsyncExitStack)

    async def start(self, begins: datetime) -> None:
        await self.stop()
        engine = playing(self.vendor, begins, self.database)
        self.played = await self._open.enter_async_context(engine)

    async def stop(self) -> None:
        await self._open.aclose()


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=VENDORS)
async def theatre(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Theatre]:
    database = tmp_path_factory.mktemp(request.param) / "argo.sqlite3"
    theatre = Theatre(request.param, database)
    await theatre.start(OPENED)
    yield theatre
    await theatre.stop()
    checked = await asyncio.to_thread(verify, database)
    assert checked.verified, checked.problems


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("fault", Fault)
async def test_a_failing_vendor_is_named_never_believed_and_taken_back(
    theatre: Theatre, fault: Fault
) -> None:
    played = theatre.played
    # Nothing that was asked of the healthy vendor may land later.
    await played.quiet_for(2 * GIVEN_UP_S)
    before = played.believed()
    played.simulator.break_vendor(played.vendor, fault)
    outcome = await played.asked_again()
    after = played.believed()
    failed = isinstance(outcome, SourceFailed)
    assert failed or fault not in UNUSABLE
    played.simulator.heal(played.vendor)
    learnt = {symbol: one for symbol, one in after.items() if one != before.get(symbol)}
    assert not (failed and learnt)
    if not failed:
        # One that failed may have to be left alone for a while before it says anything honest.
        honest = await played.honestly()
        assert learnt == {symbol: honest.get(symbol) for symbol in learnt}
    if played.gives_prices:
        # Prices are asked for as a cycle begins, so a healed vendor is never seen to be absent.
        played.simulator.break_vendor(played.vendor, fault)
    told = await played.beat()
    played.simulator.heal(played.vendor)
    assert (played.source in told.absent) == failed
    if played.pause_s > LONGEST_PAUSE_S:
        # A daily quota is gone until midnight; an operator who knows better starts anew.
        await theatre.start(played.clock.now())
    else:
        while isinstance(await played.asked_again(), SourceFailed):
            pass
    assert played.source not in (await theatre.played.beat()).absent


async def test_with_every_vendor_hanging_not_one_beat_is_missed(tmp_path: Path) -> None:
    # A second and a quarter of the wall is a beat here.
    pace = 4.0
    clock = TapeClock(OPENED, speed=pace)
    events: list[Event] = []
    every = dict.fromkeys(VENDORS, Fault.TIMEOUT)
    async with staged(TAPE, clock, latency_scale=4, broken=every) as simulator:
        hasty = hurried(Settings(), 5.0)
        settings = point_at(simulator, hasty, TAPE, SYMBOLS, tmp_path / "argo.sqlite3")
        # What an engine begins with has its own patience, and is not what is looked at.
        simulator.heal("alpaca")
        observer, yahoo = Relay(events.append), yahoo_url(simulator)
        async with running(settings, clock, (observer,), yahoo_url=yahoo, pace=pace) as argo:
            simulator.break_vendor("alpaca", Fault.TIMEOUT)
            until = clock.now() + timedelta(seconds=25)
            await run_loop(argo.engine, clock, observer, asyncio.Event(), until=until)
    cycles = [event for event in events if isinstance(event, CycleFinished)]
    assert [event for event in events if isinstance(event, BeatMissed)] == []
    assert len(cycles) == 5
    assert {"alpaca", "massive", "grok", "sonar"} <= set(cycles[-1].absent)
