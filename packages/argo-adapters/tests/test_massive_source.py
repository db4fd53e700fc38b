"""Massive's opinions over loopback HTTP, against the simulator and against worse."""

import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from attrs import frozen

from argo_adapters.http.client import open_session
from argo_adapters.http.open_turnstile import OpenTurnstile
from argo_adapters.http.visit import AT_ONCE
from argo_adapters.simulator.app import Simulator, serving, simulate
from argo_adapters.simulator.faults import Fault
from argo_adapters.tapes.file import shipped
from argo_adapters.vendors.massive.source import MassiveSettings, MassiveTechnicals
from argo_core.backtest.tape import Tape
from argo_core.errors import (
    VendorError,
    VendorGarbled,
    VendorRefused,
    VendorThrottled,
    VendorUnavailable,
)
from argo_core.market.instrument import instrument
from argo_core.testing.fake_clock import BEGINNING, FakeClock
from argo_core.testing.source_contract import SourceCase, SourceContract

KEY = "simulator-key"
NOBODY = instrument("ZZZZ")
AZO, BITCOIN = instrument("AZO"), instrument("BTC/USD")
NO_LATENCY = float("inf")


@pytest.fixture(scope="module")
def tape() -> Tape:
    return shipped("ordinary-day")


@frozen
class Bench:
    simulator: Simulator
    session: aiohttp.ClientSession
    settings: MassiveSettings
    source: MassiveTechnicals
    clock: FakeClock


@asynccontextmanager
async def bench_of(tape: Tape, key: str = KEY, **options: float) -> AsyncIterator[Bench]:
    # A busy machine must not decide how many indicators an ask opens.
    options = {"timeout_s": 5.0, "warm_up_s": 5.0, **options}
    clock = FakeClock(tape.starts + timedelta(minutes=45, seconds=3))
    app = simulate(tape, clock, latency_scale=NO_LATENCY)
    async with serving(app) as simulator, open_session() as session:
        settings = MassiveSettings(key, simulator.url("massive"), **options)  # type: ignore[arg-type] # each test knows its own
        yield Bench(
            simulator,
            session,
            settings,
            MassiveTechnicals(session, settings, turnstile=OpenTurnstile()),
            clock,
        )


@pytest.fixture
async def bench(tape: Tape) -> AsyncIterator[Bench]:
    async with bench_of(tape) as bench:
        yield bench


Handler = Callable[[web.Request], Awaitable[web.Response]]


@asynccontextmanager
async def against(handler: Handler) -> AsyncIterator[MassiveTechnicals]:
    app = web.Application()
    app.router.add_get("/{tail:.*}", handler)
    async with TestServer(app) as server, open_session() as session:
        settings = MassiveSettings(KEY, str(server.make_url("/")), timeout_s=5.0, warm_up_s=5.0)
        yield MassiveTechnicals(session, settings, turnstile=OpenTurnstile())


def nanoseconds(back_s: int = 0) -> int:
    return int((BEGINNING.timestamp() - back_s) * 1_000_000_000)


def universal(ticker: str) -> dict[str, object]:
    trade = {"price": 100.5, "last_updated": nanoseconds(1)}
    return {"ticker": ticker, "last_trade": trade}


