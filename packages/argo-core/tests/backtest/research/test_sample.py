"""The moments of daily returns, against numbers worked out by hand."""

import numpy as np
import pytest

from argo_core.backtest.research.sample import Sample


def test_the_moments_are_those_of_the_textbook() -> None:
    # Returns of 10%, -10%, 10% and 30%: mean 0.1, squares of deviations 0, 0.04, 0, 0.04.
    path = np.rint(10_000_000_000 * np.cumprod([1, 1.1, 0.9, 1.1, 1.3])).astype(np.int64)
    sample = Sample.of_path(path)
    assert sample.n == 4
    assert sample.sharpe == pytest.approx(0.1 / (0.08 / 3) ** 0.5)
    assert sample.skew == pytest.approx(0)
    assert sample.kurtosis == pytest.approx(2)


def test_a_late_windfall_is_skewed_to_the_right() -> None:
    sample = Sample.of_path([10_000, 10_000, 10_000, 10_000, 20_000])
    # One of four: skew (1 - 2p)/sqrt(p(1 - p)), kurtosis 1/(p(1 - p)) - 3, at p = 1/4.
    assert sample.skew == pytest.approx(2 / 3**0.5)
    assert sample.kurtosis == pytest.approx(16 / 3 - 3)


@pytest.mark.parametrize(
    ("path", "n"),
    [([10_000], 0), ([10_000, 11_000], 1), ([10_000] * 9, 8), ([1000, 2000, 4000], 2), ([9, 0], 1)],
    ids=["nothing", "one return", "idle", "steady", "ruin"],
)
def test_what_is_undefined_is_none(path: list[int], n: int) -> None:
    assert Sample.of_path(path) == Sample(n=n)
