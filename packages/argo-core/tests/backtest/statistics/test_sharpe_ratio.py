"""The Sharpe ratio with the errors of Lo (2002).

Numbers marked "Lo" are from the tables and the text of the paper as they are remembered, not from
a copy at hand; each follows from the paper's formulas, which the code has.
"""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.backtest.bars.arrays import Floats, floats
from argo_core.backtest.statistics.sharpe import (
    NO_VARIATION,
    TOO_FEW,
    annual,
    autocorrelated,
    autocorrelations,
    by_session,
    lags,
    robust_error,
    scale,
    sharpe,
    standard_error,
)
from argo_core.backtest.statistics.sortino import sortino
from argo_core.backtest.statistics.statistic import Undefined

RETURNS = st.lists(
    st.integers(-2_000, 2_000).map(lambda bp: bp / 10_000), min_size=2, max_size=60
).map(np.array)


def test_a_sharpe_ratio_by_hand() -> None:
    # Mean 0.01, deviations ±0.01, 0: s = 0.01, so 1 by session.
    excess = np.array([0.0, 0.01, 0.02])
    assert by_session(excess) == pytest.approx(1.0)
    assert sharpe(excess) == pytest.approx(math.sqrt(252))


def test_too_few_returns_or_none_that_vary_have_no_ratio() -> None:
    still = np.full(30, 0.1) + np.tile([0.0, 1e-17], 15)
    for formula in (by_session, sharpe, autocorrelated, robust_error):
        assert formula(np.array([0.1])) == TOO_FEW
        assert formula(still) == NO_VARIATION
    assert annual(TOO_FEW) is TOO_FEW


@pytest.mark.parametrize(
    ("ratio", "n", "error"),
    [(0.5, 12, 0.306), (1.5, 60, 0.188), (3.0, 500, 0.105), (1.0, 125, 0.110)],
)
def test_the_error_for_independent_returns_is_that_of_lo_table_1(
    ratio: float, n: int, error: float
) -> None:
    assert round(standard_error(ratio, n), 3) == error


@pytest.mark.parametrize(("rho", "factor"), [(0.0, 3.46), (-0.2, 4.17), (0.2, 2.88), (0.9, 1.21)])
def test_the_scale_from_months_to_a_year_is_that_of_lo_table_2(rho: float, factor: float) -> None:
    # First-order autoregressive returns: ρ_k = ρ^k.
    found = scale(floats(rho ** np.arange(1, 12)), 12)
    assert not isinstance(found, Undefined)
    assert round(found, 2) == factor


@pytest.mark.parametrize("rho", [-0.9, -0.3, 0.3, 0.9])
def test_the_scale_agrees_with_the_closed_form_for_autoregressive_returns(rho: float) -> None:
    q = 252
    closed = 1 + 2 * rho / (1 - rho) * (1 - (1 - rho**q) / (q * (1 - rho)))
    assert scale(floats(rho ** np.arange(1, q)), q) == pytest.approx(math.sqrt(q / closed))


def test_autocorrelations_that_leave_no_variance_have_no_scale() -> None:
    assert scale(np.array([-0.6]), 252) == Undefined("autocorrelations leave no variance")
    returns = np.tile([0.01, -0.0099], 200)
    assert autocorrelated(returns) == Undefined("autocorrelations leave no variance")


def test_autocorrelations_by_hand() -> None:
    # Deviations −1.5, −0.5, 0.5, 1.5: Σ² = 5, one apart 1.25, two apart −1.5.
    assert autocorrelations(np.array([1.0, 2, 3, 4]), 2) == pytest.approx([0.25, -0.3])


def test_trending_returns_are_scaled_up_by_less_than_the_root() -> None:
    chance = np.random.Generator(np.random.PCG64(5))
    noise = chance.normal(0.001, 0.01, 2_001)
    trending = noise[1:] + 0.6 * noise[:-1]
    plain, honest = sharpe(trending), autocorrelated(trending)
    assert not isinstance(plain, Undefined)
    assert not isinstance(honest, Undefined)
    assert 0 < honest < plain