def bars(ticks: int = 320) -> dict[str, object]:
    rows = [
        {"t": nanoseconds(60 * n + 60) // 10**6, "o": 100, "h": 101, "l": 99.5, "c": 100, "v": 9}
        for n in range(ticks)
    ]
    return {"status": "DELAYED", "results": rows}


class TestMassiveKeepsThePromises(SourceContract):
    @pytest.fixture
    def case(self, bench: Bench, tape: Tape) -> SourceCase:
        def fail() -> None:
            bench.simulator.break_vendor("massive", Fault.SERVER_ERROR)

        return SourceCase(bench.source, tape.instruments, NOBODY, bench.clock.now, fail)


async def test_one_call_a_cycle_once_the_indicators_are_open(bench: Bench, tape: Tape) -> None:
    first = await bench.source.opinions(tape.instruments, bench.clock.now())
    assert first.calls == 1 + len(tape.instruments)
    for _ in range(20):
        await bench.clock.advance(15)
        answer = await bench.source.opinions(tape.instruments, bench.clock.now())
        assert (answer.calls, answer.missing) == (1, ())


async def test_minutes_followed_are_the_minutes_recorded(bench: Bench, tape: Tape) -> None:
    for _ in range(40):
        await bench.source.opinions(tape.instruments, bench.clock.now())
        await bench.clock.advance(15)
    now = bench.clock.now()
    await bench.source.opinions(tape.instruments, now)
    for one in tape.instruments:
        newest = [bar for bar in tape.bars[one.symbol] if bar.end <= now][-1]
        reading = bench.source._warm_up.reading(one.symbol)
        assert reading
        assert (reading.start, reading.close) == (newest.start, newest.close)


async def test_following_gives_what_opening_anew_gives(bench: Bench, tape: Tape) -> None:
    for _ in range(40):
        await bench.source.opinions(tape.instruments, bench.clock.now())
        await bench.clock.advance(15)
    followed = await bench.source.opinions(tape.instruments, bench.clock.now())
    fresh = MassiveTechnicals(bench.session, bench.settings, turnstile=OpenTurnstile())
    opened = await fresh.opinions(tape.instruments, bench.clock.now())
    for one, other in zip(followed.items, opened.items, strict=True):
        assert one.strength == pytest.approx(other.strength, abs=0.0001)
        assert (one.symbol, one.as_of) == (other.symbol, other.as_of)


async def test_a_long_pause_opens_the_indicators_anew(bench: Bench, tape: Tape) -> None:
    await bench.source.opinions(tape.instruments, bench.clock.now())
    await bench.clock.advance(600)
    answer = await bench.source.opinions(tape.instruments, bench.clock.now())
    assert answer.calls > 1
    assert not answer.missing


async def test_opinions_carry_the_vendors_time_the_body_and_the_rule(
    bench: Bench, tape: Tape
) -> None:
    now = bench.clock.now()
    answer = await bench.source.opinions(tape.instruments, now)
    assert {opinion.rule for opinion in answer.items} == {bench.source.model}
    assert len({opinion.raw_sha256 for opinion in answer.items}) == 1
    assert all(now - timedelta(minutes=5) < opinion.as_of <= now for opinion in answer.items)
    assert any(opinion.strength for opinion in answer.items)


async def test_only_so_many_are_opened_in_one_ask(tape: Tape) -> None:
    async with bench_of(tape, warm_ups=4) as bench:
        answer = await bench.source.opinions(tape.instruments, bench.clock.now())
        assert (answer.calls, len(answer.items)) == (5, 4)
        assert {one.problem for one in answer.missing} == {"warming up"}
        for expected in (8, 10):
            answer = await bench.source.opinions(tape.instruments, bench.clock.now())
            assert len(answer.items) == expected


async def test_opening_stops_in_time_and_goes_on_in_the_next_ask(tape: Tape) -> None:
    async with bench_of(tape, warm_up_s=0.0) as bench:
        answer = await bench.source.opinions(tape.instruments, bench.clock.now())
        assert {one.problem for one in answer.missing} == {"warming up"}


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
}
ANSWERING = {
    Fault.DRIP,
    Fault.STALE,
    Fault.FUTURE,
    Fault.OUT_OF_ORDER,
    Fault.CROSSED,
    Fault.UNKNOWN_SYMBOLS,
    Fault.MISSING_SYMBOLS,
}


def test_every_fault_the_simulator_knows_is_expected_here() -> None:
    assert FAILING.keys() | ANSWERING == set(Fault)


@pytest.mark.parametrize("fault", FAILING)
async def test_a_failing_vendor_is_told_apart_and_recovers(tape: Tape, fault: Fault) -> None:
    async with bench_of(tape, timeout_s=0.5 if fault is Fault.TIMEOUT else 5.0) as bench:
        bench.simulator.break_vendor("massive", fault)
        with pytest.raises(VendorError) as caught:
            await bench.source.opinions(tape.instruments, bench.clock.now())
        assert type(caught.value) is FAILING[fault]
        assert caught.value.calls == 1
        assert (caught.value.retry_after_s is not None) == (fault is Fault.THROTTLED_RETRY_AFTER)
        assert KEY not in "".join(traceback.format_exception(caught.value))
        bench.simulator.heal("massive")
        answer = await bench.source.opinions(tape.instruments[:1], bench.clock.now())
        assert not answer.missing


