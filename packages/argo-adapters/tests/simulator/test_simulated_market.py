"""The market behind the vendors: nothing from the future, nothing that depends on past asks."""

import json
from datetime import datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from argo_adapters.simulator.app import VENDORS
from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.market import BEAT, Market
from argo_adapters.simulator.news import Newsroom
from argo_adapters.simulator.sentiment import momentum, mood
from argo_adapters.simulator.stamps import HOUR, MINUTE, SECOND
from argo_adapters.simulator.wire import Ask, RefusedError
from argo_core.backtest.tape import Tape
from argo_core.market.bar import Bar
from argo_core.market.instrument import Symbol
from argo_core.market.moment import to_micros
from argo_core.market.session import Phase

AAA, THIN, COIN = Symbol("AAA"), Symbol("BRK.B"), Symbol("BTC/USD")
KEYED = {"Content-Type": "application/json"}
QUESTION = json.dumps({"symbols": ["AAA", "BRK.B", "BTC/USD"]})
MESSAGES = [{"role": "user", "content": QUESTION}]
RANGE = {
    "ticker": "BRK.B",
    "multiplier": "5",
    "timespan": "minute",
    "from": "2024-11-22",
    "to": "2024-11-25",
}

# One question or more for every endpoint; each takes all it can get.
QUESTIONS = [
    ("massive", "/v3/snapshot", Ask(query={"limit": "250"})),
    ("massive", "/v2/snapshot/locale/us/markets/stocks/tickers", Ask()),
    ("massive", "/v2/snapshot/locale/global/markets/crypto/tickers", Ask()),
    (
        "massive",
        "/v2/aggs/grouped/locale/us/market/stocks/{date}",
        Ask(match={"date": "2024-11-22"}),
    ),
    (
        "massive",
        "/v2/aggs/grouped/locale/global/market/crypto/{date}",
        Ask(match={"date": "2024-11-22"}),
    ),
    (
        "massive",
        "/v2/aggs/ticker/{ticker}/range/{multiplier}/{timespan}/{from}/{to}",
        Ask(match=RANGE),
    ),
    ("massive", "/v2/reference/news", Ask(query={"limit": "1000"})),
    ("massive", "/v1/marketstatus/now", Ask()),
    (
        "alpha_vantage",
        "/query",
        Ask(
            query={
                "function": "REALTIME_BULK_QUOTES",
                "symbol": "AAA,BRK.B",
                "entitlement": "realtime",
            }
        ),
    ),
    ("alpha_vantage", "/query", Ask(query={"function": "NEWS_SENTIMENT", "limit": "1000"})),
    ("alpha_vantage", "/query", Ask(query={"function": "GLOBAL_QUOTE", "symbol": "AAA"})),
    (
        "alpha_vantage",
        "/query",
        Ask(
            query={
                "function": "TIME_SERIES_INTRADAY",
                "symbol": "AAA",
                "interval": "15min",
                "outputsize": "full",
                "entitlement": "delayed",
            }
        ),
    ),
    (
        "alpha_vantage",
        "/query",
        Ask(
            query={
                "function": "CURRENCY_EXCHANGE_RATE",
                "from_currency": "BTC",
                "to_currency": "USD",
            }
        ),
    ),
    (
        "alpha_vantage",
        "/query",
        Ask(
            query={
                "function": "CRYPTO_INTRADAY",
                "symbol": "BTC",
                "market": "USD",
                "interval": "1min",
                "outputsize": "full",
            }
        ),
    ),
    (
        "grok",
        "/v1/chat/completions",
        Ask(
            headers=KEYED,
            body=json.dumps({"model": "grok-4.3", "messages": MESSAGES}).encode(),
        ),
    ),
    (
        "grok",
        "/v1/responses",
        Ask(
            headers=KEYED,
            body=json.dumps(
                {"model": "grok-4.3", "input": MESSAGES, "tools": [{"type": "web_search"}]}
            ).encode(),
        ),
    ),
    (
        "sonar",
        "/v1/responses",
        Ask(
            body=json.dumps(
                {
                    "model": "perplexity/sonar",
                    "input": QUESTION,
                    "tools": [{"type": "web_search"}],
                }
            ).encode()
        ),
    ),
    ("alpaca", "/v2/stocks/snapshots", Ask(query={"symbols": "AAA,BRK.B"})),
    (
        "alpaca",
        "/v2/stocks/snapshots",
        Ask(query={"symbols": "AAA,BRK.B", "feed": "delayed_sip"}),
    ),
    ("alpaca", "/v1beta3/crypto/us/snapshots", Ask(query={"symbols": "BTC/USD"})),
    ("alpaca", "/v2/stocks/quotes/latest", Ask(query={"symbols": "AAA,BRK.B"})),
    (
        "alpaca",
        "/v2/stocks/bars",
        Ask(
            query={
                "symbols": "AAA,BRK.B",
                "timeframe": "1Min",
                "start": "2024-11-20",
                "end": "2030-01-01",
                "limit": "10000",
            }
        ),
    ),
    (
        "alpaca",
        "/v1beta3/crypto/us/bars",
        Ask(query={"symbols": "BTC/USD", "timeframe": "1Hour", "start": "2024-11-20"}),
    ),
    ("alpaca", "/v1beta1/news", Ask(query={"limit": "50", "start": "2024-11-20"})),
    (
        "yahoo",
        "/v8/finance/chart/{symbol}",
        Ask(match={"symbol": "AAA"}, query={"range": "5d", "interval": "1m"}),
    ),
]
ENDPOINTS = {
    (vendor.name, route.path): route.handler for vendor in VENDORS for route in vendor.routes
}
seconds = st.integers(0, 11 * 3_600)
# Each example asks everything several times.
costly = settings(max_examples=min(12, settings().max_examples))


