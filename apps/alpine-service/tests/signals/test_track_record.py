"""The published record's figures, as they grow with the log."""

import asyncio
import csv
import io
from collections.abc import Iterable
from datetime import UTC, date, datetime

import pytest
from attrs import asdict, define, evolve, field
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alpine_service.adapters.postgres.record_store import _COUNTED, _OVERDUE, PostgresRecord
from alpine_service.adapters.postgres.signal_store import PostgresSignals
from alpine_service.domain.signals.counted import COLUMNS, Counted
from alpine_service.domain.signals.event import Audience
from alpine_service.domain.signals.performance import WORST_BP, Performance
from alpine_service.domain.signals.record_figures import RecordFigures
from alpine_service.domain.signals.signal import Disclosure, SignalRecord
from alpine_service.errors import DatabaseAway
from alpine_service.ports.track_record import Overdue
from alpine_service.services.signals import REVEAL_GRACE_US, Signals
from alpine_service.services.track_record import REFRESH_S, Record, TrackRecord
from alpine_service.testing.fake_clock import FakeClock
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.stored_signals import (
    BEGIN_US,
    MINUTE_US,
    WITNESSED_US,
    a_signal,
    store,
)

DELAYED = Disclosure.DELAYED
EVERYBODY = Audience.EVERYBODY
# Commits of up to 12:04 are overdue then, later ones not: each is due 15 minutes after its own.
NOW_US = BEGIN_US + 19 * MINUTE_US + WITNESSED_US + REVEAL_GRACE_US + 1
NOW = datetime.fromtimestamp(NOW_US / 1e6, UTC)
DAY_US = 24 * 60 * MINUTE_US


class NoProofs:
    async def proof_file(self, log_index: int) -> bytes:
        raise AssertionError(log_index)


def record_of(
    index: int,
    strategy: str,
    opened: tuple[Disclosure, Audience | None],
    outcome: tuple[str | None, int | None],
    day: int,
) -> SignalRecord:
    disclosure, audience = opened
    result, return_bp = outcome
    return a_signal(
        index,
        strategy=strategy,
        disclosure=disclosure,
        audience=audience,
        direction="SELL" if index % 2 else "BUY",
        confidence_bp=index * 1_000,
        result=result,
        return_bp=return_bp,
        ended_us=BEGIN_US + day * DAY_US,
        opinions={"news": (index * 1_000, 5), "massive": (0, 0)},
    )


RECORDS = st.lists(
    st.tuples(
        st.sampled_from(["alpha", "beta"]),
        st.sampled_from(
            [(Disclosure.OPEN, EVERYBODY), *((DELAYED, one) for one in [None, *Audience])]
        ),
        st.sampled_from([(None, None), ("void", None), ("stop", -70), ("expired", 0)])
        | st.just(("target", 150)),
        st.integers(0, 40),
    ),
    max_size=9,
).map(lambda kinds: [record_of(index, *kind) for index, kind in enumerate(kinds)])


def assert_agree(figures: RecordFigures, performance: Performance) -> None:
    assert figures.strategy == performance.tally.strategy
    assert figures.counted == performance.counted
    assert figures.overdue == performance.tally.overdue
    assert figures.mean_return_bp == performance.mean_return_bp
    assert figures.standard_error_bp == performance.standard_error_bp
    rate = figures.hit_rate
    found = None if rate is None else (rate.hits, rate.rate, rate.low, rate.high)
    hits, low, high = performance.tally.hits, performance.hit_rate_low, performance.hit_rate_high
    assert found == (None if rate is None else (hits, performance.hit_rate, low, high))
    total = performance.tally.returns_bp + WORST_BP * performance.tally.overdue
    assert figures.total_bp == sum(each.total_bp for each in figures.days) == total


async def test_figures_agree_with_the_performance_of_the_same_moment(
    database: TestDatabase,
) -> None:
    cases: list[list[SignalRecord]] = []

    @settings(max_examples=50, database=None, suppress_health_check=list(HealthCheck))
    @given(RECORDS)
    def draw(records: list[SignalRecord]) -> None:
        cases.append(records)

    draw()
    clock = FakeClock(NOW)
    for records in cases:
        await database.owner.execute("TRUNCATE signals")
        await store(database.app, records)

        record = await TrackRecord(PostgresRecord(database.app), clock).figures()
        overall, each = await Signals(
            PostgresSignals(database.app), NoProofs(), clock
        ).performance()

        assert_agree(record.overall, overall)
        counted = [one for one in each if one.counted]
        assert len(record.strategies) == len(counted)
        for figures, performance in zip(record.strategies, counted, strict=True):
            assert_agree(figures, performance)


async def change(database: TestDatabase, records: Iterable[SignalRecord]) -> None:
    """The same signals, of which the log has said more."""
    changed = list(records)
    indices = [one.log_index for one in changed]
    await database.owner.execute("DELETE FROM signals WHERE log_index = ANY ($1)", indices)
    await store(database.app, changed)