async def test_rows_in_another_order_say_the_same(bench: Bench, tape: Tape) -> None:
    plain = await bench.source.opinions(tape.instruments, bench.clock.now())
    bench.simulator.break_vendor("massive", Fault.OUT_OF_ORDER)
    fresh = MassiveTechnicals(bench.session, bench.settings, turnstile=OpenTurnstile())
    turned = await fresh.opinions(tape.instruments, bench.clock.now())
    assert [(o.symbol, o.strength) for o in turned.items] == [
        (o.symbol, o.strength) for o in plain.items
    ]


@pytest.mark.parametrize(
    ("fault", "reason"), [(Fault.FUTURE, "from the future"), (Fault.CROSSED, "a crossed quote")]
)
async def test_when_no_row_can_be_believed_the_vendor_is_at_fault(
    bench: Bench, tape: Tape, fault: Fault, reason: str
) -> None:
    await bench.source.opinions(tape.instruments, bench.clock.now())
    bench.simulator.break_vendor("massive", fault)
    with pytest.raises(VendorGarbled, match=f"not one row can be believed: .*{reason}"):
        await bench.source.opinions(tape.instruments, bench.clock.now())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"last_trade": {"price": 100, "last_updated": nanoseconds(-6)}}, "from the future"),
        ({"last_trade": {"price": 0, "last_updated": nanoseconds(1)}}, "not a price above zero"),
        ({"last_quote": {"bid": 101, "ask": 100}}, "a crossed quote"),
        ({"last_trade": "soon"}, "not an object"),
    ],
)
async def test_one_row_that_cannot_be_is_missing_and_never_neutral(
    change: dict[str, object], reason: str
) -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path.startswith("/v2/aggs/"):
            return web.json_response(bars())
        rows = [universal("AZO") | change, universal("X:BTCUSD")]
        return web.json_response({"status": "OK", "results": rows})

    async with against(handler) as source:
        answer = await source.opinions((AZO, BITCOIN), BEGINNING)
    assert [opinion.symbol for opinion in answer.items] == ["BTC/USD"]
    assert [one.symbol for one in answer.missing] == ["AZO"]
    assert reason in answer.missing[0].problem


async def test_stale_data_keeps_its_old_time(bench: Bench, tape: Tape) -> None:
    bench.simulator.break_vendor("massive", Fault.STALE)
    answer = await bench.source.opinions(tape.instruments, bench.clock.now())
    assert answer.items
    limit = bench.clock.now() - timedelta(minutes=59)
    assert all(opinion.as_of < limit for opinion in answer.items)


async def test_data_that_turns_stale_never_takes_back_a_minute(bench: Bench, tape: Tape) -> None:
    await bench.source.opinions(tape.instruments, bench.clock.now())
    bench.simulator.break_vendor("massive", Fault.STALE)
    answer = await bench.source.opinions(tape.instruments, bench.clock.now())
    assert not answer.items
    assert all("before the bar" in one.problem for one in answer.missing)


@pytest.mark.parametrize("fault", [Fault.MISSING_SYMBOLS, Fault.UNKNOWN_SYMBOLS])
async def test_symbols_left_out_or_foreign_are_missing(
    bench: Bench, tape: Tape, fault: Fault
) -> None:
    bench.simulator.break_vendor("massive", fault)
    answer = await bench.source.opinions(tape.instruments, bench.clock.now())
    asked = {one.symbol for one in tape.instruments}
    answered = {opinion.symbol for opinion in answer.items}
    assert answered < asked
    assert answered | {one.symbol for one in answer.missing} == asked


