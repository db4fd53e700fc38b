"""Volatility raised by its own uncertainty."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.market.volatility import Volatility
from argo_core.resilience.uncertainty import (
    chi_square_quantile,
    effective_observations,
    inflated,
)

# Abramowitz and Stegun, Handbook of Mathematical Functions, table 26.8, Q = 0.95.
TABLED = {1: 0.00393, 2: 0.102587, 3: 0.351846, 4: 0.710721, 5: 1.145476, 10: 3.94030}
TABLED |= {20: 10.8508, 30: 18.4926, 50: 34.7642, 100: 77.9295}


@pytest.mark.parametrize(("degrees", "tabled"), TABLED.items())
def test_the_quantile_is_the_tabled_one_or_a_little_less(degrees: int, tabled: float) -> None:
    ours = chi_square_quantile(degrees)
    assert 0.93 * tabled < ours <= tabled * 1.0001
    assert degrees < 10 or ours == pytest.approx(tabled, rel=0.003)


@given(st.floats(1, 1e6), st.floats(1, 1e6))
def test_more_observations_never_inflate_more(one: float, two: float) -> None:
    few, many = sorted((one, two))
    assert 1 < inflated(1.0, many) <= inflated(1.0, few) * (1 + 1e-12)


@pytest.mark.parametrize("count", [2, 10, 60])
def test_the_true_volatility_is_above_the_inflated_in_one_case_of_twenty(count: int) -> None:
    returns = np.random.default_rng(count).normal(0, 1, (20_000, count))
    estimates = np.sqrt((returns**2).mean(axis=1))
    below = np.mean(estimates * inflated(1.0, count) < 1.0)
    assert 0.04 < below < 0.055


@given(st.sampled_from([1.0, 5.0, 60.0, 600.0]), st.sampled_from([60.0, 600.0]), st.integers(1, 40))
def test_effective_observations_are_those_of_the_weights(
    spacing: float, half_life: float, seen: int
) -> None:
    weights = [2 ** (-spacing * k / half_life) for k in range(seen)]
    kish = math.fsum(weights) ** 2 / math.fsum(w * w for w in weights)
    known = Volatility(half_life).update(100.0, 0.0)
    for _ in range(seen):
        known = known.update(100.0, spacing)
    ours = effective_observations(spacing, half_life, known.seconds)
    assert ours == pytest.approx(kish)


def test_a_long_memory_is_worth_what_the_formula_says() -> None:
    a = 2 ** (-5 / 600)
    known = effective_observations(5, 600, 5 / (1 - a))
    assert known == pytest.approx((1 + a) / (1 - a))
    assert effective_observations(5, 600, 1e9) == pytest.approx(known)


def test_what_is_hardly_an_observation_counts_as_one() -> None:
    assert effective_observations(5, 600, 0.001) == 1


@pytest.mark.parametrize("wrong", [(0.0, 1.0, 1.0), (1.0, -1.0, 1.0), (1.0, 1.0, math.nan)])
def test_nonsense_has_no_observations(wrong: tuple[float, float, float]) -> None:
    with pytest.raises(InvalidInput):
        effective_observations(*wrong)


def test_nonsense_is_not_inflated() -> None:
    for sigma, observations in ((-1.0, 5.0), (math.nan, 5.0), (1.0, 0.9), (1.0, math.inf)):
        with pytest.raises(InvalidInput):
            inflated(sigma, observations)
