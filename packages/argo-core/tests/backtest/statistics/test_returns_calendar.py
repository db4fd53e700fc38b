"""Returns by month, and the Sharpe ratio as it went."""

from datetime import date

import numpy as np
import pytest

from argo_core.backtest.bars.arrays import ints
from argo_core.backtest.statistics.calendar import monthly, rolling_sharpe
from argo_core.backtest.statistics.sharpe import sharpe
from argo_core.errors import InvalidInput

EPOCH = date(1970, 1, 1)


def _days(*told: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return ints([(date.fromisoformat(day) - EPOCH).days for day in told])


def test_a_month_runs_from_the_last_close_of_the_one_before() -> None:
    dates = _days("2023-11-30", "2023-12-15", "2023-12-29", "2024-01-02", "2024-02-29")
    before, after = monthly(dates, [100, 90, 110, 121, 60.5])
    assert (before.year, after.year) == (2023, 2024)
    assert before.months[:10] == (None,) * 10
    # November has one close alone, which is what December begins with.
    assert before.months[10] is None
    assert before.months[11] == pytest.approx(0.1)
    assert before.total == pytest.approx(0.1)
    assert after.months[0] == pytest.approx(0.1)
    assert after.months[1] == pytest.approx(-0.5)
    assert after.months[2:] == (None,) * 10
    assert after.total == pytest.approx(-0.45)


def test_a_first_month_of_several_closes_has_a_return() -> None:
    (year,) = monthly(_days("2024-03-01", "2024-03-28"), [100, 103])
    assert year.months[2] == pytest.approx(0.03)


def test_months_and_years_without_sessions_are_empty_and_the_next_bridges_them() -> None:
    years = monthly(_days("2020-06-30", "2022-02-01"), [100, 150])
    assert [one.year for one in years] == [2020, 2021, 2022]
    assert years[1].months == (None,) * 12
    assert years[1].total is None
    assert years[2].months[1] == years[2].total == pytest.approx(0.5)


def test_a_month_that_begins_without_money_has_no_return() -> None:
    (year,) = monthly(_days("2024-01-31", "2024-02-01", "2024-03-01"), [100, -5, 3])
    assert year.months[1] == pytest.approx(-1.05)
    assert year.months[2] is None


def test_dates_before_1970_are_dates_too() -> None:
    (year,) = monthly(_days("1969-01-31", "1969-12-31"), [100, 101])
    assert year.year == 1969
    assert year.months[11] == pytest.approx(0.01)


def test_monthly_returns_compound_to_the_years() -> None:
    chance = np.random.Generator(np.random.PCG64(4))
    equity = 100 * np.cumprod(1 + chance.normal(0, 0.01, 900))
    years = monthly(ints(np.arange(900) + 18_000), equity)
    for year in years:
        told = [1 + one for one in year.months if one is not None]
        assert year.total is not None
        assert np.prod(told) - 1 == pytest.approx(year.total)
    whole = np.prod([1 + (year.total or 0) for year in years]) - 1
    assert whole == pytest.approx(equity[-1] / equity[0] - 1)


def test_each_amount_has_a_date() -> None:
    with pytest.raises(InvalidInput, match="2 dates for 1 amounts"):
        monthly(_days("2024-01-01", "2024-01-02"), [1])
    with pytest.raises(InvalidInput, match="dates"):
        monthly(_days(), [])


def test_a_rolling_ratio_begins_once_its_window_is_full() -> None:
    excess = np.random.Generator(np.random.PCG64(4)).normal(0, 0.01, 10)
    told = rolling_sharpe(excess, window=4)
    assert told[:3] == (None, None, None)
    assert told[3] == sharpe(excess[:4])
    assert told[9] == sharpe(excess[6:])
    assert len(told) == 10


def test_a_rolling_ratio_has_gaps_where_nothing_varies() -> None:
    assert rolling_sharpe(np.array([0.0, 0.0, 0.0, 0.1]), window=3)[2] is None


def test_a_window_longer_than_the_returns_leaves_nothing() -> None:
    assert rolling_sharpe(np.zeros(3), window=9) == (None, None, None)


def test_a_window_of_one_return_is_refused() -> None:
    with pytest.raises(InvalidInput, match="window"):
        rolling_sharpe(np.zeros(3), window=1)