async def figures_anew(database: TestDatabase, clock: FakeClock) -> Record:
    return await TrackRecord(PostgresRecord(database.app), clock).figures()


async def test_what_grew_step_by_step_is_what_would_be_read_anew(database: TestDatabase) -> None:
    clock = FakeClock(NOW)
    record = TrackRecord(PostgresRecord(database.app), clock)
    assert (await record.figures()).overall.counted == 0

    open_, sealed = a_signal(0), a_signal(1, disclosure=DELAYED, audience=None)
    await store(database.app, [open_, sealed])
    first = await record.figures()
    assert (first.overall.counted, first.overall.overdue) == (1, 1)

    scored = a_signal(0, result="stop", return_bp=-50)
    await change(database, [scored])
    second = await record.figures()
    assert (second.overall.counted, second.overall.overdue) == (2, 1)
    assert second == await figures_anew(database, clock)

    shown = a_signal(1, disclosure=DELAYED, result="target", return_bp=200)
    # Its outcome came before; with the reveal it is in the count.
    late = evolve(shown, outcome_index=900_000, revealed_index=2_000_000)
    await change(database, [late])
    third = await record.figures()
    assert (third.overall.counted, third.overall.overdue) == (2, 0)
    assert third.position == 2_000_000
    assert third.overall.total_bp == 150
    assert third == await figures_anew(database, clock)
    assert third is await record.figures(), "nothing is counted twice"


async def test_an_outcome_before_its_reveal_is_not_counted_until_then(
    database: TestDatabase,
) -> None:
    sealed = a_signal(
        0, disclosure=DELAYED, audience=Audience.REALTIME, result="target", return_bp=200
    )
    await store(database.app, [sealed])

    figures = (await figures_anew(database, FakeClock())).overall

    assert figures.counted == 0
    assert figures.sources == ()


async def test_an_overdue_commit_counts_on_the_day_it_was_due(database: TestDatabase) -> None:
    commit = a_signal(0, disclosure=DELAYED, audience=None)
    # Due at 12:15:05, five seconds after a witness saw it; half a day later by the log's clock.
    late = evolve(commit, official_s=(commit.official_s or 0) + 12 * 60 * 60)
    await store(database.app, [commit, evolve(late, log_index=1, seq=1, commitment=b"1" * 32)])

    figures = (await figures_anew(database, FakeClock(datetime(2026, 4, 1, tzinfo=UTC)))).overall

    assert [(one.day, one.total_bp) for one in figures.days] == [
        (date(2026, 3, 2), WORST_BP),
        (date(2026, 3, 3), WORST_BP),
    ]


async def test_a_long_record_is_read_in_parts_and_by_position(database: TestDatabase) -> None:
    store_ = PostgresRecord(database.app)
    many = [
        evolve(
            a_signal(index, result="stop", return_bp=index, ended_us=BEGIN_US),
            outcome_index=10_000 - index,
        )
        for index in range(250)
    ]
    await store(database.app, many)

    found = await store_.counted(-1, 10_000, 100)

    assert [one.position for one in found] == list(range(9_751, 9_851))
    assert [one.signal_index for one in found[:2]] == [249, 248]
    assert await store_.counted(9_999, 10_000, 9) == await store_.counted(9_999, 99_999, 9)
    assert await store_.counted(10_000, 99_999, 9) == []
    figures = (await figures_anew(database, FakeClock())).overall
    assert (figures.counted, figures.total_bp) == (250, sum(range(250)))


async def test_a_reader_can_recompute_the_figures_from_the_lines(database: TestDatabase) -> None:
    records = [
        a_signal(0, result="target", return_bp=150, confidence_bp=-4_000, direction="SELL"),
        a_signal(1, strategy="beta", disclosure=DELAYED, result="stop", return_bp=-50),
        a_signal(2, strategy="beta", disclosure=DELAYED, audience=Audience.REALTIME, secret="X"),
        a_signal(3, result="void"),
        *(a_signal(index, result="expired", return_bp=1) for index in range(10, 260)),
        *(a_signal(index, disclosure=DELAYED, audience=None) for index in range(300, 420)),
    ]
    await store(database.app, records)
    clock = FakeClock(datetime(2026, 4, 1, tzinfo=UTC))
    record = TrackRecord(PostgresRecord(database.app), clock)

    text = b"".join([chunk async for chunk in record.csv()]).decode()
    lines = list(csv.DictReader(io.StringIO(text, newline="")))

    assert text.splitlines()[0] == ",".join(COLUMNS)
    assert len({line["signal_index"] for line in lines}) == len(lines) == 373
    figures = (await record.figures()).overall
    assert figures.counted == len(lines)
    assert figures.overdue == sum(line["is_overdue"] == "1" for line in lines) == 121
    assert figures.total_bp == sum(int(line["return_bp"]) for line in lines)
    by_index = {line["signal_index"]: line for line in lines}
    assert by_index["0"] == {
        "signal_index": "0",
        "strategy": "alpha",
        "symbol": "BRK.B",
        "direction": "SELL",
        "confidence_bp": "-4000",
        "decided_us": str(BEGIN_US),
        "at_us": str(BEGIN_US + 60 * MINUTE_US),
        "return_bp": "150",
        "result": "target",
        "is_overdue": "0",
    }
    hidden = by_index["2"]
    assert hidden["symbol"] == hidden["direction"] == hidden["confidence_bp"] == ""
    assert hidden["return_bp"] == str(WORST_BP)
    assert "X" not in text