def ns(moment: datetime) -> int:
    return to_micros(moment) * 1000


def everything(market: Market, now: int) -> list[bytes]:
    """What all vendors answer to all questions at that moment."""
    lens, replies = Lens(market, Newsroom(market), now), []
    for vendor, path, ask in QUESTIONS:
        try:
            replies.append(ENDPOINTS[vendor, path](lens, ask).body)
        except RefusedError as refused:
            replies.append(refused.reply.body)
    return replies


def without_future(tape: Tape, at: datetime) -> Tape:
    """The tape as it would be, had recording stopped when the minute at `at` was over."""
    kept = {
        symbol: tuple(bar for bar in found if bar.start <= at)
        for symbol, found in tape.bars.items()
    }
    return evolve(tape, bars=kept)


def with_other_future(tape: Tape, at: datetime, *, even_the_minute_under_way: bool = False) -> Tape:
    """The tape with every later bar ten times as high."""

    def other(bar: Bar) -> Bar:
        prices = {name: getattr(bar, name) * 10 for name in ("open", "high", "low", "close")}
        known = bar.end <= at if even_the_minute_under_way else bar.start <= at
        return bar if known else evolve(bar, **prices)

    changed = {symbol: tuple(map(other, found)) for symbol, found in tape.bars.items()}
    return evolve(tape, bars=changed)


def test_every_endpoint_is_among_the_questions():
    unasked = set(ENDPOINTS) - {(vendor, path) for vendor, path, _ in QUESTIONS}
    # These say the same at all times, or the same as another.
    assert unasked == {
        ("grok", "/v1/models"),
        ("sonar", "/v1/agent"),
        ("sonar", "/chat/completions"),
        ("sonar", "/v1/sonar"),
        ("sonar", "/v1/models"),
        ("yahoo", "/v1/test/getcrumb"),
    }


@costly
@given(seconds)
def test_answers_do_not_change_when_the_future_is_cut_off_or_different(tape, passed):
    at = tape.starts - timedelta(hours=1) + timedelta(seconds=passed)
    now = ns(at)
    known = everything(Market(tape), now)
    assert everything(Market(without_future(tape, at)), now) == known
    assert everything(Market(with_other_future(tape, at)), now) == known


@given(seconds)
def test_bars_days_and_moods_ignore_the_minute_under_way(tape, passed):
    at = tape.starts + timedelta(seconds=passed)
    other, now = with_other_future(tape, at, even_the_minute_under_way=True), ns(at)
    markets = [Market(tape), Market(other)]
    one, two = (Lens(market, Newsroom(market), now) for market in markets)
    for symbol in markets[0].instruments:
        assert one.minutes(symbol, 0, now + HOUR) == two.minutes(symbol, 0, now + HOUR)
        assert one.days(symbol) == two.days(symbol)
        assert momentum(one.market, symbol, now, HOUR) == momentum(two.market, symbol, now, HOUR)
        assert list(one.stories(now - HOUR, now)) == list(two.stories(now - HOUR, now))


@costly
@given(st.lists(seconds, min_size=2, max_size=4))
def test_answers_do_not_depend_on_what_was_asked_before(tape, moments):
    used, begins = Market(tape), ns(tape.starts)
    for passed in moments:
        now = begins + passed * SECOND
        assert everything(used, now) == everything(Market(tape), now)