async def test_a_wrong_key_is_refused_and_never_told(tape: Tape) -> None:
    async with bench_of(tape, key="not-the-key-you-want") as bench:
        with pytest.raises(VendorRefused, match="Unknown API Key") as caught:
            await bench.source.opinions(tape.instruments, bench.clock.now())
    assert "not-the-key-you-want" not in "".join(traceback.format_exception(caught.value))


async def test_more_than_500_stocks_take_one_call_for_the_whole_market() -> None:
    many = [instrument(f"A{n:04d}") for n in range(501)] + [BITCOIN]
    paths = []

    async def handler(request: web.Request) -> web.Response:
        paths.append(request.path)
        if request.path == "/v3/snapshot":
            return web.json_response({"status": "OK", "results": [universal("X:BTCUSD")]})
        if request.path.startswith("/v2/aggs/"):
            return web.json_response(bars())
        rows = [
            {"ticker": one.symbol, "lastTrade": {"p": 9.5, "t": nanoseconds()}} for one in many[3:]
        ]
        return web.json_response({"status": "OK", "tickers": [*rows, {"ticker": "OTHER"}]})

    async with against(handler) as source:
        answer = await source.opinions(many, BEGINNING)
    whole = [path for path in paths if not path.startswith("/v2/aggs/")]
    assert sorted(whole) == ["/v2/snapshot/locale/us/markets/stocks/tickers", "/v3/snapshot"]
    assert answer.calls == 2 + 40
    assert len(answer.items) + len(answer.missing) == 502
    absent = {one.symbol for one in answer.missing if one.problem == "not in the snapshot"}
    assert absent == {"A0000", "A0001", "A0002"}


async def test_500_symbols_take_two_calls_and_one_failing_leaves_the_others() -> None:
    many = [instrument(f"A{n:04d}") for n in range(499)] + [BITCOIN]
    chunks = []

    async def handler(request: web.Request) -> web.Response:
        if request.path.startswith("/v2/aggs/"):
            return web.json_response(bars())
        names = request.query["ticker.any_of"].split(",")
        chunks.append(len(names))
        if "X:BTCUSD" in names:
            return web.Response(status=503)
        return web.json_response({"status": "OK", "results": [universal(one) for one in names]})

    async with against(handler) as source:
        answer = await source.opinions(many, BEGINNING)
    assert chunks == [250, 250]
    assert len([one for one in answer.missing if one.problem == "status 503"]) == 250
    assert len(answer.items) == 40


async def test_a_second_page_is_fetched_and_a_third_origin_never() -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path.startswith("/v2/aggs/"):
            return web.json_response(bars())
        if "cursor" in request.query:
            link = "https://elsewhere.example.com/v3/snapshot?cursor=c"
            page = {"status": "OK", "results": [universal("X:BTCUSD")], "next_url": link}
            return web.json_response(page)
        link = str(request.url.with_query({"cursor": "b"}))
        return web.json_response({"status": "OK", "results": [universal("AZO")], "next_url": link})

    async with against(handler) as source:
        with pytest.raises(VendorGarbled, match="another origin"):
            await source.opinions((AZO, BITCOIN), BEGINNING)


async def test_a_row_that_is_there_twice_is_believed_neither_time() -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path.startswith("/v2/aggs/"):
            return web.json_response(bars())
        rows = [universal("AZO"), universal("X:BTCUSD"), universal("AZO"), universal("AZO")]
        return web.json_response({"status": "OK", "results": rows})

    async with against(handler) as source:
        answer = await source.opinions((AZO, BITCOIN), BEGINNING)
    assert [opinion.symbol for opinion in answer.items] == ["BTC/USD"]
    assert [(one.symbol, one.problem) for one in answer.missing] == [("AZO", "it is there twice")]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (bars(7), "warming up: 7 of 300 minute bars"),
        ({"status": "OK"}, "warming up: 0 of 300 minute bars"),
        ({"status": "OK", "results": {}}, "not an array"),
        ({"status": "NOT_AUTHORIZED", "message": "Not your plan"}, "Not your plan"),
    ],
)
async def test_a_symbol_without_history_is_missing_and_leaves_its_turn_to_others(
    reply: dict[str, object], reason: str
) -> None:
    asked = []

    async def handler(request: web.Request) -> web.Response:
        if request.path.startswith("/v2/aggs/"):
            asked.append(request.path)
            return web.json_response(reply)
        return web.json_response({"status": "OK", "results": [universal("AZO")]})

    async with against(handler) as source:
        for seconds, calls in ((0, 1), (5, 1), (60, 2)):
            now = BEGINNING + timedelta(seconds=seconds)
            answer = await source.opinions((AZO,), now)
            assert not answer.items
            assert reason in answer.missing[0].problem
            assert len(asked) == calls


