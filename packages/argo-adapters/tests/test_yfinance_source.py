"""The fallback's bounds, with bars fetched from nowhere, from the simulator and from worse."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from importlib.util import find_spec
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from attrs import frozen

from argo_adapters.http.client import open_session
from argo_adapters.http.open_turnstile import OpenTurnstile
from argo_adapters.simulator.app import Simulator, serving, simulate
from argo_adapters.simulator.faults import Fault
from argo_adapters.tapes.file import shipped
from argo_adapters.vendors.yfinance.chart import chart_fetcher
from argo_adapters.vendors.yfinance.fetched import YFINANCE, FetchBars, Fetched, LastClose, blocked
from argo_adapters.vendors.yfinance.library import LibraryBars, library_download
from argo_adapters.vendors.yfinance.source import YfinanceQuotes
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
from argo_core.testing.quotes_contract import QuotesCase, QuotesContract

APPLE, BERKSHIRE, BITCOIN = (instrument(one) for one in ("AAPL", "BRK.B", "BTC/USD"))
NOBODY = instrument("ZZZZ")
RECENT = BEGINNING - timedelta(seconds=90)


class Bars:
    """Fetches what it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.failing: VendorError | None = None
        self.close = LastClose(205.81, RECENT)

    async def __call__(self, tickers: Sequence[str]) -> Fetched:
        self.asked.append(tuple(tickers))
        if self.failing is not None:
            raise self.failing
        known = {ticker: self.close for ticker in tickers if ticker != "ZZZZ"}
        return Fetched(known, {"ZZZZ": "delisted"}, len(tickers))


async def test_a_quote_is_the_last_close_at_the_start_of_its_minute() -> None:
    bars = Bars()
    answer = await YfinanceQuotes(FakeClock(), bars).quotes((APPLE, BERKSHIRE, BITCOIN, NOBODY))
    assert bars.asked == [("AAPL", "BRK-B", "BTC-USD", "ZZZZ")]
    quote = answer.items[0]
    assert (quote.price, quote.bid, quote.ask) == (Decimal("205.81"), None, None)
    assert (quote.at, quote.fetched_at, quote.feed) == (RECENT, BEGINNING, "yfinance")
    assert [(one.symbol, one.problem) for one in answer.missing] == [("ZZZZ", "delisted")]
    assert answer.calls == 4


async def test_it_asks_once_a_minute_and_says_when_again() -> None:
    clock, bars = FakeClock(), Bars()
    quotes = YfinanceQuotes(clock, bars)
    await quotes.quotes((APPLE,))
    await clock.advance(59)
    with pytest.raises(VendorThrottled) as caught:
        await quotes.quotes((APPLE,))
    assert (caught.value.calls, caught.value.retry_after_s) == (0, 1.0)
    await clock.advance(1)
    await quotes.quotes((APPLE,))
    assert len(bars.asked) == 2


async def test_a_failed_ask_counts_as_one_too() -> None:
    clock, bars = FakeClock(), Bars()
    quotes = YfinanceQuotes(clock, bars)
    bars.failing = VendorUnavailable(YFINANCE, "away")
    with pytest.raises(VendorUnavailable):
        await quotes.quotes((APPLE,))
    with pytest.raises(VendorThrottled):
        await quotes.quotes((APPLE,))
    assert len(bars.asked) == 1


async def test_once_blocked_it_keeps_quiet_for_a_quarter_of_an_hour() -> None:
    clock, bars = FakeClock(), Bars()
    quotes = YfinanceQuotes(clock, bars)
    bars.failing = blocked(1)
    with pytest.raises(VendorThrottled, match="blocks us"):
        await quotes.quotes((APPLE,))
    bars.failing = None
    await clock.advance(899)
    with pytest.raises(VendorThrottled, match="not to be asked"):
        await quotes.quotes((APPLE,))
    await clock.advance(1)
    assert (await quotes.quotes((APPLE,))).items


async def test_throttling_without_a_time_leaves_the_usual_pause() -> None:
    clock, bars = FakeClock(), Bars()
    quotes = YfinanceQuotes(clock, bars)
    bars.failing = VendorThrottled(YFINANCE, "slow down")
    with pytest.raises(VendorThrottled):
        await quotes.quotes((APPLE,))
    bars.failing = None
    await clock.advance(60)
    assert (await quotes.quotes((APPLE,))).items


async def test_symbols_beyond_twenty_take_turns() -> None:
    clock, bars = FakeClock(), Bars()
    quotes = YfinanceQuotes(clock, bars)
    many = [instrument(f"A{n}") for n in range(50)]
    seen = set()
    for _ in range(3):
        answer = await quotes.quotes(many)
        assert (len(answer.items), len(answer.missing)) == (20, 30)
        assert {one.problem for one in answer.missing} == {
            "the fallback takes 20 symbols at a time"
        }
        seen |= {quote.symbol for quote in answer.items}
        await clock.advance(60)
    assert seen == {one.symbol for one in many}


