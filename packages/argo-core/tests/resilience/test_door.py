"""Numbers refused at the door."""

import math

import pytest

from argo_core.errors import InvalidInput
from argo_core.resilience.door import not_negative, positive, share


def test_numbers_in_range_pass_unchanged() -> None:
    assert (positive("n", 0.5), not_negative("n", 0), share("n", 0.0)) == (0.5, 0, 0.0)


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_what_is_not_positive_is_refused(value: float) -> None:
    with pytest.raises(InvalidInput, match="n: "):
        positive("n", value)


@pytest.mark.parametrize("value", [-1e-9, math.nan, math.inf])
def test_what_is_negative_is_refused(value: float) -> None:
    with pytest.raises(InvalidInput, match="n: "):
        not_negative("n", value)


@pytest.mark.parametrize("value", [-1e-9, 1.0, math.nan])
def test_what_is_no_share_is_refused(value: float) -> None:
    with pytest.raises(InvalidInput, match="n: "):
        share("n", value)
