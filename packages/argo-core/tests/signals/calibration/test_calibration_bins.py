"""Eleven bins of strength, of use from the first outcome on."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.signals.calibration.bins import BINS, bin_of, edges_of, fit_bins

STEPS = st.integers(-10_000, 10_000)


def test_strengths_fall_into_bins_closed_away_from_zero() -> None:
    strengths = [-1.0, -0.8001, -0.8, -0.2, -0.0001, 0.0, 0.0001, 0.2, 0.6, 0.6001, 1.0]
    assert bin_of(np.array(strengths)).tolist() == [0, 0, 1, 4, 4, 5, 6, 6, 8, 9, 10]


@given(STEPS)
def test_mirrored_strengths_have_mirrored_bins(step: int) -> None:
    one, other = bin_of(np.array([step / 10_000, -step / 10_000])).tolist()
    assert one + other == BINS - 1


@given(STEPS)
def test_a_strength_lies_within_its_bins_edges(step: int) -> None:
    strength = step / 10_000
    low, high = edges_of(int(bin_of(np.array([strength]))[0]))
    assert low - 1e-12 <= strength <= high + 1e-12


def test_the_edges_join_from_minus_one_to_one() -> None:
    edges = [edges_of(number) for number in range(BINS)]
    assert edges[0][0] == -1
    assert edges[-1][1] == 1
    assert edges[5] == (0, 0)
    assert str(edges[6][0]) == "0.0"
    joined = [(one[1], other[0]) for one, other in pairwise(edges)]
    assert all(one == pytest.approx(other) for one, other in joined)


def test_without_an_outcome_everything_is_even() -> None:
    assert fit_bins(np.array([]), np.array([], dtype=bool)).rises == (0.5,) * BINS


def test_a_bin_is_drawn_towards_the_share_of_all() -> None:
    # Of three outcomes two rose, so the common share is 3/5; two of them are in the bin of .9.
    fitted = fit_bins(np.array([0.9, 0.9, -0.9]), np.array([True, True, False]))
    assert fitted.rises[10] == pytest.approx((2 + 10 * 0.6) / 12)
    assert fitted.rises[0] == pytest.approx((0 + 10 * 0.6) / 11)
    assert fitted.rises[5] == pytest.approx(0.6)
    told = fitted.probabilities(np.array([0.85, 0.0]))
    assert told.tolist() == [fitted.rises[10], fitted.rises[5]]
