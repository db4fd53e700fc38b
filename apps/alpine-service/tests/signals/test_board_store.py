"""What stands now, read from PostgreSQL, beside the plain rule of who may see what."""

from decimal import Decimal

import orjson
import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alpine_service.adapters.postgres.board_store import (
    _BESIDE,
    _SEALED,
    _STANDING,
    PostgresBoard,
)
from alpine_service.domain.signals.event import Audience, EventKind
from alpine_service.domain.signals.price_point import PriceKind, PricePoint
from alpine_service.domain.signals.signal import Disclosure, SignalRecord
from alpine_service.domain.signals.timeline import Told
from alpine_service.domain.signals.visibility import is_open_to, seen_by
from alpine_service.services.board import Board
from alpine_service.testing.fake_platform import REALTIME
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.stored_signals import BEGIN_US, MINUTE_US, a_signal, store

RETIRED = "gamma"
EVERYBODY = Audience.EVERYBODY
DELAYED = Disclosure.DELAYED
KINDS = st.tuples(
    st.sampled_from(["alpha", "beta", RETIRED]),
    st.sampled_from(["AAPL", "BRK.B"]),
    st.sampled_from([(Disclosure.OPEN, EVERYBODY), *((DELAYED, one) for one in [None, *Audience])]),
    st.sampled_from([None, -50, 0, 120]),
)


def records_of(
    kinds: list[tuple[str, str, tuple[Disclosure, Audience | None], int | None]],
) -> list[SignalRecord]:
    return [
        a_signal(
            index,
            strategy=strategy,
            symbol=symbol,
            disclosure=disclosure,
            audience=audience,
            result=None if return_bp is None else "expired",
            return_bp=return_bp,
            entry=f"{index + 1}.50",
        )
        for index, (strategy, symbol, (disclosure, audience), return_bp) in enumerate(kinds)
    ]


async def register(database: TestDatabase) -> None:
    await database.app.execute(
        "INSERT INTO strategies VALUES ('alpha', 0, 'open', '', 3, NULL, 5),"
        " ($1, 0, 'delayed', '', 3, 9, 5)",
        RETIRED,
    )


def prices_in(record: SignalRecord) -> list[PricePoint]:
    """The prices that a record says, as somebody sees it."""
    if record.data is None:
        return []
    symbol, index = str(record.symbol), record.log_index
    entry = Decimal(orjson.loads(record.data)["entry"])
    points = [PricePoint(symbol, record.decided_us, entry, PriceKind.SIGNAL, index, index)]
    if record.return_bp is not None:
        outcome = orjson.loads(record.outcome or b"")
        points += [
            PricePoint(
                symbol,
                outcome[f"{kind}_us"],
                Decimal(outcome[kind]),
                kind,
                record.outcome_index or 0,
                index,
            )
            for kind in (PriceKind.START, PriceKind.END)
        ]
    return points


async def test_the_board_and_the_prices_are_what_the_audience_may_see(
    database: TestDatabase,
) -> None:
    await register(database)
    cases: list[tuple[list[SignalRecord], Audience, int]] = []

    @settings(max_examples=60, database=None, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(KINDS, max_size=9).map(records_of), st.sampled_from(Audience), st.integers(1, 9)
    )
    def draw(records: list[SignalRecord], audience: Audience, most: int) -> None:
        cases.append((records, audience, most))

    draw()
    board = PostgresBoard(database.app)
    for records, audience, most in cases:
        await database.owner.execute("TRUNCATE signals")
        await store(database.app, records)
        current = [one for one in reversed(records) if one.strategy != RETIRED]
        newest: dict[tuple[str, str | None], SignalRecord] = {}
        for one in current:
            if is_open_to(one, audience):
                newest.setdefault((one.strategy, one.symbol), one)
        sealed = [one for one in current if not is_open_to(one, audience)]

        assert await board.standing(audience, most) == list(newest.values())[:most]
        for named in ([], [0], [0, len(records) - 1], range(len(records) + 2)):
            places = {
                (one.strategy, one.symbol)
                for one in records
                if one.log_index in named and is_open_to(one, audience)
            }
            beside = [one for place, one in newest.items() if place in places]
            assert await board.standing_beside(list(named), audience) == beside
        assert await board.sealed(audience, most) == sealed[:most]
        said = [point for one in records for point in prices_in(seen_by(one, audience))]
        found = await board.prices(["AAPL", "BRK.B", "NONE"], audience, 100)
        assert sorted(found, key=repr) == sorted(said, key=repr)
        assert [point.at_us for point in found] == sorted(point.at_us for point in said)


async def test_only_the_newest_prices_of_each_symbol_are_given_the_oldest_first(
    database: TestDatabase,
) -> None:
    late = BEGIN_US + 99 * MINUTE_US
    await store(
        database.app,
        [
            a_signal(0, symbol="AAPL"),
            a_signal(1, symbol="AAPL", result="stop", return_bp=-50, ended_us=late),
            a_signal(2, symbol="AAPL", result="void"),
            a_signal(3, symbol="MSFT", direction="HOLD", entry="7.00"),
        ],
    )

    found = await Board(PostgresBoard(database.app)).prices(["AAPL", "MSFT", "NONE"], None, 2)

    assert found["AAPL"] == (
        PricePoint("AAPL", BEGIN_US + 2 * MINUTE_US, Decimal(100), PriceKind.START, 1_000_001, 1),
        PricePoint("AAPL", late, Decimal("99.5"), PriceKind.END, 1_000_001, 1),
    )
    assert [point.price for point in found["MSFT"]] == [Decimal("7.00")]
    assert found["NONE"] == ()


