import math
from datetime import timedelta
from typing import cast

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from argo_core.consensus.rules.score import Score
from argo_core.consensus.rules.technicals import GRACE_S, HALF_LIFE_S, RULE, score
from argo_core.errors import InvalidInput
from argo_core.market.bar import MINUTE, Bar
from argo_core.market.indicators import Technicals, batch
from argo_core.market.reading import Reading
from argo_core.testing.walks import mirrored, walk

CALM = Technicals(walk([0.0005, -0.0005] * 200)).reading
AT = CALM.end


def _noise(seed: int, bars: int, drift: float = 0.0) -> list[float]:
    """Random log returns of 5 basis points a bar, with a drift in units of that."""
    moves = 0.0005 * (np.random.default_rng(seed).standard_normal(bars) + drift)
    return cast(list[float], moves.tolist())


def _now(reading: Reading) -> Score:
    return score(reading, reading.close, reading.end)


def _strengths(bars: tuple[Bar, ...], every: int = 1) -> list[float]:
    return [_now(reading).strength for reading in batch(bars)[::every]]


# The indicators look back tens of minutes, so readings of neighbouring minutes say the same twice.
SPARSE = 5


unit = st.floats(-3, 3)
readings = st.builds(
    lambda trend, momentum, macd, rsi, adx, volume, sigma: evolve(
        CALM,
        sigma=sigma,
        above_slow=trend * sigma * 5,
        momentum=momentum * sigma * 5,
        macd=macd * sigma * 3,
        rsi=rsi,
        adx=adx,
        volume_ratio=volume,
    ),
    unit,
    unit,
    unit,
    st.floats(0, 100),
    st.floats(0, 100),
    st.floats(0, 5),
    st.sampled_from([0.0, 1e-7, 1e-5, 1e-3]),
)


@given(readings, st.floats(-0.01, 0.01), st.integers(0, 3_600))
def test_a_mirrored_reading_gives_the_opposite(reading: Reading, live: float, age_s: int) -> None:
    at = AT + timedelta(seconds=age_s)
    other = evolve(
        reading,
        above_slow=-reading.above_slow,
        momentum=-reading.momentum,
        macd=-reading.macd,
        rsi=100 - reading.rsi,
    )
    one = score(reading, reading.close, at).strength
    assert score(other, other.close, at).strength == pytest.approx(-one, abs=1e-4)
    up = score(reading, reading.close * math.exp(live), at).strength
    down = score(other, other.close * math.exp(-live), at).strength
    assert down == pytest.approx(-up, abs=1e-4)


# Every example is two markets of 310 bars.
@settings(max_examples=min(100, settings().max_examples))
@given(st.integers(0, 9), st.floats(-1, 1))
def test_a_mirrored_market_gives_the_opposite(seed: int, drift: float) -> None:
    bars = walk(_noise(seed, 310, drift))
    assert _strengths(mirrored(bars)) == pytest.approx([-x for x in _strengths(bars)], abs=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_a_clear_persistent_trend_is_strong_in_both_directions(seed: int) -> None:
    calm, rise = _noise(seed, 400), _noise(seed + 100, 40, drift=0.8)
    bars = walk(calm + rise)
    assert _now(Technicals(bars).reading).strength >= 0.85
    assert _now(Technicals(mirrored(bars)).reading).strength <= -0.85


def test_chop_stays_near_zero() -> None:
    # A price pulled back to its level, as between two sides of a book, goes nowhere.
    levels = np.random.default_rng(1).standard_normal(2_000) * 0.0005
    strengths = np.abs(_strengths(walk(np.diff(levels).tolist())))
    assert np.median(strengths) < 0.10
    assert np.quantile(strengths, 0.99) < 0.35


def test_chance_alone_is_strong_in_a_few_minutes_of_a_hundred() -> None:
    strengths = np.array(_strengths(walk(_noise(2, 30_000)), SPARSE))
    assert 0.01 < np.mean(strengths >= 0.85) < 0.05
    assert 0.01 < np.mean(strengths <= -0.85) < 0.05
    assert np.median(np.abs(strengths)) < 0.45


def test_a_price_that_stands_still_gives_zero() -> None:
    still = Technicals(walk([0.001] * 30 + [0.0] * 600, wick=0.0)).reading
    assert _now(still).strength == 0.0


@given(readings, st.floats(-0.01, 0.01), st.floats(-0.01, 0.01))
def test_a_higher_live_price_never_lowers_the_strength(
    reading: Reading, one: float, other: float
) -> None:
    low, high = sorted([one, other])
    lower = score(reading, reading.close * math.exp(low), AT).strength
    assert lower <= score(reading, reading.close * math.exp(high), AT).strength


@given(readings, st.integers(0, 7_200), st.integers(0, 7_200))
def test_an_older_bar_never_strengthens(reading: Reading, one: int, other: int) -> None:
    young, old = (AT + timedelta(seconds=age) for age in sorted([one, other]))
    fresh = score(reading, reading.close, young).strength
    faded = score(reading, reading.close, old).strength
    assert abs(faded) <= abs(fresh)
    assert faded * fresh >= 0


def test_strength_halves_every_ten_minutes_past_the_grace() -> None:
    reading = Technicals(walk([0.0005, 0.0003] * 200)).reading
    fresh = _now(reading).strength
    kept = score(reading, reading.close, reading.end + timedelta(seconds=GRACE_S))
    assert kept.strength == fresh
    aged = score(reading, reading.close, reading.end + timedelta(seconds=GRACE_S + HALF_LIFE_S))
    assert aged.strength == pytest.approx(fresh / 2, abs=1e-4)


@given(readings, st.floats(0, 5), st.floats(0, 5))
def test_more_volume_never_weakens(reading: Reading, one: float, other: float) -> None:
    thin, thick = sorted([one, other])
    weak = _now(evolve(reading, volume_ratio=thin)).strength
    assert abs(weak) <= abs(_now(evolve(reading, volume_ratio=thick)).strength)


@given(readings, st.floats(0, 100), st.floats(0, 100))
def test_a_more_directed_market_never_weakens(reading: Reading, one: float, other: float) -> None:
    low, high = sorted([one, other])
    weak = _now(evolve(reading, adx=low)).strength
    assert abs(weak) <= abs(_now(evolve(reading, adx=high)).strength)


def test_a_snapshot_from_within_the_last_bar_counts_as_fresh() -> None:
    assert score(CALM, CALM.close, CALM.start).strength == _now(CALM).strength


def test_a_snapshot_from_before_the_bar_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"at: .*before the bar"):
        score(CALM, CALM.close, CALM.start - MINUTE)


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at"):
        score(CALM, CALM.close, AT.replace(tzinfo=None))


