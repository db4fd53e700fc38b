import math
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.consensus.rules.score import Score, said, strength
from argo_core.errors import InvalidInput

evidence = st.floats(-40, 40)


@given(evidence)
def test_strength_is_the_posterior_chance_of_up_less_that_of_down(z: float) -> None:
    # A drift of prior N(0, 1) seen through noise N(0, 1) is N(z / 2, 1 / 2) afterwards.
    drift = NormalDist(z / 2, math.sqrt(1 / 2))
    assert strength(z) == pytest.approx(1 - 2 * drift.cdf(0), abs=1e-12)


@given(evidence, evidence)
def test_strength_is_odd_bounded_and_never_falls(one: float, other: float) -> None:
    assert strength(-one) == -strength(one)
    assert abs(strength(one)) <= 1
    assert (one <= other) <= (strength(one) <= strength(other))


def test_a_score_lies_on_the_grid_of_opinions() -> None:
    assert Score(0.123456).strength == 0.1235
    assert str(Score(-0.00001).strength) == "0.0"


@pytest.mark.parametrize("value", [1.1, -1.1, math.nan, math.inf])
def test_a_score_out_of_range_is_refused(value: float) -> None:
    with pytest.raises(InvalidInput, match="strength"):
        Score(value)


@pytest.mark.parametrize(
    ("value", "digits", "text"), [(61.25, 1, "61.2"), (-0.001, 2, "0.00"), (-1.005, 1, "-1.0")]
)
def test_numbers_are_said_without_negative_zeros(value: float, digits: int, text: str) -> None:
    assert said(value, digits) == text