@given(seconds)
def test_views_are_consistent(tape, passed):
    market, now = Market(tape), ns(tape.starts) + passed * SECOND
    for symbol in market.instruments:
        view = market.view(symbol, now)
        assert view.bid < view.price < view.ask
        assert view.traded <= view.quoted <= now
        assert view.today.low <= view.price <= view.today.high
        assert view.today.close == view.price
        if view.minute:
            assert view.minute.start + MINUTE <= now
            assert view.today.low <= view.minute.low <= view.minute.high <= view.today.high


@given(seconds)
def test_the_days_volume_never_shrinks(tape, passed):
    market, now = Market(tape), ns(tape.starts) + passed * SECOND
    for symbol in market.instruments:
        earlier, later = market.view(symbol, now), market.view(symbol, now + BEAT)
        if later.today and later.today.start == earlier.today.start:
            assert later.today.volume >= earlier.today.volume


def test_the_minute_under_way_grows_into_the_tapes_bar(tape):
    market = Market(tape)
    series = market.series(AAA)
    start = ns(tape.starts) + 5 * MINUTE
    [bar] = [one for one in tape.bars[AAA] if ns(one.start) == start]
    first = series.known(start).forming
    last = series.known(start + MINUTE - 1).forming
    assert (first.open, first.high, first.low, first.close) == (bar.open,) * 4
    assert (last.open, last.high, last.low, last.close) == (bar.open, bar.high, bar.low, bar.close)
    assert last.volume == bar.volume


def test_nothing_is_known_of_a_stranger_or_before_the_first_bar(tape):
    market = Market(tape)
    assert market.view(Symbol("NOPE"), ns(tape.starts)) is None
    assert market.view(AAA, ns(tape.sessions[0].pre)) is None


def test_phases_follow_the_sessions_and_crypto_never_closes(tape):
    market, monday = Market(tape), tape.sessions[1]
    stock, coin = market.instruments[AAA], market.instruments[COIN]
    seen = [
        market.phase(stock, ns(moment))
        for moment in (
            tape.sessions[0].pre - timedelta(days=1),
            monday.pre,
            monday.open,
            monday.close,
            monday.post,
        )
    ]
    assert seen == [Phase.CLOSED, Phase.PRE, Phase.REGULAR, Phase.POST, Phase.CLOSED]
    assert market.phase(coin, ns(monday.post)) is Phase.REGULAR


def test_momentum_is_the_move_in_expected_deviations(tape):
    rising = [
        Bar(AAA, bar.start, price, price + 0.5, price - 0.5, price + 0.4, 100)
        for bar, price in zip(tape.bars[AAA], range(100, 400), strict=False)
    ]
    trend = evolve(tape, bars={AAA: tuple(rising)})
    up = momentum(Market(trend), AAA, ns(tape.starts) + 60 * MINUTE, HOUR // 2)
    assert 3 < up <= 4
    assert momentum(Market(tape), AAA, ns(tape.sessions[0].open), HOUR) == 0
    assert -4 <= momentum(Market(tape), AAA, ns(tape.starts) + HOUR, HOUR // 2) <= 4


def test_moods_follow_momentum_and_differ_between_vendors(tape):
    market, begins = Market(tape), ns(tape.starts)
    agreed, different = 0, set()
    for number in range(60):
        at = begins + number * MINUTE
        ours, theirs = (mood(market, who, AAA, at, HOUR // 2) for who in ("one", "other"))
        assert -1 <= ours <= 1
        agreed += ours * theirs > 0
        different.add(ours - theirs)
    assert agreed >= 40
    assert len(different) == 60


def test_moods_are_reproducible(tape):
    at = ns(tape.starts) + HOUR
    assert mood(Market(tape), "one", AAA, at, HOUR) == mood(Market(tape), "one", AAA, at, HOUR)
    other = evolve(tape, seed=tape.seed + 1)
    assert mood(Market(tape), "one", AAA, at, HOUR) != mood(Market(other), "one", AAA, at, HOUR)


def test_about_one_story_in_two_half_hours_for_each_symbol(tape):
    market = Market(tape)
    until = ns(tape.ends)
    stories = list(Newsroom(market).latest(until - 48 * HOUR, until))
    # 96 half-hours of three symbols at one half: 144, with a deviation of 8.5.
    assert len(stories) == pytest.approx(144, abs=34)
    assert len({story.id for story in stories}) == len(stories)