@define
class Breaking:
    """A store of a hundred and fifty signals that breaks once, after some of them were read."""

    reads: list[int] = field(factory=list)
    looks: int = 0
    breaks: bool = True

    async def counted(self, after: int, until: int, most: int) -> list[Counted]:
        await asyncio.sleep(0)  # noqa: TID251 - only a turn for the others
        if after >= 50 and self.breaks:
            self.breaks = False
            raise DatabaseAway("away", "wait")
        self.reads.append(after)
        places = range(after + 1, min(until, after + 50) + 1)
        return [
            Counted(place, place, "alpha", 0, 0, 1, "AAPL", "BUY", 1, "stop") for place in places
        ]

    async def overdue(self, now_us: int, grace_us: int) -> Overdue:
        self.looks += 1
        return Overdue(149, ())

    async def unrevealed(self, now_us: int, grace_us: int, after: int, most: int) -> list[Counted]:
        return []


async def test_what_was_read_before_a_break_is_neither_lost_nor_counted_twice() -> None:
    store_ = Breaking()
    record = TrackRecord(store_, FakeClock())
    with pytest.raises(DatabaseAway):
        await record.figures()

    assert (await record.figures()).overall.counted == 150
    assert store_.reads == [-1, 49, 99]


async def test_it_is_read_before_anybody_asks_and_again_from_time_to_time() -> None:
    store_, clock = Breaking(breaks=False), FakeClock()
    running = asyncio.create_task(TrackRecord(store_, clock).run())
    await clock.advance(0)
    assert store_.reads == [-1, 49, 99]
    looks = store_.looks
    await clock.advance(REFRESH_S)
    assert store_.looks == looks + 1
    running.cancel()


async def test_many_who_ask_at_once_read_the_record_once() -> None:
    store_ = Breaking(breaks=False)
    record = TrackRecord(store_, FakeClock())

    found = await asyncio.gather(*(record.figures() for _ in range(20)))

    assert {one.overall.counted for one in found} == {150}
    assert store_.reads == [-1, 49, 99]
    assert store_.looks == 2, "those who came during the first look share the next"


async def test_counted_signals_say_what_the_log_says(database: TestDatabase) -> None:
    signal = record_of(3, "alpha", (DELAYED, EVERYBODY), ("target", 150), 2)
    await store(database.app, [signal])

    (found,) = await PostgresRecord(database.app).counted(-1, 2**62, 9)

    opinions = tuple(tuple(asdict(each).values()) for each in found.opinions)
    assert opinions == (("news", 3_000, 5), ("massive", 0, 0))
    assert evolve(found, opinions=()) == Counted(
        position=1_000_003,
        signal_index=3,
        strategy="alpha",
        decided_us=BEGIN_US + 3 * MINUTE_US,
        at_us=BEGIN_US + 2 * DAY_US,
        return_bp=150,
        symbol="BRK.B",
        direction="SELL",
        confidence_bp=3_000,
        result="target",
    )


@pytest.mark.parametrize(
    ("query", "arguments", "index"),
    [
        (_COUNTED, (1_000_900, 2**62, 9), "signals_counted"),
        (_OVERDUE, (NOW_US, 0), "signals_counted"),
        (_OVERDUE, (NOW_US, 0), "signals_hidden"),
    ],
)
async def test_what_is_new_is_found_along_an_index(
    database: TestDatabase, query: str, arguments: tuple[int, ...], index: str
) -> None:
    """An index over words that are spelled otherwise than the question's is never used."""
    shown = [a_signal(one, result="stop", return_bp=1) for one in range(1_000)]
    hidden = [a_signal(one, disclosure=DELAYED, audience=None) for one in range(1_000, 1_005)]
    await store(database.app, [*shown, *hidden])
    await database.owner.execute("ANALYZE signals")

    rows = await database.app.fetch(f"EXPLAIN {query}", *arguments)

    plan = "\n".join(row[0] for row in rows)
    assert index in plan
    assert "Seq Scan on signals" not in plan
