"""Statistics agree with empyrical-reloaded where both mean the same.

The same: simple returns, volatility, Sharpe and Sortino ratio, maximum drawdown. Not the same:
empyrical's annual return takes a year to be 252 returns, ours 365.25 calendar days, so they agree
where the days are those of as many returns, and its Calmar ratio with it. It gives NaN or infinity
where ours give a reason. It has no errors of ratios, no probabilities of skill, and nothing of
trades.

Five stocks' years of days lie beside the project, in `../shared/data`; without them that case is
skipped.
"""

import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from argo_core.backtest.bars.arrays import Floats
from argo_core.backtest.statistics.drawdown import calmar, deepest
from argo_core.backtest.statistics.growth import DAYS, YEAR, cagr, returns, volatility
from argo_core.backtest.statistics.sharpe import sharpe
from argo_core.backtest.statistics.sortino import sortino
from argo_core.backtest.statistics.statistic import Number, Undefined

empyrical = pytest.importorskip("empyrical", reason="empyrical-reloaded is not installed")
pandas = pytest.importorskip("pandas", reason="pandas is not installed")

pytestmark = pytest.mark.oracle

DATA = Path(__file__).parents[6] / "shared" / "data" / "us5_daily"


def _paths() -> Iterator[Floats]:
    for seed in range(30):
        chance = np.random.Generator(np.random.PCG64(seed))
        steps = chance.standard_t(4, 50 + 40 * seed) * 0.01 + 0.0003
        yield 1e9 * np.concatenate(([1.0], np.cumprod(1 + np.clip(steps, -0.5, 0.5))))


def _agree(path: Floats) -> None:
    ours = returns(path)
    assert not isinstance(ours, Undefined)
    series = pandas.Series(path)
    theirs = empyrical.simple_returns(series)
    assert ours == pytest.approx(theirs.to_numpy(), rel=1e-9, abs=1e-12)
    for rate in (0.0, 0.0001):
        assert _number(sharpe(ours - rate)) == pytest.approx(
            empyrical.sharpe_ratio(theirs, risk_free=rate), rel=1e-9, abs=1e-12
        )
        assert _number(sortino(ours - rate)) == pytest.approx(
            empyrical.sortino_ratio(theirs, required_return=rate), rel=1e-9, abs=1e-12
        )
    assert _number(volatility(ours)) == pytest.approx(
        empyrical.annual_volatility(theirs), rel=1e-9, abs=1e-12
    )
    deep = deepest(np.arange(len(path)), path).depth
    assert _number(deep) == pytest.approx(empyrical.max_drawdown(theirs), rel=1e-9, abs=1e-12)


def _number(told: Number) -> float:
    assert not isinstance(told, Undefined)
    return told


def test_they_agree_on_random_series() -> None:
    for path in _paths():
        _agree(path)


def test_growth_agrees_where_a_year_has_as_many_days() -> None:
    # 1,008 returns are four of empyrical's years, 1,461 days four of ours.
    path = 1e6 * np.exp(np.random.Generator(np.random.PCG64(1)).normal(0.001, 0.01, 1_009).cumsum())
    assert 1_461 / DAYS == 1_008 / YEAR
    theirs = empyrical.simple_returns(pandas.Series(path))
    rate = cagr(path, 1_461)
    assert _number(rate) == pytest.approx(empyrical.annual_return(theirs), rel=1e-9, abs=1e-12)
    ratio = calmar(rate, deepest(np.arange(1_009), path).depth)
    assert _number(ratio) == pytest.approx(empyrical.calmar_ratio(theirs), rel=1e-9, abs=1e-12)


def test_where_empyrical_has_no_number_there_is_a_reason() -> None:
    still = np.zeros(20)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert not np.isfinite(empyrical.sharpe_ratio(still))
        assert not np.isfinite(empyrical.sortino_ratio(still))
    assert isinstance(sharpe(still), Undefined)
    assert isinstance(sortino(still), Undefined)


@pytest.mark.skipif(not DATA.exists(), reason="the daily bars are not beside Argo")
def test_they_agree_on_real_stocks() -> None:
    table = pandas.read_parquet(next(DATA.glob("*.parquet")))
    told = {symbol: rows.sort_values("date") for symbol, rows in table.groupby("symbol")}
    assert len(told) == 5
    for rows in told.values():
        _agree(rows["adj_close"].to_numpy(dtype=np.float64))
