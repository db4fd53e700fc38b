"""What a frame of Alpaca's stream says, and what is made of one that nobody should believe."""

import json
import logging
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from argo_adapters.http.key import FixedKey
from argo_adapters.http.secrecy import Redactor
from argo_adapters.vendors.alpaca.halt_codes import HALTING, RESUMING, SILENT
from argo_adapters.vendors.alpaca.stream_frames import Control, Frames
from argo_adapters.vendors.alpaca.stream_settings import AlpacaStreamSettings
from argo_core.errors import InvalidSetting
from argo_core.market.halt import Halt
from argo_core.market.instrument import Symbol, instrument
from argo_core.market.quote import Quote
from argo_core.testing.fake_clock import FakeClock
from argo_core.trading.broker_view import StreamGap

NOW = datetime(2026, 11, 20, 15, 0, 1, tzinfo=UTC)
SECRET = "canary-secret"
AAPL = Symbol("AAPL")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def frames(clock: FakeClock) -> Frames:
    return Frames((instrument("AAPL"),), "alpaca:iex", clock, Redactor((SECRET,)))


def quote(**changes: object) -> dict[str, Any]:
    told = {"T": "q", "S": "AAPL", "bx": "V", "bp": 205.79, "bs": 300, "ax": "V", "ap": 205.83}
    return told | {"as": 200, "t": "2026-11-20T15:00:00.123456789Z", "c": ["R"]} | changes


def status(code: str, **changes: object) -> dict[str, Any]:
    told = {"T": "s", "S": "AAPL", "sc": code, "sm": "words", "rc": "T1", "rm": "more words"}
    return told | {"t": "2026-11-20T15:00:00.5Z", "z": "C"} | changes


def read(frames: Frames, *rows: object) -> list[Any]:
    return list(frames.read(json.dumps(rows)))


def test_a_quote_is_read_with_its_nanoseconds_cut_off(frames: Frames) -> None:
    at = datetime(2026, 11, 20, 15, 0, 0, 123_456, tzinfo=UTC)
    bid, ask = Decimal("205.79"), Decimal("205.83")
    told = Quote(AAPL, Decimal("205.81"), at, NOW, "alpaca:iex", bid, ask)
    assert read(frames, quote()) == [told]
    assert list(frames.read(json.dumps([quote()]).encode())) == [told]


@pytest.mark.parametrize("nobody", [0, 0.0, None])
def test_a_side_of_zero_is_no_side(frames: Frames, nobody: object) -> None:
    (told,) = read(frames, quote(ap=nobody))
    assert (told.bid, told.ask, told.price) == (Decimal("205.79"), None, Decimal("205.79"))
    (told,) = read(frames, quote(bp=nobody))
    assert (told.bid, told.ask, told.price) == (None, Decimal("205.83"), Decimal("205.83"))
    assert read(frames, quote(bp=nobody, ap=nobody)) == []
    assert frames.dropped == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"bp": 206},
        {"bp": -1},
        {"bp": "205.79"},
        {"bp": True},
        {"bp": 1e300, "ap": 1e301},
        {"bp": 0.001, "ap": 0.001},
        {"t": "2026-11-20T15:00:07Z"},
        {"t": "yesterday"},
        {"t": None},
        {"t": 5},
        {"t": "1926-11-20T15:00:00Z"},
        {"S": 5},
        {"S": None},
    ],
)
def test_a_quote_that_cannot_be_believed_is_left_out_and_counted(
    frames: Frames, wrong: dict[str, object]
) -> None:
    (told,) = read(frames, quote(**wrong), quote())
    assert told.bid == Decimal("205.79")
    assert frames.dropped == 1


def test_others_symbols_and_other_messages_are_left_out(frames: Frames) -> None:
    others = quote(S="MSFT"), status("H", S="MSFT"), quote(T="t"), quote(T="b"), quote(T="zzz")
    assert read(frames, *others) == []
    assert frames.dropped == 0


@pytest.mark.parametrize("tape", ["A", "B", "C", "O"])
def test_the_codes_of_both_plans_halt_and_resume(frames: Frames, tape: str) -> None:
    at = datetime(2026, 11, 20, 15, 0, 0, 500_000, tzinfo=UTC)
    for code in HALTING:
        assert read(frames, status(code, z=tape)) == [Halt(AAPL, True, at, "T1")]
    for code in RESUMING:
        assert read(frames, status(code, z=tape, rc="")) == [Halt(AAPL, False, at, "")]