@pytest.mark.parametrize("price", [0.0, -1.0, math.nan, math.inf])
def test_a_price_that_is_none_is_refused(price: float) -> None:
    with pytest.raises(InvalidInput) as refused:
        score(CALM, price, AT)
    assert refused.value.field == "price"


@pytest.mark.parametrize("factor", [0.49, 2.01])
def test_a_price_out_of_proportion_is_refused(factor: float) -> None:
    with pytest.raises(InvalidInput, match=r"price: .*out of proportion"):
        score(CALM, CALM.close * factor, AT)


@given(
    st.builds(
        lambda **numbers: evolve(CALM, **numbers),
        above_slow=st.floats(-1_500, 1_500),
        momentum=st.floats(-1_500, 1_500),
        macd=st.floats(-1_500, 1_500),
        sigma=st.floats(0, 1_500),
        volume_ratio=st.floats(0, 1.7e308),
        rsi=st.floats(0, 100),
        adx=st.floats(0, 100),
    )
)
def test_any_reading_that_exists_has_a_strength(reading: Reading) -> None:
    assert -1 <= _now(reading).strength <= 1


def test_the_facts_say_what_it_rests_on() -> None:
    reading = evolve(CALM, rsi=61.24, adx=31.0, volume_ratio=1.5, momentum=0.004)
    facts = score(reading, reading.close * math.exp(0.001), AT).facts
    said = {fact.kind: (fact.value, fact.unit, fact.as_of) for fact in facts}
    assert said["RSI"] == ("61.2", "", AT)
    assert said["momentum"] == ("0.50", "%", AT)
    assert said["ADX"] == ("31.0", "", AT)
    assert said["volume"] == ("1.50", "x", AT)
    assert set(said) == {"RSI", "momentum", "trend", "MACD", "ADX", "volume"}


def test_the_rule_has_a_version() -> None:
    assert RULE == "massive-technicals-1"


def test_the_filters_standardise_chance() -> None:
    # Wide noise in the volatility estimate makes the tails a little fat, the middle must be normal.
    rng = np.random.default_rng(8)
    bars = walk((0.0005 * rng.standard_normal(30_000)).tolist())
    sparse = batch(bars)[::SPARSE]
    flat = [evolve(reading, adx=20.0, volume_ratio=1.0) for reading in sparse]
    strengths = np.abs([_now(reading).strength for reading in flat])
    # erf(Z / 2) of a standard normal Z is beyond 0.3661 half of the time, beyond 0.755 in a tenth.
    assert np.mean(strengths > 0.3661) == pytest.approx(0.5, abs=0.05)
    assert np.mean(strengths > 0.755) == pytest.approx(0.1, abs=0.03)
