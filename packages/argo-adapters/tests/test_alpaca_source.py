"""Alpaca's prices and history over loopback HTTP, against the simulator and against worse."""

import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from attrs import frozen

from argo_adapters.http.client import open_session
from argo_adapters.http.key import FixedKey
from argo_adapters.http.open_turnstile import OpenTurnstile
from argo_adapters.simulator.app import Simulator, serving, simulate
from argo_adapters.simulator.faults import Fault
from argo_adapters.tapes.file import shipped
from argo_adapters.vendors.alpaca.source import AlpacaQuotes, AlpacaSettings, Feed
from argo_core.backtest.tape import Tape
from argo_core.errors import (
    VendorError,
    VendorGarbled,
    VendorRefused,
    VendorThrottled,
    VendorUnavailable,
)
from argo_core.market.bar import MINUTE
from argo_core.market.instrument import AssetClass, Instrument, instrument
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.quotes_contract import (
    HistoryCase,
    HistoryContract,
    QuotesCase,
    QuotesContract,
)

KEY = "simulator-key"
SECRET = "another-simulator-key"
APPLE, BERKSHIRE, NOBODY = (instrument(one) for one in ("AAPL", "BRK.B", "ZZZZ"))
BITCOIN = instrument("BTC/USD")
NOON = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def tape() -> Tape:
    return shipped("ordinary-day")


@frozen
class Bench:
    simulator: Simulator
    alpaca: AlpacaQuotes
    clock: FakeClock


@asynccontextmanager
async def bench_of(tape: Tape, key: str = KEY, timeout_s: float = 5.0) -> AsyncIterator[Bench]:
    clock = FakeClock(tape.starts + timedelta(minutes=45, seconds=3))
    app = simulate(tape, clock, latency_scale=float("inf"), keys=(KEY, SECRET))
    async with serving(app) as simulator, open_session() as session:
        url = simulator.url("alpaca")
        settings = AlpacaSettings(FixedKey(key, SECRET), url, timeout_s=timeout_s)
        yield Bench(
            simulator, AlpacaQuotes(session, clock, settings, turnstile=OpenTurnstile()), clock
        )


@pytest.fixture
async def bench(tape: Tape) -> AsyncIterator[Bench]:
    async with bench_of(tape) as bench:
        yield bench


class TestAlpacaQuotesKeepThePromises(QuotesContract):
    @pytest.fixture
    def case(self, bench: Bench, tape: Tape) -> QuotesCase:
        def fail() -> None:
            bench.simulator.break_vendor("alpaca", Fault.SERVER_ERROR)

        return QuotesCase(bench.alpaca, tape.instruments, NOBODY, bench.clock, fail)


class TestAlpacaHistoryKeepsThePromises(HistoryContract):
    @pytest.fixture
    def past(self, bench: Bench, tape: Tape) -> HistoryCase:
        def fail() -> None:
            bench.simulator.break_vendor("alpaca", Fault.SERVER_ERROR)

        since, until = tape.starts, bench.clock.now()
        return HistoryCase(bench.alpaca, tape.instruments, NOBODY, since, until, fail)


async def test_ten_symbols_of_both_classes_cost_two_calls(bench: Bench, tape: Tape) -> None:
    answer = await bench.alpaca.quotes(tape.instruments)
    assert (answer.calls, len(answer.items)) == (2, len(tape.instruments))
    feeds = {quote.symbol: quote.feed for quote in answer.items}
    assert (feeds["AZO"], feeds["BTC/USD"]) == ("alpaca:iex", "alpaca:crypto")


async def test_history_is_the_recorded_bars_all_of_them_and_complete(
    bench: Bench, tape: Tape
) -> None:
    now, since = bench.clock.now(), tape.starts - timedelta(days=9)
    answer = await bench.alpaca.minute_bars(tape.instruments, since, now + timedelta(hours=1))
    recorded = {
        (symbol, bar.start, bar.close)
        for symbol, bars in tape.bars.items()
        for bar in bars
        if since <= bar.start and bar.end <= now
    }
    assert len(recorded) > 10_000
    assert {(bar.symbol, bar.start, bar.close) for bar in answer.items} == recorded


