"""Returns, growth a year, volatility: worked by hand, and undefined where they must be."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.backtest.statistics.growth import cagr, returns, total_return, volatility
from argo_core.backtest.statistics.statistic import Undefined

AMOUNTS = st.lists(st.integers(1, 10**14), min_size=2, max_size=30)


def test_returns_are_simple_ones_from_close_to_close() -> None:
    assert returns([100, 110, 99]) == pytest.approx([0.1, -0.1])


def test_a_lost_account_has_no_returns() -> None:
    assert returns([100, 0, 10]) == Undefined("equity fell to zero or below")


def test_the_total_return_counts_from_the_opening() -> None:
    assert total_return([100, 50, 125]) == pytest.approx(0.25)
    assert total_return([100, -20]) == pytest.approx(-1.2)
    assert total_return([0, 10]) == Undefined("no equity to begin with")


def test_growth_a_year_goes_by_calendar_days() -> None:
    # Two years of 365.25 days: √1.21 − 1.
    assert cagr([100, 121], 730) == pytest.approx(1.21 ** (365.25 / 730) - 1)
    assert cagr([100, 121], 731) == pytest.approx(0.0999, abs=1e-4)


def test_growth_a_year_is_undefined_rather_than_infinite() -> None:
    assert cagr([100, 121], 0) == Undefined("less than a day")
    assert cagr([0, 121], 10) == Undefined("equity lost")
    assert cagr([100, -1], 10) == Undefined("equity lost")
    assert cagr([100, 0], 10) == -1.0
    assert cagr([1, 10**12], 1) == Undefined("too much growth in too few days")


def test_volatility_divides_by_n_less_one() -> None:
    # Deviations of ±0.01 from a mean of 0: s = √(0.0002/1).
    assert volatility(np.array([0.01, -0.01])) == pytest.approx(math.sqrt(0.0002 * 252))
    assert volatility(np.array([0.01])) == Undefined("fewer than 2 returns")


@given(AMOUNTS, st.integers(2, 1_000), st.integers(1, 4_000))
def test_growth_does_not_depend_on_how_much_money_there_was(
    path: list[int], times: int, days: int
) -> None:
    larger = [amount * times for amount in path]
    assert returns(larger) == pytest.approx(returns(path))
    assert total_return(larger) == pytest.approx(total_return(path))
    one, other = cagr(path, days), cagr(larger, days)
    # Where one of two is at the edge of what a number can hold, rounding may decide.
    if not isinstance(one, Undefined) and not isinstance(other, Undefined):
        assert other == pytest.approx(one, rel=1e-6)


@given(AMOUNTS, st.integers(0, 4_000))
def test_growth_is_a_finite_number_or_has_a_reason(path: list[int], days: int) -> None:
    for told in (total_return(path), cagr(path, days)):
        assert isinstance(told, Undefined) or math.isfinite(told)
