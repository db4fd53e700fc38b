"""Skill beside a running service: nothing is read twice, and nothing waits for long."""

import asyncio
import threading
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import define, field

from argo_adapters.sqlite.spending import SqliteSpendingBook
from argo_core.consensus.opinion import GROK, MASSIVE, SourceName
from argo_core.errors import InvalidInput, LogUnavailable, LogUnusable, SharedAway
from argo_core.events import SourceAnswered
from argo_core.ledger.canonical import sha256_hex
from argo_core.ledger.record import Batch, LoggedEntry
from argo_core.resilience.budget import Amount
from argo_core.signals.skill.price import Spent
from argo_core.testing.entries import tiny_capsule
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_log import FakeLog
from argo_core.testing.small_record import commit_to, reveal_of, sealed_signal, strategy_entry
from argo_service.skill.desk import SkillDesk
from argo_service.skill.reading import Reading
from argo_service.skill.spending import spent_so_far
from argo_service.skill.told import NO_BOOK, nothing_spent
from argo_service.tally import Tally

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


@define
class Watched:
    """A log that remembers what it was asked for, and answers when it may."""

    log: FakeLog = field(factory=FakeLog)
    asked: list[tuple[int, int]] = field(factory=list)
    may: asyncio.Event = field(factory=asyncio.Event)

    async def entries(self, start: int, stop: int) -> tuple[LoggedEntry, ...]:
        self.asked.append((start, stop))
        await self.may.wait()
        return await self.log.entries(start, stop)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def watched(judged_batch: Batch) -> Watched:
    log = Watched()
    await log.log.append(judged_batch)
    log.may.set()
    return log


async def test_nothing_is_read_twice(watched: Watched, clock: FakeClock) -> None:
    desk = SkillDesk(watched, clock)
    for size in (101, 101, 127):
        await desk.read_on(size)
    assert watched.asked == [(0, 101), (101, 127)]
    assert desk.read == 127


async def test_read_in_steps_it_is_what_is_told_at_once(watched: Watched, clock: FakeClock) -> None:
    stepwise, at_once = SkillDesk(watched, clock), SkillDesk(watched, clock)
    for size in range(1, 128, 7):
        await stepwise.read_on(size)
        await stepwise.tell("alpha")
    await stepwise.read_on(127)
    await at_once.read_on(127)
    assert await stepwise.tell("alpha") == await at_once.tell("alpha")


async def test_what_is_not_published_is_not_told(watched: Watched, clock: FakeClock) -> None:
    desk = SkillDesk(watched, clock)
    # The registration, a signal and its outcome, and another signal.
    await desk.read_on(4)
    told = await desk.tell("alpha")
    assert (told.signals, told.waiting) == (1, 1)


async def test_what_is_sealed_is_not_told(clock: FakeClock) -> None:
    log, sealed = FakeLog(), sealed_signal(1)
    first = strategy_entry(0), commit_to(sealed, 1)
    await log.append(Batch(0, first, _capsules(1), {sealed.commitment: sealed}))
    desk = SkillDesk(log, clock)
    await desk.read_on(2)
    assert (await desk.tell("alpha")).waiting == 0
    await log.append(Batch(2, (reveal_of(sealed, 1, 2),)))
    await desk.read_on(3)
    assert (await desk.tell("alpha")).waiting == 1


async def test_what_was_told_is_kept_until_there_is_more_or_a_minute_is_over(
    watched: Watched, clock: FakeClock
) -> None:
    desk = SkillDesk(watched, clock)
    await desk.read_on(101)
    told = await desk.tell("alpha")
    assert await desk.tell("alpha") is told
    await desk.read_on(103)
    more = await desk.tell("alpha")
    assert more.signals == told.signals + 1
    await clock.advance(59)
    assert await desk.tell("alpha") is more
    await clock.advance(1)
    again = await desk.tell("alpha")
    assert again is not more
    assert again == more


async def test_telling_anew_is_not_waited_for_where_something_was_told(
    watched: Watched, clock: FakeClock
) -> None:
    go_on = threading.Event()
    go_on.set()

    def slowly() -> dict[SourceName, Spent]:
        go_on.wait()
        return {}

    desk = SkillDesk(watched, clock, slowly)
    await desk.read_on(101)
    told = await desk.tell("alpha")
    await desk.read_on(103)
    go_on.clear()
    one, other = (asyncio.create_task(desk.tell("alpha")) for _ in range(2))
    await clock.advance(5)
    assert await one is await other is told
    go_on.set()
    assert (await desk.tell("alpha")).signals == told.signals + 1
    # It took five seconds, so that for fifty nothing is told anew.
    await desk.read_on(127)
    await clock.advance(44)
    assert (await desk.tell("alpha")).signals == told.signals + 1
    await clock.advance(6)
    assert (await desk.tell("alpha")).signals == 63


