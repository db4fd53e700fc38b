"""Pooling adjacent violators: rising, and closest of all that rise."""

from collections.abc import Sequence
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.signals.calibration.isotonic import fit_isotonic, pool

TINY = st.lists(
    st.tuples(st.integers(0, 4).map(float), st.integers(1, 3).map(float)), min_size=1, max_size=7
)


def off(fitted: Sequence[float], values: Sequence[float], weights: Sequence[float]) -> float:
    pairs = zip(fitted, values, weights, strict=True)
    return sum(weight * (one - value) ** 2 for one, value, weight in pairs)


def closest(values: list[float], weights: list[float]) -> float:
    """The least distance of any rising sequence: the best one is level on runs, so try all runs."""
    size, found = len(values), []
    for count in range(size):
        for cuts in combinations(range(1, size), count):
            edges = [0, *cuts, size]
            runs = list(pairwise(edges))
            means = [float(np.average(values[a:b], weights=weights[a:b])) for a, b in runs]
            if means == sorted(means):
                told = [m for m, (a, b) in zip(means, runs, strict=True) for _ in range(a, b)]
                found.append(off(told, values, weights))
    return min(found)


@given(TINY)
def test_it_rises_and_nothing_that_rises_is_closer(pairs: list[tuple[float, float]]) -> None:
    values, weights = [one for one, _ in pairs], [weight for _, weight in pairs]
    fitted = pool(values, weights)
    assert all(one <= other + 1e-12 for one, other in pairwise(fitted))
    assert off(fitted, values, weights) == pytest.approx(closest(values, weights), abs=1e-9)


@given(TINY)
def test_the_weighted_mean_stays(pairs: list[tuple[float, float]]) -> None:
    values, weights = [one for one, _ in pairs], [weight for _, weight in pairs]
    fitted = pool(values, weights)
    assert np.average(fitted, weights=weights) == pytest.approx(np.average(values, weights=weights))


def test_a_violator_is_pooled_with_its_neighbour() -> None:
    assert pool([1, 3, 2, 4], [1, 1, 1, 1]) == [1, 2.5, 2.5, 4]
    assert pool([3, 2, 1], [1, 1, 2]) == [1.75, 1.75, 1.75]
    assert pool([1, 2, 3], [1, 1, 1]) == [1, 2, 3]


def test_equal_strengths_are_one_knot_and_lines_lie_between() -> None:
    strengths = np.array([-0.5, -0.5, 0.0, 0.5, 0.5, 0.5, 0.5])
    rose = np.array([True, False, False, True, True, True, False])
    fitted = fit_isotonic(strengths, rose)
    assert fitted.knots == (-0.5, 0.0, 0.5)
    assert fitted.rises == pytest.approx((1 / 3, 1 / 3, 3 / 4))
    told = fitted.probabilities(np.array([-1.0, 0.25, 1.0]))
    assert told.tolist() == pytest.approx([1 / 3, (1 / 3 + 3 / 4) / 2, 3 / 4])


def test_it_is_never_certain() -> None:
    fitted = fit_isotonic(np.array([-1.0, 1.0]), np.array([False, True]))
    assert fitted.rises == (0.25, 0.75)
