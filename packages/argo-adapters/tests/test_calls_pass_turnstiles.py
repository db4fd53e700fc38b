"""Every request is made inside a passage of its own, and what is wrong with its answer ends it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from argo_adapters.http.client import HttpClient, open_session
from argo_adapters.http.key import FixedKey
from argo_adapters.http.open_turnstile import OpenTurnstile
from argo_adapters.http.remaining import remaining_calls
from argo_adapters.http.visit import Visit
from argo_adapters.llm.dialect import Prompt
from argo_adapters.llm.model import Told
from argo_adapters.vendors.alpaca.source import HISTORY_WAIT_S, AlpacaQuotes, AlpacaSettings
from argo_adapters.vendors.alpha_vantage.source import AlphaVantageOpinions, AlphaVantageSettings
from argo_adapters.vendors.grok import GrokSettings, grok_model
from argo_adapters.vendors.massive.source import MassiveSettings, MassiveTechnicals
from argo_adapters.vendors.sonar import SonarOpinions, SonarSettings
from argo_adapters.vendors.yfinance.chart import chart_fetcher
from argo_adapters.vendors.yfinance.fetched import Fetched
from argo_adapters.vendors.yfinance.library import WAIT_S, LibraryBars
from argo_core.consensus.opinion import GROK, MASSIVE
from argo_core.engine.turnstile import GuardedTurnstile
from argo_core.errors import (
    InvalidInput,
    VendorError,
    VendorGarbled,
    VendorRefused,
    VendorThrottled,
    VendorUnavailable,
)
from argo_core.market.instrument import instrument
from argo_core.ports import Turnstile
from argo_core.resilience.allowance import Allowance, LimitPolicy, within
from argo_core.resilience.breaker_policy import breaker_policy_for
from argo_core.resilience.queue import Urgency
from argo_core.testing.fake_clock import BEGINNING, FakeClock
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.fake_turnstile import FakeTurnstile

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
AAPL, BITCOIN = instrument("AAPL"), instrument("BTC/USD")
SHUT = VendorUnavailable(MASSIVE, "not asked", calls=0)


@asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    async with TestServer(app) as server, open_session() as session:
        yield session, str(server.make_url("/"))


def answering(body: object, status: int = 200, **headers: str) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        text = body if isinstance(body, str) else json.dumps(body)
        return web.Response(text=text, status=status, headers=headers)

    return handler


async def test_a_passage_is_for_one_request() -> None:
    turnstile = FakeTurnstile()
    async with served(answering({})) as (session, url):
        client = HttpClient(session, MASSIVE, url, turnstile=turnstile)
        async with client.call() as call:
            await call.get("/first")
            with pytest.raises(InvalidInput, match="has made its request"):
                await call.get("/second")
        with pytest.raises(InvalidInput, match="not entered"):
            await call.get("/after")
        with pytest.raises(InvalidInput, match="not entered"):
            await client.call().post("/before", {})
    assert len(turnstile.passed) == 1


async def test_a_call_says_how_urgent_it_is_and_how_long_it_waits() -> None:
    turnstile = FakeTurnstile()
    async with served(answering({})) as (session, url):
        client = HttpClient(session, MASSIVE, url, turnstile=turnstile)
        async with client.call(Urgency.INTERACTIVE, timeout_s=3.0):
            pass
        async with client.call(timeout_s=3.0, wait_s=0.5):
            pass
    assert [(one.urgency, one.wait_s) for one in turnstile.passed] == [
        (Urgency.INTERACTIVE, 3.0),
        (Urgency.REFRESH, 0.5),
    ]


async def test_what_the_headers_say_is_heard_inside_the_passage() -> None:
    turnstile = FakeTurnstile()
    handler = answering({}, 429, **{"x-ratelimit-remaining": "7"})
    async with served(handler) as (session, url):
        client = HttpClient(session, MASSIVE, url, turnstile=turnstile)
        async with client.call() as call:
            await call.get("/")
    assert turnstile.passed[0].heard_of == [(7, 0)]


@pytest.mark.parametrize(
    ("headers", "remaining"),
    [
        ({}, None),
        ({"X-RateLimit-Remaining": "12"}, 12),
        ({"X-RateLimit-Remaining": " 0 "}, 0),
        ({"x-ratelimit-remaining-requests": "149", "x-ratelimit-remaining-tokens": "3"}, 149),
        ({"RateLimit-Remaining": "5", "X-RateLimit-Remaining": "4"}, 4),
        ({"RateLimit": '"burst";r=4;t=1, "day";r=90;t=3600'}, 4),
        ({"RateLimit": "limit=100, remaining=50, reset=5"}, 50),
        ({"RateLimit": '"hour";t=60'}, None),
        ({"X-RateLimit-Remaining": "-1"}, None),
        ({"X-RateLimit-Remaining": "nan"}, None),
        ({"X-RateLimit-Remaining": "1" * 40}, None),
        ({"RateLimit": "r=" + "9" * 40}, None),
        ({"X-RateLimit-Remaining": "a few", "RateLimit": "r=3"}, 3),
    ],
)
def test_what_remains_is_read_in_every_form_and_nonsense_in_none(
    headers: dict[str, str], remaining: int | None
) -> None:
    assert remaining_calls(headers) == remaining


async def test_an_answer_that_cannot_be_read_is_the_calls_failure() -> None:
    turnstile = FakeTurnstile()
    async with served(answering("<html>")) as (session, url):
        source = MassiveTechnicals(session, MassiveSettings("k", url), turnstile=turnstile)
        with pytest.raises(VendorGarbled):
            await source.opinions((AAPL,), BEGINNING)
    assert isinstance(turnstile.passed[0].error, VendorGarbled)


async def test_a_call_that_may_not_be_made_costs_nothing() -> None:
    turnstile = FakeTurnstile()
    turnstile.closed = SHUT
    async with served(answering({})) as (session, url):
        source = MassiveTechnicals(session, MassiveSettings("k", url), turnstile=turnstile)
        with pytest.raises(VendorUnavailable) as caught:
            await source.opinions((AAPL,), BEGINNING)
    assert caught.value is SHUT
    assert caught.value.calls == 0


async def test_a_visit_counts_what_was_sent_and_nothing_else() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response({"next": "http://elsewhere.example.com/"})

    async with served(handler) as (session, url):
        visit = Visit(HttpClient(session, MASSIVE, url, turnstile=OpenTurnstile()), 5.0)
        async with visit.call() as call:
            assert visit.calls == 0
            await call.get("/")
        assert visit.calls == 1
        async with visit.call():
            pass
        with pytest.raises(VendorGarbled, match="another origin"):
            async with visit.call() as call:
                await call.follow("http://elsewhere.example.com/")
    assert visit.calls == 1


def universal(*tickers: str) -> dict[str, object]:
    ns = int(BEGINNING.timestamp()) * 10**9
    trade = {"price": 100.5, "last_updated": ns}
    return {"status": "OK", "results": [{"ticker": one, "last_trade": trade} for one in tickers]}


async def test_opening_indicators_stands_behind_every_snapshot_and_ends_with_the_ask() -> None:
    turnstile = FakeTurnstile()

    async def handler(request: web.Request) -> web.Response:
        if request.path.startswith("/v2/aggs/"):
            return web.json_response({"status": "OK"})
        return web.json_response(universal("AAPL"))

    async with served(handler) as (session, url):
        settings = MassiveSettings("k", url, timeout_s=2.0, warm_up_s=1.5)
        source = MassiveTechnicals(session, settings, turnstile=turnstile)
        await source.opinions((AAPL,), BEGINNING)
    assert [(one.urgency, one.wait_s) for one in turnstile.passed] == [
        (Urgency.REFRESH, 2.0),
        (Urgency.BACKFILL, 1.5),
    ]


async def test_what_our_own_limit_holds_back_leaves_no_symbol_waiting_for_longer() -> None:
    """Symbols that could not be opened in one ask for want of calls have their turn in the next."""
    many = [instrument(f"A{n:02d}") for n in range(20)]
    opened: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        if request.path.startswith("/v2/aggs/"):
            opened.append(request.path.split("/")[4])
            return web.json_response({"status": "OK"})
        return web.json_response(universal(*(one.symbol for one in many)))

    clock = FakeClock()
    async with served(handler) as (session, url):
        settings = MassiveSettings("k", url, timeout_s=5.0, warm_up_s=0.5)
        turnstile = guarded(clock, LimitPolicy((Allowance(0.1, 8.0),)))
        source = MassiveTechnicals(session, settings, turnstile=turnstile)
        answer = await source.opinions(many, BEGINNING)
        assert len(opened) == 7
        assert answer.calls == 8
        await clock.advance(80.0)
        await source.opinions(many, BEGINNING + timedelta(seconds=1))
    assert len(set(opened)) == 14


def guarded(clock: FakeClock, limits: LimitPolicy) -> GuardedTurnstile:
    return GuardedTurnstile(
        MASSIVE,
        limits=limits,
        breaker=breaker_policy_for(5.0),
        clock=clock,
        chance=lambda: 0.0,
        observer=FakeObserver(),
    )


async def test_a_retry_after_pauses_the_whole_source() -> None:
    clock = FakeClock()
    turnstile = guarded(clock, LimitPolicy((Allowance(100.0, 100.0),)))
    async with served(answering({}, 429, **{"Retry-After": "30"})) as (session, url):
        source = MassiveTechnicals(session, MassiveSettings("k", url), turnstile=turnstile)
        with pytest.raises(VendorThrottled):
            await source.opinions((AAPL,), BEGINNING)
        with pytest.raises(VendorUnavailable, match="after its deadline") as caught:
            await source.opinions((AAPL,), BEGINNING)
    assert (caught.value.calls, caught.value.retry_after_s) == (0, 30.0)


@pytest.mark.parametrize(
    ("said", "wait_s"),
    [
        ("We have detected your API key as K and our limit is 25 requests per day", 34_200.0),
        ("Minute-level rate limit exceed. Please stay under", 60.0),
        ("Burst pattern detected, no more than 5 requests per second", 1.0),
    ],
)
async def test_refusals_that_come_as_answers_pause_as_long_as_they_mean(
    said: str, wait_s: float
) -> None:
    # 14:30 UTC on a winter's day is 9:30 in New York.
    clock = FakeClock(datetime(2024, 11, 25, 19, 30, tzinfo=UTC))
    turnstile = guarded(clock, LimitPolicy((Allowance(100.0, 100.0),)))
    async with served(answering({"Information": said})) as (session, url):
        settings = AlphaVantageSettings("K", "realtime", url)
        source = AlphaVantageOpinions(session, clock, settings, turnstile=turnstile)
        with pytest.raises(VendorThrottled):
            await source.opinions((AAPL,), clock.now())
        assert turnstile.ready_in_s == wait_s


async def test_out_of_credit_is_no_reason_to_ask_more_slowly() -> None:
    clock = FakeClock()
    turnstile = guarded(clock, LimitPolicy((Allowance(1.0, 2.0),)))
    body = {"error": "Your team has used all available credits", "code": "x"}
    async with served(answering(body, 429)) as (session, url):
        model = grok_model(session, clock, GrokSettings("K", url), turnstile=turnstile)
        with pytest.raises(VendorRefused, match="out of credit"):
            await model.ask(PROMPT, lambda told: told)
    assert turnstile.ready_in_s == 0.0
    assert turnstile.tokens == (1.0,)


PROMPT = Prompt("be brief", "what is it?", "words", {"type": "object"}, 50)
WRITTEN = {
    "created": int(BEGINNING.timestamp()),
    "choices": [{"message": {"content": '{"a":1}'}, "finish_reason": "stop"}],
    "usage": {
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "completion_tokens_details": {"reasoning_tokens": 7},
        "cost_in_usd_ticks": 12_000_000,
    },
}


async def asked_grok(
    body: object, read: Callable[[Told], object] = lambda told: told
) -> tuple[object, FakeTurnstile]:
    turnstile = FakeTurnstile()
    async with served(answering(body)) as (session, url):
        model = grok_model(session, FakeClock(), GrokSettings("K", url), turnstile=turnstile)
        try:
            return await model.ask(PROMPT, read, Urgency.BACKFILL), turnstile
        except VendorError as error:
            return error, turnstile


async def test_a_model_can_be_asked_anything_and_says_what_it_took() -> None:
    told, turnstile = await asked_grok(WRITTEN)
    assert isinstance(told, Told)
    assert (told.text, told.created, told.tokens) == ('{"a":1}', BEGINNING, 127)
    assert told.usd == Decimal("0.0012")
    assert turnstile.passed[0].urgency is Urgency.BACKFILL


@pytest.mark.parametrize("usage", [{}, {"prompt_tokens": -5, "completion_tokens": 1}, "many"])
async def test_tokens_nobody_can_read_count_as_the_most_there_could_be(usage: object) -> None:
    told, _ = await asked_grok(WRITTEN | {"usage": usage})
    assert isinstance(told, Told)
    most = PROMPT.input_tokens + PROMPT.max_tokens
    assert told.tokens == most


async def test_words_the_reader_refuses_are_the_calls_failure_and_cost_all_the_same() -> None:
    def refuse(told: Told) -> object:
        raise VendorGarbled(GROK, "not what was asked for")

    error, turnstile = await asked_grok(WRITTEN, refuse)
    assert isinstance(error, VendorGarbled)
    assert error.usd == Decimal("0.0012")
    assert turnstile.passed[0].error is error


async def test_sonar_counts_what_searches_brought_in() -> None:
    item = {
        "symbol": "AAPL",
        "action": "buy",
        "score": 0.5,
        "as_of": "2024-11-25T14:00:00Z",
        "drivers": ["news"],
    }
    usage = {"input_tokens": 900, "output_tokens": 100, "cost": {"total_cost": 0.01}}
    body = {
        "status": "completed",
        "created_at": int(BEGINNING.timestamp()),
        "output": [
            {
                "type": "message",
                "content": [{"type": "output_text", "text": json.dumps({"items": [item]})}],
            }
        ],
        "usage": usage,
    }
    async with served(answering(body)) as (session, url):
        source = SonarOpinions(
            session, FakeClock(), SonarSettings("K", url), turnstile=FakeTurnstile()
        )
        assert source.most((AAPL,), BEGINNING).tokens > 1_000
        assert source.most((), BEGINNING).tokens == 0
        answer = await source.opinions((AAPL,), BEGINNING)
    assert answer.tokens == 1_000


async def test_prices_go_before_history_and_each_request_is_a_call_of_its_own() -> None:
    turnstile = FakeTurnstile()
    refused = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal refused
        if "ZZZZ" in request.query["symbols"] and not refused:
            refused += 1
            return web.json_response({"message": "invalid symbol: ZZZZ"}, status=400)
        if request.path.endswith("/bars"):
            return web.json_response({"bars": {}, "next_page_token": None})
        return web.json_response({})

    async with served(handler) as (session, url):
        source = AlpacaQuotes(
            session, FakeClock(), AlpacaSettings(FixedKey("a", "b"), url), turnstile=turnstile
        )
        await source.quotes((AAPL, instrument("ZZZZ")))
        await source.minute_bars((AAPL,), BEGINNING, BEGINNING)
    assert [(one.urgency, one.wait_s) for one in turnstile.passed] == [
        (Urgency.INTERACTIVE, 3.0),
        (Urgency.INTERACTIVE, 3.0),
        (Urgency.BACKFILL, HISTORY_WAIT_S),
    ]


async def test_each_chart_is_a_call_and_the_library_is_one() -> None:
    turnstile = FakeTurnstile()
    async with served(answering({}, 404)) as (session, url):
        await chart_fetcher(session, url, turnstile=turnstile)(("AAPL", "MSFT"))
    assert [one.urgency for one in turnstile.passed] == [Urgency.INTERACTIVE] * 2

    def download(tickers: Sequence[str]) -> Fetched:
        return Fetched({}, {}, len(tickers))

    turnstile = FakeTurnstile()
    bars = LibraryBars(download, turnstile=turnstile)
    assert (await bars(("AAPL", "MSFT"))).calls == 2
    turnstile.closed = SHUT
    with pytest.raises(VendorUnavailable):
        await bars(("AAPL",))
    turnstile.closed = None
    # Being turned away did not leave it busy.
    await bars(("AAPL",))
    bars.close()
    assert [(one.urgency, one.wait_s) for one in turnstile.passed] == [
        (Urgency.INTERACTIVE, WAIT_S)
    ] * 2


async def test_a_library_that_was_given_up_ends_its_passage_and_stays_busy() -> None:
    turnstile: FakeTurnstile = FakeTurnstile()
    loop = asyncio.get_running_loop()
    let_go = asyncio.Event()

    def download(tickers: Sequence[str]) -> Fetched:
        asyncio.run_coroutine_threadsafe(let_go.wait(), loop).result()
        return Fetched({})

    bars = LibraryBars(download, turnstile=turnstile)
    asking = asyncio.create_task(bars(("AAPL",)))
    while not turnstile.passed:
        await asyncio.wait([asking], timeout=0.01)
    asking.cancel()
    await asyncio.wait([asking])
    assert isinstance(turnstile.passed[0].error, asyncio.CancelledError)
    with pytest.raises(VendorUnavailable, match="still under way"):
        await bars(("AAPL",))
    let_go.set()
    bars.close()


def test_an_open_turnstile_keeps_the_port() -> None:
    turnstile: Turnstile = OpenTurnstile()
    assert turnstile


async def test_a_limit_that_cuts_an_ask_short_does_not_keep_a_pair_out_for_ever() -> None:
    """Four calls at once are too few for two pairs' days and rates, a chunk of stocks and news."""
    clock = FakeClock()
    stamp = f"{clock.now():%Y-%m-%d %H:%M:%S}"
    functions: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        functions.append(request.query["function"])
        coin = request.query.get("symbol") or request.query.get("from_currency")
        if functions[-1] == "CURRENCY_EXCHANGE_RATE":
            said = {
                "1. From_Currency Code": coin,
                "3. To_Currency Code": "USD",
                "5. Exchange Rate": "100.0",
                "6. Last Refreshed": stamp,
                "7. Time Zone": "UTC",
            }
            return web.json_response({"Realtime Currency Exchange Rate": said})
        if functions[-1] == "CRYPTO_INTRADAY":
            bar = {"1. open": "99", "2. high": "101", "3. low": "98", "4. close": "100"}
            meta, series = {"9. Time Zone": "UTC"}, {stamp: bar}
            return web.json_response({"Meta Data": meta, "Time Series Crypto (15min)": series})
        return web.json_response({"feed": [], "data": []})

    async with served(handler) as (session, url):
        settings = AlphaVantageSettings("K", "realtime", url)
        turnstile = guarded(clock, LimitPolicy((within(5, 60.0, 4),)))
        source = AlphaVantageOpinions(session, clock, settings, turnstile=turnstile)
        asked = (AAPL, BITCOIN, instrument("ETH/USD"))
        with pytest.raises(VendorUnavailable, match="after its deadline"):
            await source.opinions(asked, clock.now())
        assert functions.count("CRYPTO_INTRADAY") == 2
        await clock.advance(150.0)
        second = await source.opinions(asked, clock.now())
    assert {one.symbol for one in second.items} == {"BTC/USD", "ETH/USD"}
    assert len(functions) <= 8
