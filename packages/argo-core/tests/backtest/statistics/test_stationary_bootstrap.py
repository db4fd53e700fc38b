"""Blocks of the right length, resamples of the right kind, intervals that cover."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.backtest.bars.arrays import Floats
from argo_core.backtest.statistics import drawdown, growth, sharpe, sortino
from argo_core.backtest.statistics.block_length import block_length
from argo_core.backtest.statistics.bootstrap import intervals, resamples
from argo_core.backtest.statistics.resampled import formulas
from argo_core.backtest.statistics.statistic import Undefined


def _autoregressive(seed: int, rho: float, n: int) -> Floats:
    noise = np.random.Generator(np.random.PCG64(seed)).standard_normal(n)
    made = np.empty(n)
    made[0] = noise[0]
    for row in range(1, n):
        made[row] = rho * made[row - 1] + noise[row]
    return made


@pytest.mark.parametrize(
    ("seed", "rho", "n", "length"),
    [
        (1, 0.0, 500, 3.1897088592453064),
        (2, 0.3, 1_000, 6.392275658459471),
        (3, 0.8, 1_258, 21.302504848676207),
        (4, -0.5, 300, 13.450777254021371),
        (5, 0.6, 40, 3.136281595223188),
        (6, 0.95, 2_000, 70.69725804967622),
    ],
)
def test_block_lengths_are_those_of_the_package_arch(
    seed: int, rho: float, n: int, length: float
) -> None:
    """As `arch.bootstrap.optimal_block_length` of arch 8.0.0 gave for the same series (b_sb)."""
    assert block_length(_autoregressive(seed, rho, n)) == pytest.approx(length, rel=1e-9)


def test_a_series_that_never_quietens_takes_every_lag() -> None:
    """Lengths by arch 8.0.0 again."""
    assert block_length(np.sin(np.arange(200) / 20)) == pytest.approx(21.8185169662828)
    assert block_length(np.arange(20.0)) == pytest.approx(4.540705401939799)


def test_blocks_are_a_third_of_a_short_series_or_three_roots_of_a_long_one_at_most() -> None:
    assert block_length(np.sin(np.arange(24) * 2 * np.pi / 8)) == 8.0
    assert block_length(np.sin(np.arange(400) * 2 * np.pi / 8)) == 60.0


def test_blocks_are_one_long_where_there_is_nothing_to_choose_by() -> None:
    assert block_length(np.arange(19.0)) == 1.0
    assert block_length(np.zeros(50)) == 1.0


def test_resamples_follow_each_other_in_blocks_of_the_mean_length() -> None:
    (drawn,) = resamples(1_000, 8.0, 500, seed=3)
    follows = (np.diff(drawn, axis=1) % 1_000 == 1).mean()
    # A new block begins with probability 1/8, and by chance where the last one ended.
    assert follows == pytest.approx(7 / 8 + 1 / 8_000, abs=0.003)
    assert np.bincount(drawn.ravel(), minlength=1_000).min() > 350


def test_blocks_of_one_are_plain_draws() -> None:
    (drawn,) = resamples(50, 1.0, 2_000, seed=3)
    follows = (np.diff(drawn, axis=1) % 50 == 1).mean()
    assert follows == pytest.approx(1 / 50, abs=0.003)


def test_resamples_are_the_same_for_the_same_seed_and_come_some_at_a_time() -> None:
    parts = list(resamples(400_000, 5.0, 5, seed=9))
    assert [len(part) for part in parts] == [2, 2, 1]
    again = np.concatenate(list(resamples(400_000, 5.0, 5, seed=9)))
    assert (np.concatenate(parts) == again).all()
    assert (next(resamples(400_000, 5.0, 5, seed=8)) != again[:2]).any()


def test_the_interval_of_a_mean_covers_it_in_nineteen_of_twenty_series() -> None:
    covered = 0
    for seed in range(200):
        values = _autoregressive(seed, 0.3, 250) + 1.0
        low, high = intervals(values, {"mean": lambda drawn: drawn.mean(axis=1)}, seed, 200)["mean"]
        covered += low <= 1.0 <= high
    # 95 in a hundred in theory, somewhat fewer for a series as short as this; 200 series
    # scatter by three standard errors of 1.7 points.
    assert 0.86 <= covered / 200 <= 0.99


def test_no_interval_is_given_for_few_returns_or_an_undefined_number() -> None:
    assert intervals(np.arange(19.0), {"mean": lambda drawn: drawn.mean(axis=1)}, 1) == {}
    undefined = {"never": lambda drawn: np.full(len(drawn), np.nan)}
    assert intervals(np.arange(40.0), undefined, 1) == {}


@pytest.mark.parametrize(("share", "told"), [(0.04, True), (0.06, False)])
def test_an_interval_needs_nineteen_of_twenty_resamples(share: float, told: bool) -> None:
    def partly(drawn: Floats) -> Floats:
        found: Floats = drawn.mean(axis=1)
        found[: round(len(found) * share)] = np.nan
        return found

    assert ("partly" in intervals(np.arange(40.0), {"partly": partly}, 1)) == told


RETURNS = st.lists(
    st.integers(-3_000, 3_000).map(lambda bp: bp / 10_000), min_size=2, max_size=30
).map(np.array)


@given(RETURNS, st.integers(0, 800))
def test_formulas_of_many_rows_are_those_of_one(returns: Floats, days: int) -> None:
    rate = 0.0001
    path = np.concatenate(([1.0], np.cumprod(1 + returns)))
    told = {
        "cagr": growth.cagr(path, days),
        "volatility": growth.volatility(returns),
        "sharpe": sharpe.sharpe(returns - rate),
        "sortino": sortino.sortino(returns - rate),
        "max_drawdown": drawdown.deepest(np.arange(len(path)), path).depth,
    }
    for name, formula in formulas(rate, days).items():
        found = float(formula(returns[None, :])[0])
        alone = told[name]
        if isinstance(alone, Undefined):
            assert not np.isfinite(found)
        else:
            assert found == pytest.approx(alone, rel=1e-9, abs=1e-12)
