"""A tape comes back as it was written, and says clearly what is wrong with a damaged one."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.backtest.tape import Tape, dump, load
from argo_core.errors import InvalidInput
from argo_core.market.bar import Bar
from argo_core.market.instrument import Symbol, instrument
from argo_core.market.session import Session
from argo_core.testing import strategies

OPEN = datetime(2024, 11, 25, 14, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
NVR = Symbol("NVR")
SESSION = Session(OPEN - 5.5 * HOUR, OPEN, OPEN + 6.5 * HOUR, OPEN + 10.5 * HOUR)


def bar(minute: int, symbol: Symbol = NVR, close: float = 6890.5577) -> Bar:
    start = OPEN + timedelta(minutes=minute)
    return Bar(symbol, start, 6893.74, 6898.0, 6889.5577, close, 267.0)


def tape(*bars: Bar) -> Tape:
    return Tape(
        name="one-hour",
        origin="made by hand",
        licence="Apache-2.0",
        note="nothing was moved",
        seed=1,
        instruments=(instrument("NVR"), instrument("BTC/USD")),
        sessions=(SESSION,),
        starts=OPEN,
        ends=OPEN + HOUR,
        bars={NVR: bars},
    )


def lines(*bars: Bar) -> list[bytes]:
    return list(dump(tape(*bars)))


@given(st.lists(strategies.bars(), max_size=8, unique_by=lambda one: (one.symbol, one.start)))
def test_tape_comes_back_as_it_was_written(bars: list[Bar]) -> None:
    grouped = {
        symbol: tuple(sorted((b for b in bars if b.symbol == symbol), key=lambda b: b.start))
        for symbol in strategies.SYMBOLS
    }
    written = Tape(
        name="any",
        origin="Börse",
        licence="",
        note="two\nlines",
        seed=7,
        instruments=tuple(instrument(symbol) for symbol in strategies.SYMBOLS),
        sessions=(SESSION,),
        starts=OPEN,
        ends=OPEN + 24 * HOUR,
        bars={Symbol(symbol): each for symbol, each in grouped.items()},
    )
    assert load(dump(written)) == written
    assert list(dump(load(dump(written)))) == list(dump(written))


def test_records_follow_the_header_in_order_of_time() -> None:
    btc = Symbol("BTC/USD")
    mixed = attrs.evolve(tape(), bars={NVR: (bar(0), bar(2)), btc: (bar(0, btc), bar(1, btc))})
    header, *records = [orjson.loads(line) for line in dump(mixed)]
    assert (header["format"], header["version"]) == ("argo-tape", 2)
    assert [(record["symbol"], record["start"]) for record in records] == [
        ("BTC/USD", 1_732_545_000_000_000),
        ("NVR", 1_732_545_000_000_000),
        ("BTC/USD", 1_732_545_060_000_000),
        ("NVR", 1_732_545_120_000_000),
    ]


def test_prices_are_kept_as_printed() -> None:
    tiny = attrs.evolve(bar(0), low=0.00001234)
    record = orjson.loads(lines(tiny)[1])
    assert record == {
        "kind": "bar",
        "symbol": "NVR",
        "start": 1_732_545_000_000_000,
        "open": "6893.74",
        "high": "6898",
        "low": "0.00001234",
        "close": "6890.5577",
        "volume": "267",
    }


def test_a_symbol_without_bars_is_no_member_of_bars() -> None:
    assert tape().bars == {}
    assert len(lines()) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "../etc"}, "name: '../etc' is not a tape's name"),
        ({"seed": -1}, "seed: -1 is out of range"),
        ({"ends": OPEN}, "starts: .* is not before ends"),
        ({"starts": OPEN.replace(tzinfo=None)}, "starts: .* is not in UTC"),
        ({"sessions": (SESSION, SESSION)}, "sessions: they overlap"),
        ({"instruments": (instrument("NVR"),) * 2}, "instruments: a symbol is listed twice"),
        ({"instruments": ()}, "instruments: there are bars of NVR, which is not listed"),
        ({"bars": {NVR: (bar(0, Symbol("AZO")),)}}, "bars of NVR: one is of AZO"),
        ({"bars": {NVR: (bar(60),)}}, "bars of NVR: .* is not before ends"),
        ({"bars": {NVR: (bar(1), bar(0))}}, "bars of NVR: .*14:30.* follows .*14:31"),
        ({"bars": {NVR: (bar(1), bar(1))}}, "keep one bar for each minute"),
        (
            {"bars": {NVR: (attrs.evolve(bar(0), start=OPEN + timedelta(seconds=1)),)}},
            "bars of NVR: .* is not a whole minute",
        ),
    ],
)
def test_nonsense_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        attrs.evolve(tape(bar(0)), **change)


def header(**change: object) -> bytes:
    return orjson.dumps({**orjson.loads(lines()[0]), **change})


def record(**change: object) -> bytes:
    return orjson.dumps({**orjson.loads(lines(bar(0))[1]), **change})


@pytest.mark.parametrize(
    ("damaged", "message"),
    [
        ([], "tape: it is empty"),
        ([b"{"], "tape line 1: not JSON"),
        ([b"[]"], "tape line 1: not a JSON object"),
        ([b'{"format": "other"}'], "tape: it is no argo-tape"),
        ([header(version=3)], "tape: version 3 is newer than this program's 2; play it with"),
        ([header(version=1)], "tape: version 1 does not say how many records it has; cut it again"),
        ([header(version=True)], "tape line 1, version: True is not a whole number"),
        ([header(name=None)], "tape line 1, name: None is not a string"),
        ([header(sessions=1)], "tape line 1, sessions: 1 is not a list"),
        ([header(sessions=[[1, 2, 3]])], "tape line 1, sessions: .* lists of 4 times"),
        ([header(starts=-1)], "tape line 1, starts: -1 is not whole microseconds"),
        ([header(starts=10**18)], "tape line 1, starts: 1000000000000000000 is not whole micro"),
        ([header(instruments=["NVR"])], "tape line 1, instruments: not a JSON object"),
        (
            [header(instruments=[{"symbol": "NVR", "asset_class": "bond", "tick": "0.01"}])],
            "tape line 1, instruments: 'bond' is no asset class; use stock or crypto",
        ),
        ([lines()[0], record(), b"garbage"], "tape line 3: not JSON"),
        ([header(records=2), record()], "tape: 1 records follow where the header says 2"),
        ([lines()[0], record()], "tape: 1 records follow where the header says 0"),
        ([header(records=None)], "tape line 1, records: None is not a whole number"),
        ([lines()[0], record(kind="quote")], "tape line 2: kind 'quote' is unknown to version 2"),
        ([lines()[0], record(high="1e999")], "tape line 2, high: '1e999' is not a decimal number"),
        ([lines()[0], record(high=6898.0)], "tape line 2, high: 6898.0 is not a string"),
        ([lines()[0], record(high="1")], "tape line 2, low: .* does not hold"),
        ([lines()[0], record(symbol="nvr")], "tape line 2, symbol: 'nvr' is not a symbol"),
        ([header(records=2), record(), record()], "bars of NVR: .* one bar for each minute"),
    ],
)
def test_damaged_tape_names_its_line(damaged: list[bytes], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        load(damaged)


@given(st.integers(0, 5))
def test_a_tape_that_was_cut_off_between_two_lines_is_not_a_shorter_one(kept: int) -> None:
    whole = lines(*map(bar, range(6)))
    with pytest.raises(InvalidInput, match=f"{kept} records follow where the header says 6"):
        load(whole[: 1 + kept])


def test_tick_survives_the_trip() -> None:
    fine = attrs.evolve(instrument("NVR"), tick=Decimal("0.0001"))
    written = attrs.evolve(tape(bar(0)), instruments=(fine,))
    assert load(dump(written)).instruments == (fine,)