FAILING = {
    Fault.TIMEOUT: VendorUnavailable,
    Fault.DROPPED: VendorUnavailable,
    Fault.CUT: VendorUnavailable,
    Fault.HUGE: VendorGarbled,
    Fault.THROTTLED: VendorThrottled,
    Fault.THROTTLED_RETRY_AFTER: VendorThrottled,
    Fault.SERVER_ERROR: VendorUnavailable,
    Fault.BAD_GATEWAY: VendorUnavailable,
    Fault.WRONG_KEY: VendorRefused,
    Fault.NOT_ENTITLED: VendorRefused,
    Fault.OUT_OF_CREDIT: VendorRefused,
    Fault.REFUSED_OK: VendorUnavailable,
    Fault.EMPTY: VendorGarbled,
    Fault.TRUNCATED: VendorGarbled,
    Fault.MALFORMED: VendorGarbled,
    Fault.WRONG_TYPES: VendorGarbled,
    Fault.DUPLICATE_KEYS: VendorGarbled,
    Fault.NOT_A_NUMBER: VendorGarbled,
    Fault.FUTURE: VendorGarbled,
    Fault.CROSSED: VendorGarbled,
}
ANSWERING = {
    Fault.DRIP,
    Fault.STALE,
    Fault.OUT_OF_ORDER,
    Fault.UNKNOWN_SYMBOLS,
    Fault.MISSING_SYMBOLS,
}


def test_every_fault_the_simulator_knows_is_expected_here() -> None:
    assert FAILING.keys() | ANSWERING == set(Fault)


@pytest.mark.parametrize("fault", FAILING)
async def test_a_failing_vendor_is_told_apart_and_recovers(tape: Tape, fault: Fault) -> None:
    async with bench_of(tape, timeout_s=0.5 if fault is Fault.TIMEOUT else 5.0) as bench:
        bench.simulator.break_vendor("alpaca", fault)
        with pytest.raises(VendorError) as caught:
            await bench.alpaca.quotes(tape.instruments)
        assert type(caught.value) is FAILING[fault]
        assert caught.value.calls == 2
        throttled = fault in {Fault.THROTTLED, Fault.THROTTLED_RETRY_AFTER}
        assert (caught.value.retry_after_s is not None) == throttled
        told = "".join(traceback.format_exception(caught.value))
        assert KEY not in told
        assert SECRET not in told
        bench.simulator.heal("alpaca")
        assert not (await bench.alpaca.quotes(tape.instruments)).missing


# A price has no side to cross in a bar, and a future bar is merely not asked for.
@pytest.mark.parametrize(
    "fault", [fault for fault in FAILING if fault not in {Fault.CROSSED, Fault.FUTURE}]
)
async def test_a_failing_history_is_told_apart(tape: Tape, fault: Fault) -> None:
    async with bench_of(tape, timeout_s=0.5 if fault is Fault.TIMEOUT else 5.0) as bench:
        bench.simulator.break_vendor("alpaca", fault)
        with pytest.raises(VendorError) as caught:
            await bench.alpaca.minute_bars(tape.instruments, tape.starts, bench.clock.now())
        assert type(caught.value) is FAILING[fault]


async def test_history_from_the_future_is_left_out(bench: Bench, tape: Tape) -> None:
    now = bench.clock.now()
    bench.simulator.break_vendor("alpaca", Fault.FUTURE)
    answer = await bench.alpaca.minute_bars(tape.instruments, tape.starts, now + timedelta(hours=2))
    assert all(bar.end <= now for bar in answer.items)


async def test_stale_prices_keep_their_old_time(bench: Bench, tape: Tape) -> None:
    bench.simulator.break_vendor("alpaca", Fault.STALE)
    answer = await bench.alpaca.quotes(tape.instruments)
    now = bench.clock.now()
    assert answer.items
    assert all(quote.age_s(now) > 3_500 for quote in answer.items)
    assert all(quote.fetched_at == now for quote in answer.items)


async def test_rows_in_another_order_are_the_same_rows(bench: Bench, tape: Tape) -> None:
    since, now = tape.starts, bench.clock.now()
    plain = await bench.alpaca.minute_bars(tape.instruments, since, now)
    bench.simulator.break_vendor("alpaca", Fault.OUT_OF_ORDER)
    assert await bench.alpaca.minute_bars(tape.instruments, since, now) == plain
    assert not (await bench.alpaca.quotes(tape.instruments)).missing


