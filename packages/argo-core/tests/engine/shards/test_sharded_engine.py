"""An engine that has others decide writes the same record, and a replay repeats it."""

import asyncio
import random

from argo_core.backtest.day.run import run
from argo_core.backtest.day.what_if import WhatIf
from argo_core.backtest.recording import About, Origin, Recording, dump
from argo_core.backtest.replay import Difference, Replay
from argo_core.consensus.opinion import ALPHA_VANTAGE, GROK, MASSIVE, SONAR, SourceName
from argo_core.consensus.profile import Profile
from argo_core.engine.desk import Desk
from argo_core.engine.engine import Engine
from argo_core.engine.inputs import Input, Missed, Written
from argo_core.engine.outside import Outside, Registration
from argo_core.engine.shards.sharding import Sharding
from argo_core.events import CycleFinished
from argo_core.market.instrument import instrument
from argo_core.market.session import Session, SessionTable
from argo_core.testing.fake_clock import BEGINNING, FakeClock
from argo_core.testing.fake_log import FakeLog
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.fake_quotes import FakeQuotes
from argo_core.testing.fake_source import FakeSource
from argo_core.testing.fake_workers import FakeWorkers

SYMBOLS = ("AZO", "BKNG", "NVR", "TDG", "MTD", "BTC/USD", "ETH/USD")
INSTRUMENTS = tuple(instrument(symbol) for symbol in SYMBOLS)
REGISTRATION = Registration("argo.example/log", "test", "c" * 64, "d" * 64, seed=7)
PROFILE = Profile(horizon_s=60)


async def lived(workers: FakeWorkers | None, happens=lambda cycle: None, cycles: int = 60):
    """Entries, inputs and events of an engine among fakes, whose market walks by seeded steps."""
    clock, log, observer = FakeClock(), FakeLog(), FakeObserver()
    told: list[Input] = []
    sources = [FakeSource(name, clock=clock) for name in (MASSIVE, ALPHA_VANTAGE, GROK, SONAR)]
    feed = FakeQuotes(clock, name=SourceName("alpaca"), feed="alpaca")
    opens, closes = BEGINNING.replace(hour=10), BEGINNING.replace(hour=21)
    calendar = SessionTable(
        (Session(opens, opens, closes, closes),), opens.replace(hour=0), closes.replace(hour=23)
    )
    sharding = None if workers is None else Sharding(workers, "run", "code", 3, 0.5)
    outside = Outside(
        sources=tuple(sources),
        quotes=(feed,),
        calendar=calendar,
        log=log,
        index=log,
        clock=clock,
        observer=observer,
        journal=told.append,
        sharding=sharding,
    )
    engine = Engine(PROFILE, INSTRUMENTS, outside, REGISTRATION)
    chance = random.Random(3)  # noqa: S311 - seeded chance is wanted here
    for symbol in SYMBOLS:
        feed.price(symbol, "1000.00")
    await engine.start()
    for number in range(cycles):
        for symbol in SYMBOLS:
            feed.price(symbol, f"{1000 + chance.randint(-8, 8)}.00")
            for source in sources:
                source.say(symbol, chance.choice((-1.0, -0.9, 0.1, 0.9, 1.0)))
        happens(number)
        cycle = asyncio.create_task(engine.cycle(wait=True))
        await clock.advance(5)
        await cycle
    happens(cycles)
    await clock.settle()
    await engine.stop()
    return await log.entries(0, 1_000), told, observer


def about() -> About:
    return About.of(REGISTRATION, PROFILE, INSTRUMENTS, Origin.SIMULATED)


def replayed(told):
    replay = Replay(Desk(PROFILE, INSTRUMENTS, REGISTRATION))
    return list(replay.play(iter(Recording(dump(about(), told)))))


async def test_with_any_number_of_workers_the_record_is_the_same_to_the_byte() -> None:
    alone, told, _ = await lived(None)
    assert len(alone) > 40
    for count in (1, 2, 8):
        workers = FakeWorkers(*(f"worker-{number}" for number in range(count)))
        entries, inputs, observer = await lived(workers)
        assert entries == alone
        assert inputs == told
        assert all(one.missed == 0 for one in observer.of(CycleFinished))


async def test_a_cycle_that_missed_symbols_is_replayed_without_them() -> None:
    workers = FakeWorkers("a", "b")

    def happens(cycle: int) -> None:
        if cycle % 10 == 5:
            workers.pause("a")
        elif cycle % 10 == 8:
            workers.go_on("a")

    entries, told, observer = await lived(workers, happens)
    missed = [one for one in told if isinstance(one, Missed)]
    assert missed
    finished = observer.of(CycleFinished)
    assert sum(one.missed for one in finished) == sum(len(one.symbols) for one in missed)
    assert all(one.signals + one.holds + one.skips + one.missed == len(SYMBOLS) for one in finished)
    again = replayed(told)
    assert not [one for one in again if isinstance(one, Difference)]
    assert [one.data for one in again] == [
        data for one in told if isinstance(one, Written) for data in one.entries
    ]
    assert len(again) == len(entries)
    # Without what was missed the replay says what one process would have written instead.
    assert any(
        isinstance(one, Difference)
        for one in replayed([one for one in told if not isinstance(one, Missed)])
    )


async def test_a_day_with_missed_symbols_is_decided_anew_as_it_was() -> None:
    workers = FakeWorkers("a", "b")

    def happens(cycle: int) -> None:
        if cycle % 10 == 5:
            workers.pause("a")
        elif cycle % 10 == 8:
            workers.go_on("a")

    entries, told, _ = await lived(workers, happens)
    day = run(about(), told)
    recorded = {one.data for one in entries}
    assert day.signals
    assert all(one.body in recorded for one in day.signals)
    tried = run(about(), told, what_if=WhatIf(numbers={"theta_bp": 9_000}))
    assert not tried.as_recorded


async def test_missed_after_nothing_was_decided_changes_nothing() -> None:
    desk = Desk(PROFILE, INSTRUMENTS, REGISTRATION)
    desk.missed(Missed((INSTRUMENTS[0].symbol,)))
    assert not desk.known.decisions