async def test_an_outcome_that_starts_and_ends_with_one_price_starts_first(
    database: TestDatabase,
) -> None:
    at_us = BEGIN_US + MINUTE_US
    await store(
        database.app, [a_signal(0, symbol="AAPL", result="stop", return_bp=0, ended_us=at_us)]
    )

    found = await PostgresBoard(database.app).prices(["AAPL"], EVERYBODY, 9)

    assert [one.kind for one in found] == [PriceKind.SIGNAL, PriceKind.START, PriceKind.END]


async def test_prices_of_many_symbols_are_of_each(database: TestDatabase) -> None:
    symbols = [f"S{number}" for number in range(120)]
    await store(
        database.app, [a_signal(index, symbol=symbol) for index, symbol in enumerate(symbols)]
    )

    found = await Board(PostgresBoard(database.app)).prices(symbols, None, 3)

    assert [[point.signal_index for point in found[one]] for one in symbols] == [
        [index] for index in range(120)
    ]


@pytest.mark.parametrize("text", ['", "entry":"6.66"', '\\"entry\\":\\"6.66', '"entry":"6.66"'])
async def test_what_looks_like_a_price_in_a_text_is_none(database: TestDatabase, text: str) -> None:
    record = a_signal(0, symbol="AAPL", entry="182.30")
    members = {"before": text} | orjson.loads(record.data or b"") | {"zz": text}
    await store(database.app, [evolve(record, data=orjson.dumps(members))])

    (found,) = await PostgresBoard(database.app).prices(["AAPL"], EVERYBODY, 9)

    assert found.price == Decimal("182.30")


async def test_the_board_shows_strangers_nothing_of_what_is_sealed_to_them(
    database: TestDatabase,
) -> None:
    secret = a_signal(
        1,
        symbol="AAPL",
        disclosure=DELAYED,
        audience=Audience.REALTIME,
        result="target",
        return_bp=300,
        secret="CANARY",
    )
    await store(database.app, [a_signal(0, symbol="AAPL"), secret])
    board = Board(PostgresBoard(database.app))

    stranger, realtime = await board.standing(None, 9), await board.standing(REALTIME, 9)

    assert [one.log_index for one in stranger.signals] == [0]
    assert [one.log_index for one in stranger.sealed] == [1]
    assert (await board.prices(["AAPLCANARY"], None, 9))["AAPLCANARY"] == ()
    sealed = a_signal(1, disclosure=DELAYED, audience=None)
    assert stranger.sealed == (sealed,), "it looks as if we had never had the body"
    assert [one.log_index for one in realtime.signals] == [1, 0]
    assert realtime.sealed == ()
    assert len((await board.prices(["AAPLCANARY"], REALTIME, 9))["AAPLCANARY"]) == 3


async def test_only_events_that_the_audience_may_see_were_told_to_it(
    database: TestDatabase,
) -> None:
    committed = Told(4, EventKind.SIGNAL_COMMITTED, 10)
    early = Told(4, EventKind.SIGNAL_PUBLISHED, 20)
    resolved = Told(9, EventKind.OUTCOME_RESOLVED, 30)
    told = [(committed, 0), (early, 1), (resolved, 1), (Told(5, EventKind.SIGNAL_PUBLISHED, 5), 0)]
    for number, (one, audience) in enumerate(told, 1):
        await database.app.execute(
            "INSERT INTO events VALUES ($1, $2, $3, $4, 'alpha', NULL, NULL, '', $5)",
            number,
            one.kind.value,
            audience,
            one.log_index,
            one.at_us,
        )
    board = PostgresBoard(database.app)

    assert await board.told([4, 9], EVERYBODY) == [committed]
    assert await board.told([4, 9], Audience.REALTIME) == [committed, early, resolved]
    assert await board.told([], Audience.REALTIME) == []


@pytest.mark.parametrize(
    ("query", "arguments", "index"),
    [
        (_STANDING, (0, 5), "signals_standing"),
        (_BESIDE, ([3, 7, 995], 0), "signals_standing"),
        (_SEALED[EVERYBODY], (5,), "signals_hidden"),
        (_SEALED[Audience.REALTIME], (5,), "signals_sealed"),
    ],
)
async def test_the_board_goes_along_its_index(
    database: TestDatabase, query: str, arguments: tuple[int, ...], index: str
) -> None:
    """An index whose condition is spelled otherwise than the question's is never used."""
    records = [
        a_signal(
            one,
            strategy=f"strategy-{one % 7}",
            symbol=f"S{one % 5}",
            disclosure=DELAYED,
            audience=None if one > 990 else EVERYBODY,
        )
        for one in range(1_000)
    ]
    await store(database.app, records)
    await database.owner.execute("ANALYZE signals")

    rows = await database.app.fetch(f"EXPLAIN {query}", *arguments)

    plan = "\n".join(row[0] for row in rows)
    assert index in plan
    assert "Seq Scan on signals" not in plan