@pytest.mark.parametrize(
    ("close", "reason"),
    [
        (LastClose(205.81, BEGINNING + timedelta(seconds=6)), "in the future"),
        (LastClose(0.0, RECENT), "0.0 is not a price"),
        (LastClose(-1.0, RECENT), "-1.0 is not a price"),
        (LastClose(float("nan"), RECENT), "nan is not a price"),
        (LastClose(float("inf"), RECENT), "inf is not a price"),
        (LastClose(0.001, RECENT), "0.00 is not a price"),
    ],
)
async def test_a_price_that_cannot_be_is_no_quote(close: LastClose, reason: str) -> None:
    bars = Bars()
    bars.close = close
    with pytest.raises(VendorGarbled, match=reason):
        await YfinanceQuotes(FakeClock(), bars).quotes((APPLE, NOBODY))


async def test_an_ask_that_takes_too_long_is_given_up() -> None:
    clock = FakeClock()

    async def fetch(tickers: Sequence[str]) -> Fetched:
        await clock.advance(20)
        await clock.sleep(1)
        return Fetched({})

    with pytest.raises(VendorUnavailable, match="no answer within 20 s"):
        await YfinanceQuotes(clock, fetch).quotes((APPLE,))


@pytest.fixture
def held() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


async def test_while_the_library_hangs_nobody_else_gets_in(held: threading.Event) -> None:
    asked = []

    def download(tickers: Sequence[str]) -> Fetched:
        asked.append(tickers)
        held.wait(10)
        return Fetched({"AAPL": LastClose(205.81, RECENT)})

    clock = FakeClock()
    bars = LibraryBars(download, turnstile=OpenTurnstile())
    asking = asyncio.ensure_future(YfinanceQuotes(clock, bars).quotes((APPLE,)))
    await clock.advance(20)
    with pytest.raises(VendorUnavailable, match="no answer"):
        await asking
    with pytest.raises(VendorUnavailable, match="still under way") as caught:
        await bars(["AAPL"])
    assert caught.value.calls == 0
    held.set()
    bars._worker.submit(int).result()
    assert (await bars(["AAPL"])).closes
    assert len(asked) == 2
    bars.close()


async def test_what_the_thread_raises_reaches_the_asker() -> None:
    def download(tickers: Sequence[str]) -> Fetched:
        raise blocked(3)

    bars = LibraryBars(download, turnstile=OpenTurnstile())
    for _ in range(2):
        with pytest.raises(VendorThrottled, match="blocks us"):
            await bars(["AAPL"])
    bars.close()


@pytest.mark.skipif(find_spec("yfinance") is not None, reason="yfinance is installed")
async def test_without_the_library_the_error_names_the_extra() -> None:
    bars = LibraryBars(library_download(), turnstile=OpenTurnstile())
    with pytest.raises(VendorRefused, match=r"install argo-adapters\[yfinance\]"):
        await YfinanceQuotes(FakeClock(), bars).quotes((APPLE,))
    bars.close()


@pytest.fixture(scope="module")
def tape() -> Tape:
    return shipped("ordinary-day")


@frozen
class Bench:
    simulator: Simulator
    quotes: YfinanceQuotes
    clock: FakeClock


@asynccontextmanager
async def bench_of(tape: Tape, timeout_s: float = 5.0) -> AsyncIterator[Bench]:
    clock = FakeClock(tape.starts + timedelta(minutes=45, seconds=3))
    app = simulate(tape, clock, latency_scale=float("inf"))
    async with serving(app) as simulator, open_session() as session:
        fetch = chart_fetcher(session, simulator.url("yahoo"), timeout_s, turnstile=OpenTurnstile())
        yield Bench(simulator, YfinanceQuotes(clock, fetch), clock)


@pytest.fixture
async def bench(tape: Tape) -> AsyncIterator[Bench]:
    async with bench_of(tape) as bench:
        yield bench


class TestYfinanceKeepsThePromises(QuotesContract):
    @pytest.fixture
    def case(self, bench: Bench, tape: Tape) -> QuotesCase:
        def fail() -> None:
            bench.simulator.break_vendor("yahoo", Fault.SERVER_ERROR)

        return QuotesCase(bench.quotes, tape.instruments, NOBODY, bench.clock, fail)


