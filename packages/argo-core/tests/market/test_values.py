"""Instruments, quotes and sessions refuse nonsense and keep their promises."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.market.bar import Bar
from argo_core.market.instrument import AssetClass, Instrument, instrument, parse_symbol
from argo_core.market.moment import aware, from_micros, to_micros
from argo_core.market.quote import Quote
from argo_core.market.session import Phase, Session, SessionTable
from argo_core.testing import strategies
from argo_core.testing.strategies import NOON

HOUR = timedelta(hours=1)
SESSION = Session(NOON - 8 * HOUR, NOON - 2.5 * HOUR, NOON + 4 * HOUR, NOON + 8 * HOUR)
TABLE = SessionTable((SESSION,), NOON - 24 * HOUR, NOON + 24 * HOUR)
NVR = instrument("NVR")


@pytest.mark.parametrize("text", ["A", "BRK.B", "NVR", "BTC/USD", "X2"])
def test_symbols_have_one_spelling(text: str) -> None:
    assert parse_symbol(text) == text


@pytest.mark.parametrize(
    "text", ["", "nvr", "BTC-USD", "NVR ", "BRK.", "/USD", "É", "A" * 11, None, 5]
)
def test_other_spellings_are_refused(text: object) -> None:
    with pytest.raises(InvalidInput, match="is not a symbol; write it like AAPL"):
        parse_symbol(text)


@pytest.mark.parametrize("tick", ["0", "-0.01", "NaN", "Infinity"])
def test_tick_is_a_positive_step(tick: str) -> None:
    with pytest.raises(InvalidInput, match="is not a price step"):
        Instrument("NVR", AssetClass.STOCK, Decimal(tick))


def test_a_pair_is_crypto_and_nothing_else_is() -> None:
    assert instrument("BTC/USD").asset_class is AssetClass.CRYPTO
    assert NVR.asset_class is AssetClass.STOCK
    for text, asset_class in (("BTC/USD", AssetClass.STOCK), ("NVR", AssetClass.CRYPTO)):
        with pytest.raises(InvalidInput, match="asset_class"):
            Instrument(text, asset_class)


@given(strategies.instruments(), st.integers(1, 10**9))
def test_prices_go_to_the_nearest_tick(one: Instrument, steps: int) -> None:
    price = Decimal(steps) / 10_000
    on_tick = one.on_tick(price)
    assert on_tick % one.tick == 0
    assert abs(on_tick - price) <= one.tick / 2
    assert one.on_tick(on_tick) == on_tick


@pytest.mark.parametrize("price", ["1e300", "-1e300", "1e30", "Infinity"])
def test_what_no_grid_reaches_is_no_price(price: str) -> None:
    with pytest.raises(InvalidInput, match="is no price"):
        NVR.on_tick(Decimal(price))


@given(strategies.quotes())
def test_age_of_a_price_is_counted_from_the_exchange(quote: Quote) -> None:
    assert quote.age_s(quote.at + HOUR) == 3_600
    assert quote.age_s(quote.at - HOUR) == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"price": Decimal("NaN")}, "price: NaN is not a price"),
        ({"price": Decimal(0)}, "price: 0 is not a price"),
        ({"bid": Decimal(-1)}, "bid: -1 is not a price"),
        ({"ask": Decimal("Infinity")}, "ask: Infinity is not a price"),
        ({"bid": Decimal(3), "ask": Decimal(2)}, "bid: bid 3 is above ask 2; a crossed quote"),
        ({"at": NOON.replace(tzinfo=None)}, "at: .* is not in UTC"),
        ({"fetched_at": NOON.replace(tzinfo=None)}, "fetched_at: .* is not in UTC"),
    ],
)
def test_quotes_refuse_nonsense(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        evolve(Quote(NVR.symbol, Decimal(2), NOON, NOON, "alpaca:iex"), **change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"open": float("nan")}, "open: nan is not a price"),
        ({"high": float("inf")}, "high: inf is not a price"),
        ({"low": 0.0}, "low: 0.0 is not a price"),
        ({"close": -1.0}, "close: -1.0 is not a price"),
        ({"volume": -1.0}, "volume: -1.0 is not a volume"),
        ({"volume": float("nan")}, "volume: nan is not a volume"),
        ({"high": 1.5}, r"low: 1\.0\.\.1\.5 does not hold"),
        ({"low": 2.5}, "low and high must enclose"),
        ({"start": NOON.replace(tzinfo=None)}, "start: .* is not in UTC"),
    ],
)
def test_bars_refuse_nonsense(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        evolve(Bar(NVR.symbol, NOON, 2.0, 3.0, 1.0, 2.0, 5.0), **change)


@given(strategies.bars())
def test_a_bar_may_be_known_a_minute_after_it_began(bar: Bar) -> None:
    assert bar.end - bar.start == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("at", "phase"),
    [
        (SESSION.pre - timedelta(microseconds=1), Phase.CLOSED),
        (SESSION.pre, Phase.PRE),
        (SESSION.open - timedelta(microseconds=1), Phase.PRE),
        (SESSION.open, Phase.REGULAR),
        (SESSION.close - timedelta(microseconds=1), Phase.REGULAR),
        (SESSION.close, Phase.POST),
        (SESSION.post - timedelta(microseconds=1), Phase.POST),
        (SESSION.post, Phase.CLOSED),
    ],
)
def test_each_boundary_belongs_to_what_it_begins(at: datetime, phase: Phase) -> None:
    assert TABLE.phase(NVR, at) is phase


def test_crypto_trades_even_outside_the_table() -> None:
    assert TABLE.phase(instrument("BTC/USD"), NOON + 1_000 * HOUR) is Phase.REGULAR


@pytest.mark.parametrize("at", [TABLE.since - timedelta(microseconds=1), TABLE.until])
def test_the_table_vouches_for_its_span_only(at: datetime) -> None:
    with pytest.raises(InvalidInput, match="outside the session table"):
        TABLE.phase(NVR, at)
    assert TABLE.phase(NVR, TABLE.since) is Phase.CLOSED


def test_sessions_out_of_order_are_refused() -> None:
    with pytest.raises(InvalidInput, match="sessions: they overlap or are out of order"):
        SessionTable((SESSION, SESSION), TABLE.since, TABLE.until)
    with pytest.raises(InvalidInput, match="give pre <= open < close <= post"):
        evolve(SESSION, close=SESSION.open)
    with pytest.raises(InvalidInput, match=r"pre: .* is not in UTC"):
        evolve(SESSION, pre=SESSION.pre.replace(tzinfo=None))


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1970, 1, 1)))  # noqa: DTZ001 - the zone is an argument
def test_moments_are_whole_microseconds(moment: datetime) -> None:
    assert from_micros(to_micros(moment)) == moment


def test_utc_is_utc_whoever_implements_it_and_other_zones_are_refused_even_at_noon() -> None:
    noon = datetime(2024, 11, 25, 12, tzinfo=ZoneInfo("Etc/UTC"))
    assert aware("at", noon) is noon
    with pytest.raises(InvalidInput, match="not in UTC"):
        aware("at", noon.astimezone(timezone(timedelta(hours=1))))
    with pytest.raises(InvalidInput, match="not in UTC"):
        aware("at", noon.replace(tzinfo=None))