def test_the_robust_error_is_the_plain_one_for_independent_normal_returns() -> None:
    chance = np.random.Generator(np.random.PCG64(7))
    excess = chance.normal(0.05, 1.0, 50_000)
    ratio = by_session(excess)
    assert not isinstance(ratio, Undefined)
    assert robust_error(excess) == pytest.approx(standard_error(ratio, 50_000), rel=0.03)


def test_the_robust_error_is_the_sandwich_of_lo_written_out() -> None:
    chance = np.random.Generator(np.random.PCG64(8))
    excess = chance.standard_t(4, 300) * 0.01 + 0.001
    mean, variance, n = excess.mean(), excess.var(), len(excess)
    moments = np.stack((excess - mean, (excess - mean) ** 2 - variance))
    middle = moments @ moments.T / n
    most = lags(n)
    for lag in range(1, most + 1):
        shared = moments[:, lag:] @ moments[:, :-lag].T / n
        middle += (1 - lag / (most + 1)) * (shared + shared.T)
    # The deviation in Lo's gradient is over n; the ratio that is reported is over n − 1.
    slope = np.array([1 / math.sqrt(variance), -mean / (2 * variance**1.5)])
    assert robust_error(excess) == pytest.approx(math.sqrt(slope @ middle @ slope / n), rel=1e-3)


def test_the_robust_error_is_larger_for_returns_that_follow_each_other() -> None:
    chance = np.random.Generator(np.random.PCG64(9))
    noise = chance.normal(0.0, 0.01, 3_001)
    trending = noise[1:] + 0.8 * noise[:-1]
    ratio, robust = by_session(trending), robust_error(trending)
    assert not isinstance(ratio, Undefined)
    assert not isinstance(robust, Undefined)
    assert robust > 1.2 * standard_error(ratio, 3_000)


@pytest.mark.parametrize(("n", "most"), [(2, 1), (3, 1), (100, 4), (1_258, 7)])
def test_lags_grow_slowly(n: int, most: int) -> None:
    assert lags(n) == most


def test_sortino_by_hand_divides_by_all_returns() -> None:
    # One of four falls short, by 0.02: √(0.0004/4) = 0.01; the mean is 0.01.
    returns = np.array([0.02, 0.02, 0.02, -0.02])
    assert sortino(returns) == pytest.approx(math.sqrt(252))


def test_sortino_is_undefined_where_nothing_fell_short() -> None:
    assert sortino(np.array([0.1, 0.0])) == Undefined("no return below the target")
    assert sortino(np.array([0.1])) == Undefined("fewer than 2 returns")


@given(RETURNS, st.integers(2, 100))
def test_ratios_do_not_depend_on_the_size_of_the_bets(returns: Floats, times: int) -> None:
    for formula in (sharpe, sortino, autocorrelated, robust_error):
        assert formula(returns * times) == _nearly(formula(returns))


@given(RETURNS)
def test_the_ratio_changes_its_sign_with_the_returns_and_its_error_does_not(
    returns: Floats,
) -> None:
    ratio, other = sharpe(returns), sharpe(-returns)
    assert other == (ratio if isinstance(ratio, Undefined) else _nearly(-ratio))
    assert robust_error(-returns) == _nearly(robust_error(returns))


@given(RETURNS, st.integers(1, 100))
def test_more_return_for_the_same_risk_is_a_higher_ratio(returns: Floats, bp: int) -> None:
    ratio, higher = sharpe(returns), sharpe(returns + bp / 10_000)
    if isinstance(ratio, Undefined):
        assert isinstance(higher, Undefined)
    else:
        assert not isinstance(higher, Undefined)
        assert higher > ratio


@given(RETURNS)
def test_ratios_are_finite_or_have_a_reason(
    returns: Floats,
) -> None:
    for formula in (sharpe, sortino, autocorrelated, robust_error):
        told = formula(returns)
        assert isinstance(told, Undefined) or math.isfinite(told)


def _nearly(told: float | Undefined) -> object:
    return told if isinstance(told, Undefined) else pytest.approx(told, rel=1e-6, abs=1e-9)
