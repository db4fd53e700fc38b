"""How deep, how long, how long back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.backtest.bars.arrays import ints
from argo_core.backtest.statistics.drawdown import calmar, deepest, drawdown
from argo_core.backtest.statistics.statistic import Undefined

PATHS = st.lists(st.integers(1, 10_000), min_size=1, max_size=40)


def test_a_drawdown_is_measured_from_the_best_close_so_far() -> None:
    assert drawdown([100, 120, 90, 150]) == pytest.approx([0, 0, -0.25, 0])


def test_the_deepest_by_hand() -> None:
    # Peak of 120 on day 3, trough of 90 on day 10, back at 121 on day 30.
    found = deepest(ints([1, 3, 8, 10, 30, 31]), [100, 120, 110, 90, 121, 119])
    assert found.depth == pytest.approx(-0.25)
    assert (found.duration, found.recovery, found.under_water) == (7, 20, 27)


def test_the_first_peak_is_the_money_there_was_in_the_beginning() -> None:
    found = deepest(ints([1, 2, 3]), [100, 80, 90])
    assert found.depth == pytest.approx(-0.2)
    assert found.duration == 1
    assert found.recovery == Undefined("not recovered by the end")
    assert found.under_water == 2


def test_the_fall_begins_at_the_last_close_at_the_peak() -> None:
    found = deepest(ints([1, 2, 3, 4, 5]), [100, 90, 100, 80, 100])
    assert (found.duration, found.recovery) == (1, 1)


def test_the_longest_time_under_water_need_not_be_the_deepest() -> None:
    found = deepest(ints([1, 2, 3, 4, 50, 51]), [100, 50, 100, 99, 98, 100])
    assert found.depth == pytest.approx(-0.5)
    assert found.under_water == 48


def test_an_account_that_only_rises_has_no_drawdown() -> None:
    found = deepest(ints([1, 2, 3]), [100, 100, 101])
    assert found.depth == 0
    assert found.duration == found.recovery == Undefined("no drawdown")
    assert found.under_water == 0


def test_an_account_without_money_has_none_either() -> None:
    found = deepest(ints([1, 2]), [0, 5])
    assert found.depth == found.under_water == Undefined("no equity to begin with")


def test_calmar_is_growth_by_the_deepest_fall() -> None:
    assert calmar(0.1, -0.25) == pytest.approx(0.4)
    assert calmar(0.1, 0.0) == Undefined("no drawdown")
    assert calmar(Undefined("less than a day"), -0.2) == Undefined("less than a day")
    assert calmar(0.1, Undefined("lost")) == Undefined("lost")


@given(PATHS)
def test_the_deepest_is_the_worst_way_to_buy_and_sell_once(path: list[int]) -> None:
    worst = min(path[u] / path[t] - 1 for t in range(len(path)) for u in range(t, len(path)))
    found = deepest(ints(range(len(path))), path)
    assert found.depth == pytest.approx(worst)


@given(PATHS)
def test_days_of_a_drawdown_lie_within_those_under_water(path: list[int]) -> None:
    found = deepest(ints(range(len(path))), path)
    if isinstance(found.duration, Undefined):
        assert found.under_water == 0
        return
    assert not isinstance(found.under_water, Undefined)
    back = 0.0 if isinstance(found.recovery, Undefined) else found.recovery
    assert 0 < found.duration + back <= found.under_water


@given(PATHS, st.integers(2, 1_000))
def test_drawdowns_do_not_depend_on_how_much_money_there_was(path: list[int], times: int) -> None:
    assert drawdown(np.array(path) * times) == pytest.approx(drawdown(path))
