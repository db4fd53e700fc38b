"""Scores are rounded to the step that the error function itself rounds to."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.backtest.kernel.scores import SATURATED, graded
from argo_core.consensus.opinion import STEPS


def by_the_function_itself(x: float) -> float:
    return round(math.erf(x) * STEPS) / STEPS + 0.0


@given(st.one_of(st.floats(-4, 4), st.floats(allow_nan=False, allow_infinity=False)))
def test_every_number_has_the_grade_that_the_error_function_gives_it(x: float) -> None:
    assert graded(x) == by_the_function_itself(x)


@given(st.integers(0, STEPS - 1), st.integers(-3, 3), st.sampled_from([1, -1]))
def test_on_either_side_of_a_step_the_grade_is_that_of_the_function(
    step: int, beside: int, side: int
) -> None:
    low, high = 0.0, 3.0
    # Where the error function crosses from one step to the next, to the last bit.
    while (middle := (low + high) / 2) not in {low, high}:
        low, high = (middle, high) if math.erf(middle) * STEPS < step + 0.5 else (low, middle)
    x = side * (high + beside * math.ulp(high))
    assert graded(x) == by_the_function_itself(x)


@pytest.mark.parametrize("x", [SATURATED, -SATURATED, math.inf, -math.inf])
def test_far_out_there_is_nothing_beyond_one(x: float) -> None:
    assert graded(x) == math.copysign(1.0, x)


def test_nothing_is_graded_zero_without_a_sign() -> None:
    assert math.copysign(1.0, graded(-0.0)) == 1.0
    assert math.copysign(1.0, graded(-1e-9)) == 1.0