@pytest.mark.parametrize("fault", [Fault.MISSING_SYMBOLS, Fault.UNKNOWN_SYMBOLS])
async def test_symbols_left_out_or_foreign_are_missing(
    bench: Bench, tape: Tape, fault: Fault
) -> None:
    bench.simulator.break_vendor("alpaca", fault)
    answer = await bench.alpaca.quotes(tape.instruments)
    asked = {one.symbol for one in tape.instruments}
    answered = {quote.symbol for quote in answer.items}
    assert answered < asked
    assert answered | {one.symbol for one in answer.missing} == asked


async def test_a_wrong_key_is_refused_and_never_told(tape: Tape) -> None:
    async with bench_of(tape, key="not-the-key-you-want") as bench:
        with pytest.raises(VendorRefused, match="status 401") as caught:
            await bench.alpaca.quotes(tape.instruments)
    assert "not-the-key-you-want" not in "".join(traceback.format_exception(caught.value))
    assert "want" not in repr(AlpacaSettings(FixedKey("not-the-key-you-want", "nor-what-you-want")))


Handler = Callable[[web.Request], Awaitable[web.Response]]


@asynccontextmanager
async def against(handler: Handler, feed: Feed = Feed.IEX) -> AsyncIterator[AlpacaQuotes]:
    app = web.Application()
    app.router.add_get("/{tail:.*}", handler)
    async with TestServer(app) as server, open_session() as session:
        settings = AlpacaSettings(
            FixedKey(KEY, SECRET), str(server.make_url("/")), feed, timeout_s=5.0
        )
        yield AlpacaQuotes(session, FakeClock(NOON), settings, turnstile=OpenTurnstile())


def snapshot() -> dict[str, Any]:
    """The fact sheet's own example."""
    return {
        "latestTrade": {"t": "2026-11-20T19:59:59.123456789Z", "p": 205.81, "i": 52983525029461},
        "latestQuote": {"t": "2026-11-20T19:59:59.5Z", "ap": 205.83, "bp": 205.79},
        "minuteBar": None,
    }


async def test_a_snapshot_reads_as_the_fact_sheet_says() -> None:
    async def handler(request: web.Request) -> web.Response:
        assert request.headers["APCA-API-KEY-ID"] == KEY
        assert request.headers["APCA-API-SECRET-KEY"] == SECRET
        assert dict(request.query) == {"symbols": "AAPL,BRK.B", "feed": "sip"}
        return web.json_response({"AAPL": snapshot(), "BRK.B": None})

    async with against(handler, Feed.SIP) as alpaca:
        answer = await alpaca.quotes((APPLE, BERKSHIRE))
    (quote,) = answer.items
    assert (quote.price, quote.bid, quote.ask) == (
        Decimal("205.81"),
        Decimal("205.79"),
        Decimal("205.83"),
    )
    assert quote.at == NOON - timedelta(seconds=0.5)
    assert (quote.fetched_at, quote.feed) == (NOON, "alpaca:sip")
    assert [(one.symbol, one.problem) for one in answer.missing] == [
        ("BRK.B", "not in the snapshot")
    ]


async def test_the_price_lies_on_the_instruments_tick() -> None:
    async def handler(request: web.Request) -> web.Response:
        one = snapshot()
        one["latestTrade"]["p"] = 205.815
        return web.json_response({"AAPL": one})

    async with against(handler) as alpaca:
        wide = Instrument("AAPL", AssetClass.STOCK, Decimal("0.05"))
        (quote,) = (await alpaca.quotes((wide,))).items
    assert str(quote.price) == "205.80"


@pytest.mark.parametrize("side", ["bp", "ap"])
async def test_a_side_nobody_quotes_is_absent(side: str) -> None:
    async def handler(request: web.Request) -> web.Response:
        one = snapshot()
        one["latestQuote"][side] = 0
        return web.json_response({"AAPL": one})

    async with against(handler) as alpaca:
        (quote,) = (await alpaca.quotes((APPLE,))).items
    assert (quote.bid is None, quote.ask is None) == (side == "bp", side == "ap")


