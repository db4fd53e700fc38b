"""Signals read from PostgreSQL, beside the plain rule of what fits."""

from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alpine_service.adapters.postgres.signal_store import PostgresSignals
from alpine_service.domain.signals.asked import Asked
from alpine_service.domain.signals.event import Audience
from alpine_service.domain.signals.performance import Tally
from alpine_service.domain.signals.signal import Disclosure
from alpine_service.domain.signals.visibility import seen_by
from alpine_service.ports.signals import Stamp, StrategyRecord
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.stored_signals import (
    BEGIN_US,
    MINUTE_US,
    WITNESSED_US,
    a_signal,
    store,
)

DELAYED = Disclosure.DELAYED
RECORDS = [
    a_signal(0),
    a_signal(
        1, symbol="AAPL", direction="SELL", confidence_bp=-6_000, result="stop", return_bp=-50
    ),
    a_signal(2, audience=None, disclosure=DELAYED, strategy="beta"),
    a_signal(3, audience=Audience.REALTIME, disclosure=DELAYED, strategy="beta", result="target"),
    a_signal(4, disclosure=DELAYED, strategy="beta", result="target", return_bp=200),
    a_signal(5, strategy="beta", symbol="AAPL", direction="HOLD", confidence_bp=100),
    a_signal(6, result="void"),
]
ASKED = st.builds(
    Asked,
    symbol=st.sampled_from([None, None, "BRK.B", "AAPL"]),
    direction=st.sampled_from([None, None, "BUY", "SELL", "HOLD"]),
    strategy=st.sampled_from([None, None, "alpha", "beta", "gamma"]),
    result=st.sampled_from([None, None, "target", "stop"]),
    min_confidence_bp=st.sampled_from([None, None, 0, 6_000, 9_000]),
    since_us=st.sampled_from([None, None, BEGIN_US + 2 * MINUTE_US]),
    until_us=st.sampled_from([None, None, BEGIN_US + 5 * MINUTE_US]),
)


async def test_pages_have_what_fits_as_the_audience_sees_it(database: TestDatabase) -> None:
    signals = PostgresSignals(database.app)
    await store(database.app, RECORDS)
    cases: list[tuple[Asked, Audience, int | None, int]] = []

    @settings(max_examples=120, database=None, suppress_health_check=list(HealthCheck))
    @given(ASKED, st.sampled_from(Audience), st.sampled_from([None, 0, 4, 9]), st.integers(1, 4))
    def draw(asked: Asked, audience: Audience, before: int | None, limit: int) -> None:
        cases.append((asked, audience, before, limit))

    draw()
    for asked, audience, before, limit in cases:
        found = await signals.page(asked, audience, before, limit)

        fitting = [
            record
            for record in reversed(RECORDS)
            if asked.fits(seen_by(record, audience))
            and (before is None or record.log_index < before)
        ]
        assert found == fitting[:limit]


async def test_one_is_found_by_index_and_by_id(database: TestDatabase) -> None:
    signals = PostgresSignals(database.app)
    await store(database.app, RECORDS)

    assert await signals.at(1) == await signals.named("alpha-1") == RECORDS[1]
    assert await signals.at(99) is await signals.named("alpha-99") is None


async def test_an_entry_is_given_byte_for_byte(database: TestDatabase) -> None:
    await database.app.execute(
        "INSERT INTO entries VALUES (7, 'quiet', 'alpha', 0, 0, $1, $2)", b'{"v":1}', bytes(32)
    )

    assert await PostgresSignals(database.app).entry(7) == b'{"v":1}'
    assert await PostgresSignals(database.app).entry(8) is None


async def test_strategies_stay_when_they_retire(database: TestDatabase) -> None:
    for name, retired in (("beta", 9), ("alpha", None)):
        await database.app.execute(
            "INSERT INTO strategies VALUES ($1, 0, 'open', $2, 3, $3, 5)", name, b"{}", retired
        )
    signals = PostgresSignals(database.app)

    alpha = StrategyRecord("alpha", 0, 5, Disclosure.OPEN, 3, None, b"{}")
    beta = StrategyRecord("beta", 0, 5, Disclosure.OPEN, 3, 9, b"{}")
    assert await signals.strategies() == [alpha, beta]
    assert await signals.strategy("beta") == beta
    assert await signals.strategy("gamma") is None


