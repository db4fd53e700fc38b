"""The probability beside a signal: told at once, kept up meanwhile, and never by hindsight."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve

from argo_core.codec.signal import read_signal
from argo_core.consensus.reasons import Direction
from argo_core.errors import LogUnavailable
from argo_core.ledger.record import Batch
from argo_core.signals.signal import Signal
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_log import FakeLog
from argo_service.skill.beside import Beside, SoFar
from argo_service.skill.desk import SkillDesk
from argo_service.skill.reading import Reading

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
FIRST, SECOND, LAST = 1, 3, 125
"""Places of signals; each has its outcome behind it."""


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def log(judged_batch: Batch) -> FakeLog:
    log = FakeLog()
    await log.append(judged_batch)
    return log


async def signal_at(log: FakeLog, place: int) -> Signal:
    (logged,) = await log.entries(place, place + 1)
    return read_signal(logged.data)


async def settled(beside: Beside, size: int) -> SoFar:
    """What is known once all of it was read."""
    beside.so_far(size)
    await reading()
    return beside.so_far(size)


async def reading() -> None:
    """Until nobody reads on."""
    tasks = [each for each in asyncio.all_tasks() if each.get_name() == "confidences"]
    await asyncio.gather(*tasks)


async def test_nothing_is_waited_for_and_soon_it_is_known(log: FakeLog, clock: FakeClock) -> None:
    beside = Beside(Reading(log), clock)
    last = await signal_at(log, LAST)
    assert beside.so_far(127).calibrated("alpha", last) is None
    known = (await settled(beside, 127)).calibrated("alpha", last)
    assert known is not None
    assert (known.method, known.outcomes) == ("bins", 60)
    assert 0.3 < known.probability < 0.7


async def test_only_outcomes_that_were_known_then_count(log: FakeLog, clock: FakeClock) -> None:
    so_far = await settled(Beside(Reading(log), clock), 127)
    assert so_far.calibrated("alpha", await signal_at(log, FIRST)) is None
    second = so_far.calibrated("alpha", await signal_at(log, SECOND))
    assert second is not None
    assert second.outcomes == 1


async def test_who_sells_is_right_where_the_price_falls(log: FakeLog, clock: FakeClock) -> None:
    so_far = await settled(Beside(Reading(log), clock), 127)
    buys = await signal_at(log, LAST)
    sells = evolve(
        buys, direction=Direction.SELL, confidence_bp=-buys.confidence_bp, stop=None, target=None
    )
    one, other = (so_far.calibrated("alpha", each) for each in (buys, sells))
    assert one is not None
    assert other is not None
    # Nobody has sold yet, so that only the share of all rises tells.
    assert 0 < other.probability < 1


async def test_there_is_none_for_others(log: FakeLog, clock: FakeClock) -> None:
    so_far = await settled(Beside(Reading(log), clock), 127)
    last = await signal_at(log, LAST)
    assert so_far.calibrated("gamma", last) is None
    assert so_far.calibrated("alpha", evolve(last, horizon_s=7_200)) is None


async def test_it_is_read_on_when_there_is_more_and_not_too_often(
    log: FakeLog, clock: FakeClock
) -> None:
    beside = Beside(Reading(log), clock)
    early = await settled(beside, 101)
    assert beside.so_far(101) is early
    assert beside.so_far(127) is early
    await clock.advance(4)
    assert beside.so_far(127) is early
    await clock.advance(1)
    last = await signal_at(log, LAST)
    before = early.calibrated("alpha", last)
    after = (await settled(beside, 127)).calibrated("alpha", last)
    assert before is not None
    assert after is not None
    assert (before.outcomes, after.outcomes) == (50, 60)


async def test_a_log_that_is_away_takes_nothing_along(
    log: FakeLog, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    beside = Beside(Reading(log), clock)
    log.failing = LogUnavailable("it is away")
    assert (await settled(beside, 127)).strategies == {}
    assert "what confidences came to is not known: it is away" in caplog.text
    log.failing = None
    await clock.advance(5)
    assert (await settled(beside, 127)).strategies.keys() == {"alpha"}


async def test_closing_the_desk_stops_it(log: FakeLog, clock: FakeClock) -> None:
    desk = SkillDesk(log, clock)
    desk.beside.so_far(127)
    await desk.close()
    assert desk.read < 127


async def get(station: Any, path: str) -> Any:
    response = await station.client.get(path)
    assert response.status == 200
    return await response.json()


async def test_it_stands_beside_a_signal_once_others_had_outcomes(station: Any) -> None:
    await station.cycle()
    for price in ("100.10", "100.20"):
        for symbol in ("AAPL", "BRK.B"):
            station.quotes.price(symbol, price)
        await station.cycle()
    assert (await get(station, "/api/v1/signals/AAPL"))["latest"]["calibrated"] is None
    # The horizon is over, and the sources say it again.
    await station.cycle(3_700)
    station.say("AAPL", 0.9)
    await station.cycle(301)
    await station.cycle(301)
    await get(station, "/api/v1/signals")
    await reading()
    (latest, *_) = (await get(station, "/api/v1/signals?symbol=AAPL"))["signals"]
    found = latest["calibrated"]
    assert (found["method"], found["outcomes"]) == ("bins", 2)
    assert 0.5 < found["probability"] < 1
