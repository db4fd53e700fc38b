import math
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.market.bar import MINUTE, Bar
from argo_core.market.volatility import HALF_LIFE_S, Volatility, from_bars, garman_klass
from argo_core.testing.strategies import NOON
from argo_core.testing.walks import mirrored, walk

steps = st.lists(
    st.tuples(st.sampled_from([1.0, 0.99, 1.01, 1.2]), st.sampled_from([0.0, 1.0, 60.0, 600.0])),
    min_size=1,
    max_size=20,
)
moves = st.lists(st.sampled_from([-0.01, -0.001, 0.0, 0.001, 0.01]), min_size=1, max_size=30)


def _after(seen: list[tuple[float, float]], level: float = 100.0) -> Volatility:
    known = Volatility().update(level, 0.0)
    for factor, elapsed in seen:
        level *= factor
        known = known.update(level, elapsed)
    return known


def test_nothing_is_known_before_session_time_has_passed() -> None:
    assert Volatility().sigma is None
    assert Volatility().update(100.0, 5.0).sigma is None


def test_one_move_has_the_volatility_of_that_move() -> None:
    known = Volatility().update(100.0, 0.0).update(101.0, 60.0)
    assert known.sigma == pytest.approx(math.log(1.01) / math.sqrt(60))


@given(steps)
def test_the_recursion_is_the_weighted_sum_of_the_definition(
    seen: list[tuple[float, float]],
) -> None:
    known = _after(seen)
    later, squares, seconds = 0.0, 0.0, 0.0
    for factor, elapsed in reversed(seen):
        weight = 2 ** (-later / HALF_LIFE_S)
        squares += weight * math.log(factor) ** 2
        seconds += weight * elapsed
        later += elapsed
    assert known.squares == pytest.approx(squares, abs=1e-14)
    assert known.seconds == pytest.approx(seconds)


@given(steps, st.floats(0.01, 1_000))
def test_volatility_does_not_depend_on_the_price_level(
    seen: list[tuple[float, float]], level: float
) -> None:
    here, there = _after(seen).sigma, _after(seen, level).sigma
    assert (here is None) == (there is None)
    assert here is None or there == pytest.approx(here, abs=1e-12)


def test_a_standing_price_halves_the_variance_weight_every_half_life() -> None:
    moved = Volatility().update(100.0, 0.0).update(101.0, 60.0)
    rested = moved.update(101.0, HALF_LIFE_S)
    assert rested.squares == pytest.approx(moved.squares / 2)


def test_a_rebase_changes_the_level_alone() -> None:
    known = Volatility().update(100.0, 0.0).update(101.0, 60.0)
    rebased = known.rebase(150.0)
    assert (rebased.sigma, rebased.price) == (known.sigma, 150.0)
    assert known.price == 101.0


@pytest.mark.parametrize(
    ("price", "elapsed", "field"),
    [
        (math.nan, 1.0, "price"),
        (math.inf, 1.0, "price"),
        (0.0, 1.0, "price"),
        (1.0, -1.0, "elapsed_s"),
        (1.0, math.nan, "elapsed_s"),
        (1.0, math.inf, "elapsed_s"),
    ],
)
@pytest.mark.parametrize("known", [Volatility(), Volatility().update(1.0, 0.0)])
def test_nonsense_is_refused_with_its_field(
    known: Volatility, price: float, elapsed: float, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        known.update(price, elapsed)
    assert refused.value.field == field


@pytest.mark.parametrize("half_life", [0.0, -1.0, math.nan, math.inf])
def test_a_half_life_must_be_positive(half_life: float) -> None:
    with pytest.raises(InvalidInput, match="half_life_s"):
        Volatility(half_life)


def test_prices_at_both_ends_of_the_floats_do_not_overflow() -> None:
    known = Volatility().update(5e-324, 0.0).update(1.7e308, 1.0)
    assert known.sigma is not None
    assert math.isfinite(known.sigma)


@given(moves)
def test_bars_warm_up_as_their_closes_would(seen: list[float]) -> None:
    bars = walk(seen)
    known = Volatility().update(bars[0].open, 0.0)
    for bar in bars:
        known = known.update(bar.close, 60.0)
    assert from_bars(bars) == known


def test_an_overnight_gap_does_not_count() -> None:
    day = walk([0.001, -0.001] * 20)
    calm = walk([0.001, -0.001] * 20, start=NOON + timedelta(hours=20), price=100.0)
    gapped = walk([0.001, -0.001] * 20, start=NOON + timedelta(hours=20), price=140.0)
    assert from_bars(day + gapped).sigma == pytest.approx(from_bars(day + calm).sigma)


def test_a_gap_within_the_session_counts_with_its_time() -> None:
    first, *_, last = walk([0.0, 0.0, 0.0, 0.01])
    known = from_bars((first, last))
    keep = 2 ** (-180 / HALF_LIFE_S)
    assert known.seconds == pytest.approx(keep * 60 + 180)


def test_no_bars_give_no_volatility() -> None:
    assert from_bars(()).sigma is None


def test_bars_out_of_order_are_refused() -> None:
    one, two = walk([0.0, 0.0])
    with pytest.raises(InvalidInput, match="does not follow"):
        from_bars((two, one))
    with pytest.raises(InvalidInput, match="does not follow"):
        from_bars((one, one))


def test_garman_klass_needs_a_bar() -> None:
    with pytest.raises(InvalidInput, match="bars"):
        garman_klass(())


@given(moves)
def test_garman_klass_is_the_same_upside_down(seen: list[float]) -> None:
    bars = walk(seen)
    assert garman_klass(mirrored(bars)) == pytest.approx(garman_klass(bars), rel=1e-6)


def test_both_estimators_find_the_volatility_a_path_was_made_with() -> None:
    sigma, rng = 2e-4, np.random.default_rng(6)
    bars, level = [], 0.0
    for minute in range(1_500):
        path = level + np.cumsum(np.append(0.0, rng.normal(0.0, sigma / 10, 6_000)))
        prices = 100 * np.exp(path)
        opened, level = float(prices[0]), float(path[-1])
        high, low, close = float(prices.max()), float(prices.min()), float(prices[-1])
        start = NOON + minute * MINUTE
        bars.append(Bar(walk([0.0])[0].symbol, start, opened, high, low, close, 1.0))
    assert garman_klass(bars) == pytest.approx(sigma, rel=0.05)
    assert from_bars(bars, half_life_s=1e9).sigma == pytest.approx(sigma, rel=0.05)
