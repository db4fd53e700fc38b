"""Fills become trades, rows become sessions."""

from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pytest

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.plan import BarLimits, Exits, Plan
from argo_core.backtest.bars.trading_result import FillReason, Traded
from argo_core.backtest.bars.units import UNIT
from argo_core.backtest.run import run
from argo_core.backtest.strategies.sma_cross import SmaCross
from argo_core.backtest.trades import daily, last_close, trades
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.trading.order import Side

ENTRY, STOP, TARGET, TIME, SIGNAL = FillReason
# row, symbol, side, quantity, price, fee, reason, decided, stop
BOUGHT = (1, 0, 1, 10, 1_000_000, 5_000, ENTRY, 0, 950_000)


def test_a_long_trade_from_entry_to_exit(
    make_panel: Callable[..., Panel], make_traded: Callable[..., Traded]
) -> None:
    panel = make_panel([[100], [100], [103], [104]])
    sold = (3, 0, -1, 10, 1_040_000, 6_000, SIGNAL, 2, 0)
    (trade,) = trades(panel, make_traded([10**9] * 4, [BOUGHT, sold]))
    assert (trade.symbol, trade.side, trade.quantity) == (Symbol("A"), Side.BUY, 10)
    assert (trade.decided, trade.opened, trade.closed, trade.bars) == (0, 1, 3, 2)
    assert (trade.entry, trade.exit) == (Decimal(100), Decimal(104))
    # Ten shares won 4 dollars each, less 0.50 and 0.60 in fees; 5 dollars each were at stake.
    assert (trade.fees, trade.pnl, trade.risk) == (Decimal("1.1"), Decimal("38.9"), Decimal(50))
    assert trade.r == pytest.approx(0.778)
    assert trade.reasons == (SIGNAL,)
    assert not trade.open


def test_a_short_trade_wins_when_the_price_falls(
    make_panel: Callable[..., Panel], make_traded: Callable[..., Traded]
) -> None:
    panel = make_panel([[100], [100], [90]])
    fills = [
        (1, 0, -1, 4, 1_000_000, 0, ENTRY, 0, 1_100_000),
        (2, 0, 1, 4, 900_000, 0, TARGET, 2, 0),
    ]
    (trade,) = trades(panel, make_traded([10**9] * 3, fills))
    assert (trade.side, trade.pnl, trade.r) == (Side.SELL, Decimal(40), 1.0)


def test_an_exit_in_parts_has_their_average_price_and_each_reason_once(
    make_panel: Callable[..., Panel], make_traded: Callable[..., Traded]
) -> None:
    panel = make_panel([[100]] * 5)
    fills = [
        BOUGHT,
        (2, 0, -1, 4, 940_000, 0, STOP, 2, 0),
        (3, 0, -1, 5, 900_000, 0, STOP, 2, 0),
        (4, 0, -1, 1, 910_000, 0, TIME, 3, 0),
    ]
    (trade,) = trades(panel, make_traded([10**9] * 5, fills))
    # (4 · 94 + 5 · 90 + 91) / 10
    assert trade.exit == Decimal("91.7")
    assert (trade.reasons, trade.closed) == ((STOP, TIME), 4)


def test_a_position_still_held_is_marked_at_its_last_close(
    make_panel: Callable[..., Panel], make_traded: Callable[..., Traded]
) -> None:
    panel = make_panel([[100], [100], [107], [0]])
    fills = [BOUGHT, (2, 0, -1, 4, 1_050_000, 0, TARGET, 2, 0)]
    (trade,) = trades(panel, make_traded([10**9] * 4, fills))
    assert trade.open
    assert trade.closed is None
    # (4 · 105 + 6 · 107) / 10, and two rows have passed since the entry.
    assert (trade.exit, trade.bars, trade.reasons) == (Decimal("106.2"), 2, (TARGET,))
    assert trade.pnl == Decimal("61.5")


def test_without_a_stop_there_is_no_risk_and_no_r(
    make_panel: Callable[..., Panel], make_traded: Callable[..., Traded]
) -> None:
    (trade,) = trades(make_panel([[100]] * 2), make_traded([10**9] * 2, [(*BOUGHT[:8], 0)]))
    assert (trade.risk, trade.r) == (None, None)