async def test_a_throttled_warm_up_stops_asking() -> None:
    many = [instrument(f"A{n:04d}") for n in range(40)]
    asked = []

    async def handler(request: web.Request) -> web.Response:
        if request.path.startswith("/v2/aggs/"):
            asked.append(request.path)
            return web.Response(status=429)
        rows = [universal(one.symbol) for one in many]
        return web.json_response({"status": "OK", "results": rows})

    async with against(handler) as source:
        answer = await source.opinions(many, BEGINNING)
    assert {one.problem for one in answer.missing} == {"warming up"}
    assert len(asked) == AT_ONCE


async def test_a_price_out_of_proportion_opens_the_indicators_anew() -> None:
    price = 100.5
    opened = []

    async def handler(request: web.Request) -> web.Response:
        if request.path.startswith("/v2/aggs/"):
            opened.append(request.path)
            return web.json_response(bars())
        row = {"ticker": "AZO", "last_trade": {"price": price, "last_updated": nanoseconds(1)}}
        return web.json_response({"status": "OK", "results": [row]})

    async with against(handler) as source:
        assert (await source.opinions((AZO,), BEGINNING)).items
        price = 10.05
        split = await source.opinions((AZO,), BEGINNING)
        assert "out of proportion" in split.missing[0].problem
        price = 100.5
        again = await source.opinions((AZO,), BEGINNING + timedelta(minutes=1))
        assert again.items
    assert len(opened) == 2


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (413, "<html>", VendorUnavailable),
        (499, "", VendorUnavailable),
        (414, "<html>", VendorRefused),
        (200, '{"status":"NOT_AUTHORIZED","message":"Not your plan"}', VendorRefused),
        (
            200,
            '{"status":"ERROR","error":"You\'ve exceeded the maximum requests"}',
            VendorThrottled,
        ),
        (200, '{"status":"ERROR"}', VendorUnavailable),
        (200, '{"results":[]}', VendorGarbled),
        (200, '{"status":"OK"}', VendorGarbled),
    ],
)
async def test_refusals_of_every_shape_are_told_apart(
    status: int, body: str, kind: type[VendorError]
) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=status, text=body)

    async with against(handler) as source:
        with pytest.raises(VendorError) as caught:
            await source.opinions((AZO,), BEGINNING)
    assert type(caught.value) is kind


async def test_a_vendor_that_pages_in_circles_is_given_up() -> None:
    pages = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal pages
        if request.path.startswith("/v2/aggs/"):
            return web.json_response(bars())
        pages += 1
        link = str(request.url.with_query({"cursor": "again"}))
        rows = [universal("AZO")] if pages == 1 else []
        return web.json_response({"status": "OK", "results": rows, "next_url": link})

    async with against(handler) as source:
        answer = await source.opinions((AZO, BITCOIN), BEGINNING)
    assert pages == 4
    assert [opinion.symbol for opinion in answer.items] == ["AZO"]


async def test_bars_outside_the_span_asked_for_are_left_out() -> None:
    strange = bars(310)
    rows = strange["results"]
    assert isinstance(rows, list)
    for back in (-1, 9 * 24 * 60):
        rows.append({**rows[0], "t": nanoseconds(60 * back) // 10**6})

    async def handler(request: web.Request) -> web.Response:
        if request.path.startswith("/v2/aggs/"):
            return web.json_response(strange)
        return web.json_response({"status": "OK", "results": [universal("AZO")]})

    async with against(handler) as source:
        assert (await source.opinions((AZO,), BEGINNING)).items
        reading = source._warm_up.reading(AZO.symbol)
    assert reading
    assert reading.end == BEGINNING