@pytest.mark.parametrize(
    ("part", "change", "reason"),
    [
        ("latestQuote", {"bp": 206.0}, "bid 206.0 is above ask 205.83"),
        ("latestTrade", {"p": 0}, "not a price above zero"),
        ("latestTrade", {"p": -1}, "not a price above zero"),
        ("latestTrade", {"p": 0.004}, "0.00 is not a price"),
        ("latestTrade", {"p": 1e300}, "is no price"),
        ("latestTrade", {"p": "205.81"}, "not a finite number"),
        ("latestTrade", {"t": "2026-11-20T20:00:06Z"}, "from the future"),
        ("latestQuote", {"t": "2026-11-20T20:00:06Z"}, "from the future"),
        ("latestTrade", {"t": 1795186799}, "not a string"),
        ("latestTrade", {"t": "yesterday"}, "not an RFC 3339 time"),
        ("latestTrade", {"u": "canceled"}, "taken back"),
        ("latestTrade", {"p": None}, "p is missing"),
    ],
)
async def test_one_row_that_cannot_be_is_missing_with_the_reason(
    part: str, change: dict[str, object], reason: str
) -> None:
    async def handler(request: web.Request) -> web.Response:
        one = snapshot()
        one[part] |= change
        return web.json_response({"AAPL": one, "BRK.B": snapshot()})

    async with against(handler) as alpaca:
        answer = await alpaca.quotes((APPLE, BERKSHIRE))
        assert [quote.symbol for quote in answer.items] == ["BRK.B"]
        assert [one.symbol for one in answer.missing] == ["AAPL"]
        assert reason in answer.missing[0].problem
        with pytest.raises(VendorGarbled):
            await alpaca.quotes((APPLE,))


async def test_one_malformed_symbol_is_dropped_and_the_others_are_asked_once_more() -> None:
    asked = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.query["symbols"])
        if "ZZZZ" in request.query["symbols"]:
            return web.json_response({"message": "invalid symbol: ZZZZ."}, status=400)
        return web.json_response({"AAPL": snapshot(), "BRK.B": snapshot()})

    async with against(handler) as alpaca:
        answer = await alpaca.quotes((APPLE, NOBODY, BERKSHIRE))
        assert asked == ["AAPL,ZZZZ,BRK.B", "AAPL,BRK.B"]
        assert (len(answer.items), answer.calls) == (2, 2)
        assert answer.missing[0].problem == "the vendor calls it invalid"
        with pytest.raises(VendorRefused, match="invalid symbol"):
            await alpaca.quotes((NOBODY,))


@pytest.mark.parametrize("message", ["invalid symbol: AAPL or BRK.B", "invalid feed", "<html>"])
async def test_a_400_that_names_no_single_symbol_is_a_refusal(message: str) -> None:
    async def handler(request: web.Request) -> web.Response:
        if message == "<html>":
            return web.Response(status=400, text=message)
        return web.json_response({"message": message}, status=400)

    async with against(handler) as alpaca:
        with pytest.raises(VendorRefused, match="status 400") as caught:
            await alpaca.quotes((APPLE, BERKSHIRE))
    assert caught.value.calls == 1


@pytest.mark.parametrize("call", ["quotes", "minute_bars"])
async def test_stocks_answer_while_crypto_is_down(call: str) -> None:
    async def handler(request: web.Request) -> web.Response:
        if "crypto" in request.path:
            return web.json_response({"message": "down"}, status=500)
        if request.path.endswith("/bars"):
            bar = {"t": "2026-11-20T19:00:00Z", "o": 1, "h": 2, "l": 1, "c": 2, "v": 3}
            return web.json_response({"bars": {"AAPL": [bar]}, "next_page_token": None})
        return web.json_response({"AAPL": snapshot()})

    async with against(handler) as alpaca:
        span = (NOON - timedelta(hours=2), NOON) if call == "minute_bars" else ()
        answer = await getattr(alpaca, call)((BITCOIN, APPLE), *span)
    assert [item.symbol for item in answer.items] == ["AAPL"]
    assert [(one.symbol, one.problem) for one in answer.missing] == [
        ("BTC/USD", "status 500: down")
    ]
    assert answer.calls == 2


