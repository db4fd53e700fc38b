"""A logistic curve of greatest likelihood, by Newton's method."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.signals.calibration.platt import fit_platt

OUTCOMES = st.lists(st.tuples(st.integers(-10_000, 10_000), st.booleans()), min_size=1, max_size=60)


def loss(slope: float, offset: float, strengths: np.ndarray, rose: np.ndarray) -> float:
    """The likelihood that is sought, written down plainly."""
    rises, falls = int(rose.sum()), int((~rose).sum())
    targets = np.where(rose, (rises + 1) / (rises + 2), 1 / (falls + 2))
    f = slope * strengths + offset
    return float((np.logaddexp(0, f) - (1 - targets) * f).sum())


@given(OUTCOMES)
def test_no_curve_nearby_is_likelier(outcomes: list[tuple[int, bool]]) -> None:
    strengths = np.array([step / 10_000 for step, _ in outcomes])
    rose = np.array([one for _, one in outcomes])
    fitted = fit_platt(strengths, rose)
    best = loss(fitted.slope, fitted.offset, strengths, rose)
    for slope, offset in ((0.01, 0), (-0.01, 0), (0, 0.01), (0, -0.01), (0.01, -0.01)):
        near = loss(fitted.slope + slope, fitted.offset + offset, strengths, rose)
        # Where all strengths are alike many curves are equally good, to within the ridge.
        assert best <= near + 1e-6


def test_it_finds_the_best_curve_of_a_grid() -> None:
    chance = np.random.default_rng(5)
    strengths = chance.integers(-10, 11, 300) / 10
    rose = chance.random(300) < 1 / (1 + np.exp(-1.5 * strengths + 0.3))
    fitted = fit_platt(strengths, rose)
    grid = [(a / 50, b / 50) for a in range(-150, 0) for b in range(-50, 75)]
    best = min(grid, key=lambda one: loss(one[0], one[1], strengths, rose))
    assert fitted.slope == pytest.approx(best[0], abs=0.02)
    assert fitted.offset == pytest.approx(best[1], abs=0.02)


def test_at_one_strength_it_tells_the_mean_of_the_targets() -> None:
    # Three rises and one fall: targets .8 and 1/3, so (3 · .8 + 1/3) / 4.
    rose = np.array([True, True, True, False])
    fitted = fit_platt(np.zeros(4), rose)
    assert fitted.probabilities(np.array([0.0]))[0] == pytest.approx((3 * 0.8 + 1 / 3) / 4)


def test_a_perfect_source_is_not_taken_to_be_certain() -> None:
    strengths = np.array([-1.0] * 100 + [1.0] * 100)
    fitted = fit_platt(strengths, strengths > 0)
    low, high = fitted.probabilities(np.array([-1.0, 1.0]))
    assert low == pytest.approx(1 / 102, abs=1e-4)
    assert high == pytest.approx(101 / 102, abs=1e-4)


def test_a_step_that_goes_too_far_is_halved() -> None:
    # One outcome far from many others: the bend at the start promises too much.
    strengths = np.array([-0.01] * 200 + [1.0])
    rose = np.array([False] * 200 + [True])
    fitted = fit_platt(strengths, rose)
    best = loss(fitted.slope, fitted.offset, strengths, rose)
    grid = [(a / 4, b / 4) for a in range(-60, 20) for b in range(-20, 60)]
    assert best <= min(loss(*one, strengths, rose) for one in grid) + 1e-9
