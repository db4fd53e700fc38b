"""Brier and logarithmic scores, and the Brier score taken apart."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.signals.skill.scores import LEAST, brier, log_score, parts, raw

FORECASTS = st.lists(
    st.tuples(st.integers(0, 20).map(lambda n: n / 20), st.booleans(), st.integers(0, 3)),
    min_size=1,
    max_size=30,
)


def test_a_strength_is_read_as_a_probability_plainly() -> None:
    assert raw(np.array([-1.0, 0.0, 0.5])).tolist() == [0.0, 0.5, 0.75]


def test_scores_by_hand() -> None:
    p, rose = np.array([0.8, 0.8, 0.5]), np.array([True, False, True])
    assert brier(p, rose).tolist() == pytest.approx([0.04, 0.64, 0.25])
    assert log_score(p, rose).tolist() == pytest.approx(
        [-math.log(each) for each in (0.8, 0.2, 0.5)]
    )


def test_certainty_that_was_wrong_costs_much_and_not_everything() -> None:
    wrong, right = log_score(np.array([1.0, 1.0]), np.array([False, True])).tolist()
    assert wrong == pytest.approx(-math.log(LEAST))
    assert 0 < right < 1e-4


@given(FORECASTS)
def test_the_parts_add_up_to_the_score(forecasts: list[tuple[float, bool, int]]) -> None:
    p = np.array([one for one, _, _ in forecasts])
    rose = np.array([one for _, one, _ in forecasts])
    found = parts(p, rose, np.array([one for _, _, one in forecasts]))
    whole = found.reliability - found.resolution + found.uncertainty + found.within
    assert whole == pytest.approx(float(brier(p, rose).mean()), abs=1e-12)
    assert min(found.reliability, found.resolution, found.uncertainty) >= 0


@given(FORECASTS)
def test_nothing_is_within_bins_of_equal_forecasts(
    forecasts: list[tuple[float, bool, int]],
) -> None:
    p = np.array([one for one, _, _ in forecasts])
    found = parts(p, np.array([one for _, one, _ in forecasts]), (p * 20).round().astype(np.int64))
    assert found.within == pytest.approx(0, abs=1e-12)


def test_murphys_parts_by_hand() -> None:
    # .2 said twice, nothing rose; .6 said twice, both rose; the base rate is one half.
    p = np.array([0.2, 0.2, 0.6, 0.6])
    found = parts(p, np.array([False, False, True, True]), np.array([1, 1, 2, 2]))
    assert found.reliability == pytest.approx((0.04 + 0.16) / 2)
    assert found.resolution == pytest.approx(0.25)
    assert found.uncertainty == pytest.approx(0.25)