def test_the_documented_codes_are_these() -> None:
    assert sorted(HALTING) == ["2", "H", "P"]
    assert sorted(RESUMING) == ["3", "T"]
    assert not HALTING & RESUMING
    assert not (HALTING | RESUMING) & SILENT


def test_imbalances_and_quotation_leave_trading_as_it_is(
    frames: Frames, caplog: pytest.LogCaptureFixture
) -> None:
    assert read(frames, *(status(code) for code in sorted(SILENT))) == []
    assert not caplog.records


def test_a_code_that_nobody_knows_is_no_halt_and_is_said_once(
    frames: Frames, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        assert read(frames, status("?"), status("h"), status(f"x\n{SECRET}")) == []
    told = [one.getMessage() for one in caplog.records]
    assert len(told) == 3
    assert told[0] == "alpaca: the stream has a status code nobody knows: '?'"
    assert SECRET not in caplog.text
    assert all("\n" not in one for one in told)
    for number in range(1_000):
        read(frames, status(f"x{number}"))
    assert len(caplog.records) == 50


def test_a_reason_is_short_and_printable(frames: Frames) -> None:
    (told,) = read(frames, status("H", rc="T12\x1b[31m and a lot more"))
    assert told.reason == "T12?[31m a"
    (told,) = read(frames, status("H", rc=None))
    assert told.reason == ""


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"no json",
        b"{}",
        b"5",
        b"null",
        b"[5]",
        b"[{}]",
        b'[{"T":5}]',
        b'[{"T":"s","S":"AAPL"}]',
        b'[{"T":"s","T":"q"}]',
        b'[{"T":"s","S":"AAPL","sc":"H","t":NaN}]',
        b"\xff",
        b"[" * 1_000,
        json.dumps([status("H", t="2026-11-20T15:01:00Z")]).encode(),
        json.dumps([status("H", rc=5)]).encode(),
        "\ud800",
    ],
)
def test_what_may_have_been_a_halt_and_cannot_be_read_is_a_gap(
    frames: Frames, frame: bytes | str, caplog: pytest.LogCaptureFixture
) -> None:
    assert list(frames.read(frame)) == [StreamGap(NOW)]
    assert frames.dropped == 1
    (record,) = caplog.records
    assert record.levelno == logging.WARNING


async def test_nonsense_is_complained_of_every_ten_seconds_at_most(
    frames: Frames, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(100):
        assert list(frames.read(SECRET)) == [StreamGap(clock.now())]
        await clock.advance(0.5)
    assert len(caplog.records) == 5
    assert SECRET not in caplog.text


def test_what_stands_beside_nonsense_is_read(frames: Frames) -> None:
    gap, told = read(frames, {"T": "s"}, quote())
    assert isinstance(gap, StreamGap)
    assert isinstance(told, Quote)


def test_messages_about_the_connection_are_told_apart(frames: Frames) -> None:
    rows = (
        {"T": "success", "msg": "connected"},
        {"T": "subscription", "quotes": ["AAPL"]},
        {"T": "error", "code": 406, "msg": "connection limit exceeded"},
    )
    assert read(frames, *rows) == [
        Control("success", "connected"),
        Control("subscription"),
        Control("error", code=406),
    ]


@pytest.mark.parametrize(
    ("base", "stream"),
    [
        ("https://data.alpaca.markets", "wss://stream.data.alpaca.markets/v2/sip"),
        ("https://data.sandbox.alpaca.markets/", "wss://stream.data.sandbox.alpaca.markets/v2/sip"),
        ("http://127.0.0.1:8080/alpaca", "ws://127.0.0.1:8080/alpaca/v2/sip"),
    ],
)
def test_the_streams_address_follows_from_that_of_the_calls(base: str, stream: str) -> None:
    assert str(AlpacaStreamSettings(FixedKey("a", "b"), base, feed="sip").url) == stream


@pytest.mark.parametrize(
    "base",
    ["ftp://x", "data.alpaca.markets", "https://u:p@x", "https://x?key=canary", "http://[", "x://"],
)
def test_an_address_that_is_none_is_refused_without_repeating_it(base: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        _ = AlpacaStreamSettings(FixedKey("a", "b"), base).url
    assert "canary" not in str(caught.value)
    assert caught.value.field == "alpaca.base_url"


def test_a_quote_may_be_a_little_ahead_of_our_clock(frames: Frames) -> None:
    ahead = (NOW + timedelta(seconds=4)).isoformat()
    assert len(read(frames, quote(t=ahead))) == 1