def test_trades_of_one_symbol_follow_each_other_and_stand_in_the_order_of_their_entries(
    make_panel: Callable[..., Panel], make_traded: Callable[..., Traded]
) -> None:
    panel = make_panel([[100, 50]] * 6)
    fills = [
        (1, 1, 1, 2, 500_000, 0, ENTRY, 0, 0),
        BOUGHT,
        (2, 0, -1, 10, 1_000_000, 0, TIME, 1, 0),
        (4, 0, 1, 3, 1_000_000, 0, ENTRY, 3, 0),
        (5, 1, -1, 2, 500_000, 0, TIME, 4, 0),
    ]
    found = trades(panel, make_traded([10**9] * 6, fills))
    assert [(one.symbol, one.opened, one.closed) for one in found] == [
        ("B", 1, 5),
        ("A", 1, 2),
        ("A", 4, None),
    ]


@pytest.mark.parametrize(
    "fills",
    [
        [(1, 0, -1, 10, 1_000_000, 0, SIGNAL, 0, 0)],
        [BOUGHT, BOUGHT],
        [BOUGHT, (2, 0, -1, 11, 1_000_000, 0, SIGNAL, 1, 0)],
        [BOUGHT, (2, 0, 1, 10, 1_000_000, 0, SIGNAL, 1, 0)],
    ],
    ids=["closed unopened", "opened twice", "more closed than held", "closed by buying more"],
)
def test_fills_that_do_not_follow_from_each_other_are_refused(
    fills: list[tuple[int, ...]],
    make_panel: Callable[..., Panel],
    make_traded: Callable[..., Traded],
) -> None:
    with pytest.raises(InvalidInput, match="fills"):
        trades(make_panel([[100]] * 3), make_traded([10**9] * 3, fills))


def test_a_result_of_other_rows_is_refused(
    make_panel: Callable[..., Panel], make_traded: Callable[..., Traded]
) -> None:
    for one in (trades, daily):
        with pytest.raises(InvalidInput, match="2 rows of money for 3 rows of bars"):
            one(make_panel([[100]] * 3), make_traded([10**9] * 2))


def test_the_last_close_is_that_of_the_last_bar(make_panel: Callable[..., Panel]) -> None:
    panel = make_panel([[0, 9], [5, 9], [0, 9], [0, 9]])
    assert [last_close(panel, row, 0) for row in range(4)] == [0, 50_000, 50_000, 50_000]


def test_a_day_of_several_rows_ends_with_its_last(
    make_panel: Callable[..., Panel], make_traded: Callable[..., Traded]
) -> None:
    panel = make_panel([[100]] * 5, session=[10, 10, 11, 14, 14])
    sessions = daily(panel, make_traded([100, 101, 99, 98, 104]))
    assert sessions.dates.tolist() == [10, 11, 14]
    assert sessions.equity.tolist() == [101, 99, 104]
    # The first day's trading is a return too: from the opening to its last row.
    assert sessions.path.tolist() == [100, 101, 99, 104]
    assert sessions.path_dates.tolist() == [10, 10, 11, 14]


def test_a_first_day_of_one_row_is_the_opening_itself(
    make_panel: Callable[..., Panel], make_traded: Callable[..., Traded]
) -> None:
    sessions = daily(make_panel([[100]] * 3), make_traded([100, 101, 99]))
    assert sessions.path.tolist() == [100, 101, 99]
    assert sessions.path_dates.tolist() == [19_000, 19_001, 19_002]


@pytest.mark.parametrize("seed", range(3))
def test_what_trades_won_is_what_the_account_won(
    seed: int, make_panel: Callable[..., Panel]
) -> None:
    chance = np.random.Generator(np.random.PCG64(seed))
    steps = chance.normal(0, 0.03, (150, 3)).cumsum(axis=0)
    panel = make_panel((100 * np.exp(steps)).tolist())
    plan = Plan(limits=BarLimits(short_selling=True), exits=Exits(horizon_s=20 * 86_400))
    result = run(panel, SmaCross(fast=3, slow=9), plan).traded
    found = trades(panel, result)
    assert len(found) > 10
    won = sum((one.pnl for one in found), Decimal(0)) - result.borrow * UNIT
    assert won == int(result.equity[-1] - result.equity[0]) * UNIT
    assert sum((one.fees for one in found), Decimal(0)) == result.fees * UNIT
