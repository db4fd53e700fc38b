import math
from datetime import timedelta
from typing import Any, cast

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.market.samples import LEAST_SAMPLES, SampledReading, Samples
from argo_core.testing.strategies import NOON

steps = st.lists(
    st.tuples(st.sampled_from([-0.01, -0.001, 0.0, 0.001, 0.01]), st.integers(1, 400)),
    min_size=LEAST_SAMPLES,
    max_size=30,
)


def _after(seen: list[tuple[float, int]], price: float = 100.0, sign: int = 1) -> Samples:
    at = NOON
    known = Samples().observe(price, at)
    for move, seconds in seen:
        price, at = price * math.exp(sign * move), at + timedelta(seconds=seconds)
        known = known.observe(price, at)
    return known


def _reading(known: Samples) -> SampledReading:
    reading = known.reading
    assert reading is not None
    return reading


RISE = [(0.001, 150)] * 12
ZIGZAG = [(0.001, 150), (-0.001, 150)] * 6


def test_nothing_is_read_before_ten_samples_over_twenty_minutes() -> None:
    assert Samples().reading is None
    assert _after([(0.001, 600)] * (LEAST_SAMPLES - 2)).reading is None
    assert _after([(0.001, 133)] * (LEAST_SAMPLES - 1)).reading is None
    assert _after([(0.001, 134)] * (LEAST_SAMPLES - 1)).reading is not None


def test_nothing_is_read_from_a_price_that_never_moved() -> None:
    assert _after([(0.0, 150)] * 20).reading is None


def test_a_steady_rise_is_a_strong_trend() -> None:
    reading = _reading(_after(RISE))
    assert reading.trend > 1.5
    assert reading.momentum > 1.5
    assert reading.rsi == 100.0
    assert reading.at == NOON + timedelta(seconds=12 * 150)
    assert reading.price == pytest.approx(100 * math.exp(0.012))


def test_a_zigzag_is_none() -> None:
    reading = _reading(_after(ZIGZAG))
    assert abs(reading.trend) < 0.3
    assert reading.rsi == pytest.approx(50, abs=10)


@given(steps)
def test_mirrored_prices_have_mirrored_readings(seen: list[tuple[float, int]]) -> None:
    one, other = _after(seen).reading, _after(seen, sign=-1).reading
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert other.trend == pytest.approx(-one.trend, abs=1e-6)
        assert other.momentum == pytest.approx(-one.momentum, abs=1e-6)
        assert other.rsi == pytest.approx(100 - one.rsi, abs=1e-6)
        assert (other.sigma, other.correlation) == pytest.approx((one.sigma, one.correlation))


@given(steps)
def test_the_averages_are_exponential_averages_of_the_price(seen: list[tuple[float, int]]) -> None:
    known = _after(seen)
    slow = level = math.log(100.0)
    for move, seconds in seen:
        level += move
        keep = 2 ** (-seconds / 1_800)
        slow = keep * slow + (1 - keep) * level
    assert known.slow == pytest.approx(level - slow, abs=1e-9)


@given(steps, st.integers(0, 400))
def test_a_sample_that_is_not_newer_changes_nothing(
    seen: list[tuple[float, int]], earlier_s: int
) -> None:
    known = _after(seen)
    assert known.at is not None
    assert known.observe(7.0, known.at - timedelta(seconds=earlier_s)) is known


def test_a_new_session_starts_anew_and_keeps_the_volatility() -> None:
    known = _after(RISE)
    assert known.at is not None
    morning = known.observe(150.0, known.at + timedelta(hours=18))
    assert morning.reading is None
    assert (morning.count, morning.slow, morning.since) == (1, 0.0, morning.at)
    assert morning.volatility.sigma == known.volatility.sigma


def test_trend_and_momentum_are_standard_normal_under_chance() -> None:
    rng = np.random.default_rng(3)
    trends, momenta, products = [], [], []
    for _ in range(1_500):
        gaps = rng.integers(20, 300, 24)
        moves = rng.normal(0, 2e-4 * np.sqrt(gaps))
        pairs = zip(moves.tolist(), gaps.tolist(), strict=True)
        reading = _reading(_after([(move, gap) for move, gap in pairs]))
        trends.append(reading.trend)
        momenta.append(reading.momentum)
        products.append(reading.trend * reading.momentum - reading.correlation)
    assert np.std(trends) == pytest.approx(1, abs=0.1)
    assert np.std(momenta) == pytest.approx(1, abs=0.1)
    assert np.mean(products) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("price", [0.0, -1.0, math.nan, math.inf])
@pytest.mark.parametrize("known", [Samples(), Samples().observe(100.0, NOON)])
def test_a_price_that_is_none_is_refused(known: Samples, price: float) -> None:
    with pytest.raises(InvalidInput, match="price"):
        known.observe(price, NOON + timedelta(seconds=1))


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at"):
        Samples().observe(1.0, NOON.replace(tzinfo=None))
    with pytest.raises(InvalidInput, match="at"):
        evolve(_reading(_after(RISE)), at=NOON.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price", 0.0),
        ("trend", math.nan),
        ("momentum", 1_001.0),
        ("correlation", 1.1),
        ("rsi", -1.0),
        ("sigma", math.inf),
    ],
)
def test_a_poisoned_reading_is_refused_with_its_field(field: str, value: float) -> None:
    with pytest.raises(InvalidInput) as refused:
        evolve(_reading(_after(RISE)), **cast(dict[str, Any], {field: value}))
    assert refused.value.field == field