async def test_the_stamp_grows_with_events_and_with_witnesses(database: TestDatabase) -> None:
    signals = PostgresSignals(database.app)

    assert await signals.stamp() == Stamp(0, None)
    await database.app.execute("UPDATE stream_head SET number = 5")
    await database.app.execute(
        "INSERT INTO checkpoints VALUES (8, $1, '', 77, now()), (9, $1, '', NULL, now())", bytes(32)
    )
    assert await signals.stamp() == Stamp(5, (8, 77))


async def test_tallies_count_what_everybody_may_see(database: TestDatabase) -> None:
    await store(database.app, RECORDS)
    signals = PostgresSignals(database.app)

    # The commits of 12:02 and 12:03, witnessed 5 s later, are due at 12:17:05 and 12:18:05.
    assert await signals.tallies(BEGIN_US + 17 * MINUTE_US + WITNESSED_US + 1, 0) == [
        Tally(
            "alpha",
            signals=3,
            pending=1,
            void=1,
            resolved=1,
            returns_bp=-50,
            returns_squared=2_500,
        ),
        Tally(
            "beta",
            signals=4,
            holds=1,
            sealed=1,
            overdue=1,
            resolved=1,
            hits=1,
            returns_bp=200,
            returns_squared=40_000,
        ),
    ]


async def test_nothing_becomes_overdue_in_grace_or_while_the_log_is_not_heard(
    database: TestDatabase,
) -> None:
    await store(database.app, RECORDS)
    signals = PostgresSignals(database.app)

    async def overdue(minute: int, grace: int = 0) -> int:
        now_us = BEGIN_US + minute * MINUTE_US + WITNESSED_US + 1
        return sum(each.overdue for each in await signals.tallies(now_us, grace * MINUTE_US))

    assert [await overdue(minute) for minute in (16, 17, 18)] == [0, 1, 2]
    assert await overdue(18, grace=1) == 1
    await database.app.execute(
        "INSERT INTO feed_head (log, size, root, nodes, note, read_at, heard_at)"
        " VALUES ('log', 0, $1, '', '', now(), '2026-03-02T12:16:30Z')",
        bytes(32),
    )
    assert await overdue(18) == 0


async def test_a_log_whose_clock_is_another_is_held_to_the_span_that_it_promised(
    database: TestDatabase,
) -> None:
    """Its own time could be a year ahead, and a reveal in a year would be in time."""
    commit = a_signal(1, audience=None, disclosure=Disclosure.DELAYED)
    year_us = 365 * 24 * 60 * MINUTE_US
    ahead = evolve(
        commit,
        decided_us=commit.decided_us + year_us,
        reveal_after_us=commit.decided_us + year_us + MINUTE_US,
    )
    await store(database.app, [ahead])
    signals = PostgresSignals(database.app)
    due_us = commit.decided_us + WITNESSED_US + MINUTE_US

    (before,) = await signals.tallies(due_us, 0)
    (after,) = await signals.tallies(due_us + 1, 0)

    assert (before.sealed, before.overdue) == (1, 0)
    assert (after.sealed, after.overdue) == (0, 1)


async def test_a_commit_cannot_promise_itself_more_time_than_its_strategy_registered(
    database: TestDatabase,
) -> None:
    commit = a_signal(1, audience=None, disclosure=Disclosure.DELAYED)
    late = evolve(commit, reveal_after_us=commit.decided_us + 100 * 365 * 24 * 60 * MINUTE_US)
    await store(database.app, [late])
    await database.app.execute(
        "INSERT INTO strategies (strategy, registered_index, disclosure, registration, next_seq,"
        " registered_us) VALUES ('alpha', 0, 'delayed', $1, 2, 0)",
        b'{"reveal_after_s":60}',
    )
    due_us = commit.decided_us + WITNESSED_US + MINUTE_US

    (before,) = await PostgresSignals(database.app).tallies(due_us, 0)
    (after,) = await PostgresSignals(database.app).tallies(due_us + 1, 0)

    assert (before.sealed, before.overdue) == (1, 0)
    assert (after.sealed, after.overdue) == (0, 1)