async def test_a_long_log_is_not_waited_for(watched: Watched, clock: FakeClock) -> None:
    watched.may.clear()
    desk = SkillDesk(watched, clock)
    asking = asyncio.create_task(desk.read_on(127))
    await clock.advance(5)
    await asking
    assert (desk.read, desk.strategies) == (0, ())
    watched.may.set()
    await desk.read_on(127)
    assert (desk.read, desk.strategies) == (127, ("alpha",))
    assert watched.asked == [(0, 127)]


async def test_who_hangs_up_does_not_stop_the_reading(watched: Watched, clock: FakeClock) -> None:
    watched.may.clear()
    desk = SkillDesk(watched, clock)
    one, other = (asyncio.create_task(desk.read_on(127)) for _ in range(2))
    await clock.advance(0)
    one.cancel()
    watched.may.set()
    await other
    assert desk.read == 127
    assert one.cancelled()


async def test_closing_stops_the_reading(watched: Watched, clock: FakeClock) -> None:
    await SkillDesk(watched, clock).close()
    watched.may.clear()
    desk = SkillDesk(watched, clock)
    asking = asyncio.create_task(desk.read_on(127))
    await clock.advance(0)
    await desk.close()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_a_log_that_is_away_may_come_back(watched: Watched, clock: FakeClock) -> None:
    desk = SkillDesk(watched, clock)
    watched.log.failing = LogUnavailable("it is away")
    with pytest.raises(LogUnavailable):
        await desk.read_on(127)
    watched.log.failing = None
    await desk.read_on(127)
    assert desk.read == 127


async def test_a_strategy_that_is_not_there_is_refused(watched: Watched, clock: FakeClock) -> None:
    desk = SkillDesk(watched, clock)
    await desk.read_on(127)
    with pytest.raises(InvalidInput, match="see: alpha"):
        await desk.tell("gamma")


async def test_an_entry_that_is_damaged_is_named() -> None:
    class Damaged:
        async def entries(self, start: int, stop: int) -> tuple[LoggedEntry, ...]:
            return tuple(LoggedEntry(index, b'{"kind":"signal"}') for index in range(start, stop))

    reading = Reading(Damaged())
    with pytest.raises(LogUnusable, match="entry 0 is damaged"):
        await reading.go_on(1)
    assert reading.size == 0


async def test_prices_are_of_sources_that_are_known(watched: Watched, clock: FakeClock) -> None:
    paid = Spent(Decimal("1.50"), datetime(2023, 1, 1, tzinfo=UTC))
    desk = SkillDesk(watched, clock, lambda: {MASSIVE: paid, SourceName("grok_words"): paid})
    await desk.read_on(127)
    (price,) = (await desk.tell("alpha")).skill.prices
    assert (price.source, price.usd, price.horizons) == (MASSIVE, paid.usd, 63)


async def test_without_a_book_there_are_no_prices_and_a_note(
    watched: Watched, clock: FakeClock
) -> None:
    def away() -> dict[SourceName, Spent]:
        raise SharedAway("the disk is gone")

    desk = SkillDesk(watched, clock, away)
    await desk.read_on(127)
    told = await desk.tell("alpha")
    assert told.skill.prices == ()
    assert NO_BOOK in told.notes
    assert not nothing_spent()


async def test_a_book_goes_before_what_was_counted_since_the_start(
    tmp_path: Path, clock: FakeClock
) -> None:
    tally, path = Tally(clock), tmp_path / "book.sqlite3"
    for source in (GROK, MASSIVE):
        tally.notice(SourceAnswered(source, NOW, 0.1, 1, Decimal("0.25"), 1, 1))
    async with SqliteSpendingBook.open(path) as book:
        for day in (3, 1, 2):
            await book.add(GROK, datetime(2026, 2, day, tzinfo=UTC).date(), Amount(Decimal(1)))
        spent = await asyncio.to_thread(spent_so_far, path, tally, NOW)
    assert spent == {
        GROK: Spent(Decimal(3), datetime(2026, 2, 1, tzinfo=UTC)),
        MASSIVE: Spent(Decimal("0.25"), NOW),
    }


def _capsules(seq: int) -> dict[str, bytes]:
    return {sha256_hex(tiny_capsule(seq)): tiny_capsule(seq)}