async def test_500_symbols_are_one_call_and_501_are_two() -> None:
    lengths = []

    async def handler(request: web.Request) -> web.Response:
        names = request.query["symbols"].split(",")
        lengths.append(len(names))
        return web.json_response({name: snapshot() for name in names})

    many = [instrument(f"A{n:04d}") for n in range(501)]
    async with against(handler) as alpaca:
        assert (await alpaca.quotes(many[:500])).calls == 1
        answer = await alpaca.quotes(many)
    assert sorted(lengths) == [1, 500, 500]
    assert len(answer.items) == 501


async def test_bars_are_read_to_the_last_page_in_any_order() -> None:
    def page(minutes: list[int], token: str | None) -> web.Response:
        bars = [
            {"t": f"2026-11-20T19:{n:02d}:00Z", "o": 1, "h": 2, "l": 1, "c": 2, "v": 3}
            for n in minutes
        ]
        return web.json_response({"bars": {"AAPL": bars}, "next_page_token": token})

    pages = {None: page([3, 1], "b"), "b": page([2, 3], "c"), "c": page([0, 59], None)}

    async def handler(request: web.Request) -> web.Response:
        assert request.query["timeframe"] == "1Min"
        return pages[request.query.get("page_token")]

    async with against(handler) as alpaca:
        answer = await alpaca.minute_bars((APPLE,), NOON - timedelta(hours=1), NOON)
    assert [bar.start.minute for bar in answer.items] == [0, 1, 2, 3, 59]
    assert answer.calls == 3


async def test_a_vendor_that_pages_in_circles_is_given_up() -> None:
    asked = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.json_response({"bars": {}, "next_page_token": "again"})

    async with against(handler) as alpaca:
        with pytest.raises(VendorGarbled, match="more than 60 pages") as caught:
            await alpaca.minute_bars((APPLE,), NOON - timedelta(hours=1), NOON)
    assert caught.value.calls == asked == 60


async def test_a_row_that_is_no_bar_is_a_lost_minute() -> None:
    good = {"t": "2026-11-20T19:00:00Z", "o": 1, "h": 2, "l": 1, "c": 2, "v": 3}
    bad = [{**good, "h": 0.5}, {**good, "o": "1"}, {**good, "v": -1}, {**good, "t": 1}, [], "bar"]

    async def handler(request: web.Request) -> web.Response:
        bars = {"AAPL": [*bad, good], "BRK.B": bad}
        return web.json_response({"bars": bars, "next_page_token": None})

    async with against(handler) as alpaca:
        answer = await alpaca.minute_bars((APPLE, BERKSHIRE), NOON - timedelta(hours=1), NOON)
    assert [bar.symbol for bar in answer.items] == ["AAPL"]
    assert answer.missing[0].problem == "none of 6 rows is a bar"


async def test_a_bar_whose_minute_is_not_over_is_left_out() -> None:
    def bar(minute: str) -> dict[str, object]:
        return {"t": f"2026-11-20T{minute}:00Z", "o": 1, "h": 2, "l": 1, "c": 2, "v": 3}

    async def handler(request: web.Request) -> web.Response:
        bars = [bar(minute) for minute in ("19:58", "19:59", "20:00")]
        return web.json_response({"bars": {"AAPL": bars}, "next_page_token": None})

    async with against(handler) as alpaca:
        answer = await alpaca.minute_bars((APPLE,), NOON - timedelta(hours=1), NOON + 9 * MINUTE)
    assert max(bar.end for bar in answer.items) == NOON


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7", "X-RateLimit-Reset": "1795204830"}, 7.0),
        ({"X-RateLimit-Reset": str(int(NOON.timestamp()) + 30)}, 30.0),
        ({"X-RateLimit-Reset": str(int(NOON.timestamp()) - 30)}, 0.0),
        ({"X-RateLimit-Reset": str(int(NOON.timestamp()) + 9_000)}, 60.0),
        ({"X-RateLimit-Reset": "soon"}, None),
        ({}, None),
    ],
)
async def test_throttling_says_how_long_to_wait(
    headers: dict[str, str], seconds: float | None
) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response({"message": "too many requests."}, status=429, headers=headers)

    async with against(handler) as alpaca:
        with pytest.raises(VendorThrottled, match="too many requests") as caught:
            await alpaca.quotes((APPLE,))
    assert caught.value.retry_after_s == seconds
