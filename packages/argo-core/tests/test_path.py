"""The path inside a bar touches what the bar says, and nothing outside."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.backtest.dice import uniforms
from argo_core.backtest.path import ticks
from argo_core.errors import InvalidInput
from argo_core.market.bar import Bar
from argo_core.market.instrument import AssetClass, Instrument, Symbol, instrument
from argo_core.testing import strategies

FIVE = timedelta(seconds=5)
NVR = instrument("NVR")
SEEDS = st.integers(0, 3)


@st.composite
def instruments_and_bars(draw: st.DrawFn) -> tuple[Instrument, Bar]:
    one = draw(strategies.instruments())
    return one, draw(strategies.bars(one.symbol))


def bar(open: float, high: float, low: float, close: float) -> Bar:  # noqa: A002 - bars say so
    start = datetime(2024, 11, 25, 15, tzinfo=UTC)
    return Bar(Symbol("NVR"), start, open, high, low, close, 267.0)


def rounded(price: float, one: Instrument) -> Decimal:
    return one.on_tick(Decimal(repr(price)))


@given(instruments_and_bars(), SEEDS)
def test_ticks_come_every_five_seconds_of_the_minute(
    pair: tuple[Instrument, Bar], seed: int
) -> None:
    one, minute = pair
    assert [tick.at for tick in ticks(minute, one, seed)] == [
        minute.start + step * FIVE for step in range(12)
    ]


@given(instruments_and_bars(), SEEDS)
def test_path_touches_all_four_prices_and_leaves_the_bar_nowhere(
    pair: tuple[Instrument, Bar], seed: int
) -> None:
    one, minute = pair
    prices = [tick.price for tick in ticks(minute, one, seed)]
    assert prices[0] == rounded(minute.open, one)
    assert prices[-1] == rounded(minute.close, one)
    assert max(prices) == rounded(minute.high, one)
    assert min(prices) == rounded(minute.low, one)


@given(instruments_and_bars(), SEEDS)
def test_every_price_is_on_the_tick(pair: tuple[Instrument, Bar], seed: int) -> None:
    one, minute = pair
    for tick in ticks(minute, one, seed):
        assert tick.price % one.tick == 0
        assert tick.price > 0


@given(instruments_and_bars(), SEEDS)
def test_volume_is_dealt_out_whole(pair: tuple[Instrument, Bar], seed: int) -> None:
    one, minute = pair
    volumes = [tick.volume for tick in ticks(minute, one, seed)]
    assert min(volumes) >= 0
    assert math.isclose(math.fsum(volumes), minute.volume, abs_tol=1e-8)
    if one.asset_class is AssetClass.STOCK:
        assert all(volume.is_integer() for volume in volumes)


def test_same_seed_gives_the_same_path_and_another_seed_another() -> None:
    minute = bar(6893.74, 6898.74, 6889.56, 6890.54)
    assert ticks(minute, NVR, 1) == ticks(minute, NVR, 1)
    assert ticks(minute, NVR, 1) != ticks(minute, NVR, 2)


def test_equal_bars_of_different_minutes_or_symbols_go_different_ways() -> None:
    minute = bar(6893.74, 6898.74, 6889.56, 6890.54)
    later = attrs.evolve(minute, start=minute.end)
    other = attrs.evolve(minute, symbol=Symbol("AZO"))
    paths = {tuple(tick.price for tick in ticks(one, NVR, 1)) for one in (minute, later, other)}
    assert len(paths) == 3


def test_path_never_changes_between_versions() -> None:
    path = ticks(bar(6893.74, 6898.74, 6889.5577, 6890.54), NVR, 0)
    assert " ".join(str(tick.price) for tick in path) == (
        "6893.74 6895.34 6898.74 6897.85 6893.27 6889.56 "
        "6889.56 6889.56 6889.56 6891.48 6892.08 6890.54"
    )
    assert [tick.volume for tick in path] == [8, 23, 49, 20, 10, 36, 39, 12, 36, 11, 20, 3]


@pytest.mark.parametrize(
    ("close", "least", "most"), [(102.0, 0.70, 0.80), (100.0, 0.45, 0.55), (98.0, 0.20, 0.30)]
)
def test_rising_bar_usually_visits_its_low_first(close: float, least: float, most: float) -> None:
    minute = bar(100.0, 110.0, 90.0, close)
    low_first = 0
    for seed in range(2_000):
        prices = [tick.price for tick in ticks(minute, NVR, seed)]
        low_first += prices.index(Decimal(90)) < prices.index(Decimal(110))
    assert least < low_first / 2_000 < most


def test_flat_bar_stands_still() -> None:
    assert {tick.price for tick in ticks(bar(5.0, 5.0, 5.0, 5.0), NVR, 7)} == {Decimal("5.00")}


def test_tick_too_coarse_for_the_price_is_refused() -> None:
    coarse = Instrument("NVR", AssetClass.STOCK, Decimal(1))
    with pytest.raises(InvalidInput, match=r"too coarse for NVR at 0\.3"):
        ticks(bar(1.0, 1.0, 0.3, 1.0), coarse, 0)


def take(stream: Iterator[float], count: int) -> list[float]:
    return [next(stream) for _ in range(count)]


def test_uniforms_follow_from_their_key_alone() -> None:
    assert take(uniforms(1, "a"), 5) == take(uniforms(1, "a"), 5)
    assert take(uniforms("ab", "c"), 5) != take(uniforms("a", "bc"), 5)


def test_uniforms_are_uniform() -> None:
    drawn = take(uniforms("tally"), 10_000)
    assert all(0 <= number < 1 for number in drawn)
    tenths = [sum(int(number * 10) == tenth for number in drawn) for tenth in range(10)]
    assert all(850 < count < 1_150 for count in tenths)