async def test_the_charts_last_close_is_the_tapes(bench: Bench, tape: Tape) -> None:
    now = bench.clock.now()
    answer = await bench.quotes.quotes(tape.instruments)
    for one, quote in zip(tape.instruments, answer.items, strict=True):
        newest = [bar for bar in tape.bars[one.symbol] if bar.end <= now][-1]
        close = one.on_tick(Decimal(repr(newest.close)))
        assert (quote.symbol, quote.price, quote.at) == (one.symbol, close, newest.start)
    assert answer.calls == len(tape.instruments)


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
    Fault.OUT_OF_CREDIT: VendorThrottled,
    Fault.REFUSED_OK: VendorGarbled,
    Fault.EMPTY: VendorGarbled,
    Fault.TRUNCATED: VendorGarbled,
    Fault.MALFORMED: VendorGarbled,
    Fault.WRONG_TYPES: VendorGarbled,
    Fault.DUPLICATE_KEYS: VendorGarbled,
    Fault.NOT_A_NUMBER: VendorGarbled,
    Fault.FUTURE: VendorGarbled,
    # Columns turned against each other would pair prices with other minutes' stamps.
    Fault.OUT_OF_ORDER: VendorGarbled,
}
ANSWERING = {
    Fault.DRIP,
    Fault.STALE,
    # A bar has no sides to cross, and one chart is about one symbol.
    Fault.CROSSED,
    Fault.UNKNOWN_SYMBOLS,
    Fault.MISSING_SYMBOLS,
}


def test_every_fault_the_simulator_knows_is_expected_here() -> None:
    assert FAILING.keys() | ANSWERING == set(Fault)


@pytest.mark.parametrize("fault", FAILING)
async def test_a_failing_vendor_is_told_apart(tape: Tape, fault: Fault) -> None:
    async with bench_of(tape, 0.5 if fault is Fault.TIMEOUT else 5.0) as bench:
        bench.simulator.break_vendor("yahoo", fault)
        with pytest.raises(VendorError) as caught:
            await bench.quotes.quotes(tape.instruments[:3])
        assert type(caught.value) is FAILING[fault]


async def test_stale_prices_keep_their_old_time(tape: Tape) -> None:
    async with bench_of(tape) as bench:
        await bench.clock.advance(3_600)
        bench.simulator.break_vendor("yahoo", Fault.STALE)
        answer = await bench.quotes.quotes(tape.instruments)
        assert answer.items
        assert all(quote.age_s(bench.clock.now()) > 3_500 for quote in answer.items)


async def test_symbols_yahoo_does_not_know_are_missing(bench: Bench, tape: Tape) -> None:
    bench.simulator.break_vendor("yahoo", Fault.MISSING_SYMBOLS)
    answer = await bench.quotes.quotes(tape.instruments)
    assert answer.items
    assert {one.problem for one in answer.missing} == {"no bars"}


def chart(stamps: object, closes: object) -> dict[str, Any]:
    quote = {"close": closes}
    return {
        "chart": {
            "result": [{"timestamp": stamps, "indicators": {"quote": [quote]}}],
            "error": None,
        }
    }


def second(back: int) -> int:
    return int(BEGINNING.timestamp()) - back


Handler = Callable[[web.Request], Awaitable[web.Response]]


@asynccontextmanager
async def against(reply: dict[str, Any]) -> AsyncIterator[FetchBars]:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response(reply)

    app = web.Application()
    app.router.add_get("/{tail:.*}", handler)
    async with TestServer(app) as server, open_session() as session:
        yield chart_fetcher(session, str(server.make_url("/")), turnstile=OpenTurnstile())


@pytest.mark.parametrize(
    ("stamps", "closes", "close"),
    [
        ([second(120), second(60)], [1.5, 2.5], LastClose(2.5, BEGINNING - timedelta(seconds=60))),
        (
            [second(120), second(60)],
            [1.5, None],
            LastClose(1.5, BEGINNING - timedelta(seconds=120)),
        ),
        ([second(60)], [None], None),
        ([], [], None),
        (None, None, None),
        ([second(60)], None, None),
    ],
)
async def test_the_newest_minute_that_traded_counts(
    stamps: object, closes: object, close: LastClose | None
) -> None:
    async with against(chart(stamps, closes)) as fetch:
        fetched = await fetch(["AAPL"])
    assert fetched.closes == ({"AAPL": close} if close else {})


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (chart([second(60)], [1.5, 2.5]), "has 1 rows and"),
        (chart([second(60), second(120)], [2.5, 1.5]), "timestamp is out of order"),
        (chart([second(60)], ["1.5"]), "not a finite number"),
        (chart([second(60)], [0]), "a price above zero"),
        (chart([second(60) * 1000], [1.5]), "this century"),
        (chart({}, []), "not an array"),
        ({"chart": {"result": None, "error": None}}, "result is missing"),
        ({"chart": {"result": None, "error": {"description": "Oh no"}}}, "Oh no"),
    ],
)
async def test_a_chart_to_distrust_says_why(reply: dict[str, Any], reason: str) -> None:
    async with against(reply) as fetch:
        with pytest.raises(VendorGarbled, match=reason):
            await fetch(["AAPL"])
