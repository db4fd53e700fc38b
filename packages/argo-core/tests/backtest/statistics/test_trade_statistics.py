"""Winning, trading, and what it cost."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.trading_result import FillReason, Traded
from argo_core.backtest.statistics.statistic import Undefined
from argo_core.backtest.statistics.trading import (
    decided_fills,
    exposure,
    in_market,
    shortfall,
    turnover,
)
from argo_core.backtest.statistics.winning import (
    closed,
    expectancy,
    hit_rate,
    mean_r,
    profit_factor,
    wilson,
)
from argo_core.backtest.trades import daily, trades

ENTRY, STOP, TARGET, TIME, SIGNAL = FillReason
CENTS = st.lists(st.integers(-(10**9), 10**9).map(lambda cents: Decimal(cents) / 100))


def test_hits_are_shares_of_closed_trades() -> None:
    assert hit_rate(3, 4) == 0.75
    assert hit_rate(0, 0) == Undefined("no closed trade")


def test_the_interval_of_wilson_by_hand() -> None:
    # Eight of ten at z = 1.96: the textbook's 0.490 to 0.943.
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert wilson(10, 10) == pytest.approx((0.7225, 1), abs=1e-4)


@given(st.integers(1, 10_000), st.data())
def test_the_interval_lies_around_the_share_within_zero_and_one(
    n: int, data: st.DataObject
) -> None:
    won = data.draw(st.integers(0, n))
    low, high = wilson(won, n)
    assert 0 <= low <= won / n <= high <= 1
    mirrored = wilson(n - won, n)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-12)


def test_profit_factor_and_expectancy_by_hand() -> None:
    gains = [Decimal(30), Decimal(-10), Decimal(0), Decimal(-10)]
    assert profit_factor(gains) == 1.5
    assert expectancy(gains) == 2.5


def test_without_trades_or_losses_they_are_undefined() -> None:
    assert profit_factor([]) == expectancy([]) == Undefined("no closed trade")
    assert profit_factor([Decimal(5)]) == Undefined("no losing trade")
    assert mean_r([]) == Undefined("no closed trade with a stop")
    assert mean_r([1.0, -0.5]) == 0.25


@given(CENTS)
def test_a_profit_factor_above_one_is_a_gain(gains: list[Decimal]) -> None:
    factor, mean = profit_factor(gains), expectancy(gains)
    if not isinstance(factor, Undefined):
        assert not isinstance(mean, Undefined)
        assert (factor > 1) == (mean > 0) or factor == pytest.approx(1)


def test_open_positions_are_not_counted(
    make_panel: Callable[..., Panel], make_traded: Callable[..., Traded]
) -> None:
    fills = [
        (1, 0, 1, 1, 100, 0, ENTRY, 0, 0),
        (2, 0, -1, 1, 100, 0, TIME, 1, 0),
        (3, 0, 1, 1, 100, 0, ENTRY, 2, 0),
    ]
    found = trades(make_panel([[1]] * 4), make_traded([1_000] * 4, fills))
    assert len(found) == 2
    assert [one.opened for one in closed(found)] == [1]


def test_turnover_by_hand(
    make_panel: Callable[..., Panel], make_traded: Callable[..., Traded]
) -> None:
    panel = make_panel([[1]] * 3)
    fills = [(1, 0, 1, 10, 50, 0, ENTRY, 0, 0), (2, 0, -1, 10, 70, 0, TIME, 1, 0)]
    traded = make_traded([1_000, 1_100, 900], fills)
    # 500 bought and 700 sold of 1,000 on average, in 2 of 252 sessions.
    assert turnover(traded, daily(panel, traded)) == pytest.approx(0.6 * 126)


def test_turnover_needs_a_return_and_equity(
    make_panel: Callable[..., Panel], make_traded: Callable[..., Traded]
) -> None:
    one, lost = make_traded([5]), make_traded([5, -9])
    assert turnover(one, daily(make_panel([[1]]), one)) == Undefined("no return yet")
    told = turnover(lost, daily(make_panel([[1], [1]]), lost))
    assert told == Undefined("mean equity not above 0")


def test_exposure_and_time_in_market_by_hand(make_traded: Callable[..., Traded]) -> None:
    traded = make_traded([100, 100, 200, 100], gross=[0, 50, 200, 0])
    assert exposure(traded) == pytest.approx((0.5 + 1) / 4)
    assert in_market(traded) == 0.5
    assert exposure(make_traded([100, 0])) == Undefined("equity fell to zero or below")


def test_shortfall_is_measured_from_the_close_that_decided(
    make_panel: Callable[..., Panel], make_traded: Callable[..., Traded]
) -> None:
    panel = make_panel([[100, 50], [101, 0], [0, 51], [104, 51]])
    fills = [
        # Bought 10 at 101, decided at 100: 10 dollars and 1 in fees.
        (1, 0, 1, 10, 1_010_000, 10_000, ENTRY, 0, 0),
        # Sold short 20 at 51, decided in a row without a bar, when 50 was the last close: a gain.
        (2, 1, -1, 20, 510_000, 0, ENTRY, 1, 0),
        # A target is decided by the price itself.
        (3, 1, 1, 20, 510_000, 99, TARGET, 3, 0),
    ]
    traded = make_traded([10**9] * 4, fills)
    # (10 + 1 − 20) / (1000 + 1000) dollars
    assert shortfall(panel, traded) == pytest.approx(-45.0)
    assert decided_fills(traded) == 2


def test_what_is_left_of_a_stop_was_decided_at_a_close(
    make_panel: Callable[..., Panel], make_traded: Callable[..., Traded]
) -> None:
    fills = [(1, 0, -1, 5, 990_000, 0, STOP, 1, 0), (2, 0, -1, 5, 980_000, 0, STOP, 1, 0)]
    traded = make_traded([10**9] * 3, fills)
    assert shortfall(make_panel([[100], [100], [98]]), traded) == pytest.approx(200.0)


def test_without_decided_fills_there_is_no_shortfall(
    make_panel: Callable[..., Panel], make_traded: Callable[..., Traded]
) -> None:
    told = shortfall(make_panel([[1]]), make_traded([5]))
    assert told == Undefined("no fill that was decided at a close")
