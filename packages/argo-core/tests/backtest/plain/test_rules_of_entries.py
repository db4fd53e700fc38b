"""How verdicts become positions, as `docs/reference/backtest.md` says; reckoned by hand.

Without other rules an entry is worth 1,000 dollars: ten shares at a close of 100.
"""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from argo_core.backtest.bars.plan import Plan
from argo_core.testing.hand_made_bars import (
    Cell,
    bar,
    deals,
    decided,
    dollars,
    hand_made,
    no_bar,
    quiet,
)
from argo_core.testing.random_markets import Form
from argo_core.trading.paper.fees import FeeSchedule

BUY, SELL, REST = bar(100, said=1), bar(100, said=-1), bar(100)
BOUGHT = (1, "A", 10, 100.0, "ENTRY")
HOUR = 3_600


def told(form: Form, rows: Sequence[Cell | Sequence[Cell]], plan: Plan) -> list[object]:
    market = hand_made(*rows)
    return list(deals(form(market.panel, market.verdicts, plan)))


def entered(form: Form, said: Cell, opened: Cell, **rules: object) -> int:
    """Shares entered in row 1, below zero if sold."""
    market = hand_made(said, opened)
    traded = form(market.panel, market.verdicts, quiet(**rules))
    return sum(shares for _, _, shares, _, reason in deals(traded) if reason == "ENTRY")


def test_a_verdict_is_traded_at_the_next_open_in_shares_reckoned_at_the_close(form: Form) -> None:
    assert told(form, [BUY, bar(125)], quiet()) == [(1, "A", 10, 125.0, "ENTRY")]
    assert told(form, [SELL, bar(125)], quiet()) == [(1, "A", -10, 125.0, "ENTRY")]


def test_nobody_trades_on_the_last_row_or_on_a_row_without_a_bar(form: Form) -> None:
    market = hand_made(no_bar(said=1), BUY)
    traded = form(market.panel, market.verdicts, quiet())
    assert traded.fills.shape == (0, 9)
    assert dollars(traded.equity) == [100_000, 100_000]


def test_a_sale_needs_leave_to_sell_short(form: Form) -> None:
    assert entered(form, SELL, REST, short_selling=False) == 0


def test_an_order_at_the_market_pays_half_the_spread_and_slippage_rounded_against_it(
    form: Form,
) -> None:
    # Half of 201 is 101, with slippage 201: of 100 that is 0.0201, of 33.3333 almost 0.0067.
    costs = {"spread_ppm": 201, "slippage_ppm": 100}
    assert told(form, [BUY, REST], quiet(**costs)) == [(1, "A", 10, 100.0201, "ENTRY")]
    third = bar(33.3333)
    buying = told(form, [BUY, third], quiet(**costs))
    selling = told(form, [SELL, third], quiet(**costs))
    assert [*buying, *selling] == [
        (1, "A", 10, 33.34, "ENTRY"),
        (1, "A", -10, 33.3266, "ENTRY"),
    ]


def test_an_entry_beyond_the_collar_lapses(form: Form) -> None:
    collar = {"collar_ppm": 20_000}
    assert entered(form, BUY, bar(102), **collar) == 10
    assert entered(form, BUY, bar(102.0001), **collar) == 0
    assert entered(form, BUY, bar(50), **collar) == 10
    assert entered(form, SELL, bar(98), **collar) == -10
    assert entered(form, SELL, bar(97.9999), **collar) == 0
    assert entered(form, SELL, bar(150), **collar) == -10


def test_the_collar_is_laid_around_what_the_order_pays(form: Form) -> None:
    assert entered(form, BUY, bar(101.99), collar_ppm=20_000, slippage_ppm=200) == 0


def test_an_entry_that_lapsed_is_not_tried_again(form: Form) -> None:
    assert told(form, [BUY, bar(103), REST], quiet(collar_ppm=20_000)) == []


def test_an_entry_whose_stop_the_open_has_reached_lapses(form: Form) -> None:
    assert entered(form, BUY, bar(99.5), stops=True) == 0
    assert entered(form, BUY, bar(99.5001), stops=True) == 10
    assert entered(form, BUY, bar(99.5)) == 10
    assert entered(form, SELL, bar(100.5), stops=True) == 0
    assert entered(form, SELL, bar(100.4999), stops=True) == -10


def test_an_entry_above_its_stop_lapses_too_where_nobody_bids_as_much(form: Form) -> None:
    # At 99.55 the ask is 99.65 and the bid 99.45, below the stop of 99.50.
    assert entered(form, BUY, bar(99.55), stops=True, spread_ppm=2_000) == 0
    assert entered(form, SELL, bar(100.45), stops=True, spread_ppm=2_000) == 0


def test_an_entry_at_its_target_lapses(form: Form) -> None:
    assert entered(form, BUY, bar(100.75), targets=True) == 0
    assert entered(form, BUY, bar(100.7499), targets=True) == 10
    assert entered(form, BUY, bar(100.75)) == 10
    assert entered(form, SELL, bar(99.25), targets=True) == 0
    assert entered(form, SELL, bar(99.2501), targets=True) == -10
    assert entered(form, BUY, bar(100.7), targets=True, slippage_ppm=500) == 0


def test_no_more_than_a_share_of_the_volume_is_filled_and_the_rest_is_given_up(form: Form) -> None:
    thin = quiet(participation_ppm=100_000)
    assert told(form, [BUY, bar(100, volume=79), REST], thin) == [(1, "A", 7, 100.0, "ENTRY")]
    assert told(form, [SELL, bar(100, volume=79), REST], thin) == [(1, "A", -7, 100.0, "ENTRY")]
    assert told(form, [BUY, bar(100, volume=9), REST], thin) == []
    assert told(form, [BUY, bar(100, volume=0), REST], quiet()) == [BOUGHT]


def test_a_purchase_at_a_higher_open_buys_what_the_cash_is_good_for(form: Form) -> None:
    assert entered(form, BUY, bar(101), capital=Decimal(1_000)) == 9
    assert entered(form, BUY, bar(1_001), capital=Decimal(1_000)) == 0
    assert entered(form, SELL, bar(101), capital=Decimal(1_000)) == -10


def test_a_purchase_leaves_cash_for_its_fee(form: Form) -> None:
    market = hand_made(BUY, REST)
    fees = FeeSchedule(per_share=Decimal("0.05"), minimum=Decimal(1))
    traded = form(market.panel, market.verdicts, quiet(capital=Decimal(1_000), fees=fees))
    assert deals(traded) == [(1, "A", 9, 100.0, "ENTRY")]
    assert dollars(traded.cash) == [1_000, 99]


def test_an_entry_waits_for_a_bar_as_many_rows_as_the_plan_is_patient(form: Form) -> None:
    patient = quiet(patience_rows=2)
    assert told(form, [BUY, no_bar(), REST], patient) == [(2, "A", 10, 100.0, "ENTRY")]
    assert told(form, [BUY, no_bar(), no_bar(), REST], patient) == []
    assert told(form, [BUY, no_bar(), REST], quiet()) == []


def test_a_waiting_entry_is_filled_as_it_was_decided(form: Form) -> None:
    market = hand_made(BUY, no_bar(said=-1), bar(100, said=-1), bar(101))
    traded = form(market.panel, market.verdicts, quiet(patience_rows=5, horizon_s=96 * HOUR))
    assert deals(traded) == [(2, "A", 10, 100.0, "ENTRY"), (3, "A", -10, 101.0, "SIGNAL")]
    assert decided(traded) == [0, 2]


def test_a_waiting_entry_takes_a_place_until_it_lapses(form: Form) -> None:
    rows = [(BUY, REST), (no_bar(), BUY), (no_bar(), BUY), (no_bar(), REST)]
    one = {"positions": 1}
    assert told(form, rows, quiet(patience_rows=1, **one)) == [(2, "B", 10, 100.0, "ENTRY")]
    assert told(form, rows, quiet(patience_rows=2, **one)) == [(3, "B", 10, 100.0, "ENTRY")]
    assert told(form, rows, quiet(patience_rows=3, **one)) == []


def test_the_end_is_counted_from_the_decision_and_not_from_the_fill(form: Form) -> None:
    rows = [BUY, no_bar(), bar(100), bar(101)]
    plan = quiet(patience_rows=2, horizon_s=48 * HOUR)
    assert told(form, rows, plan)[1:] == [(3, "A", -10, 101.0, "TIME")]


def test_the_surest_come_first_whatever_their_side_then_the_order_of_the_panel(form: Form) -> None:
    said = (
        bar(100, said=1, sure=4_000),
        bar(100, said=-1, sure=-6_000),
        bar(100, said=1, sure=5_000),
        bar(100, said=1, sure=5_000),
    )
    rows = [said, (REST, REST, REST, REST)]
    assert told(form, rows, quiet(positions=3)) == [
        (1, "B", -10, 100.0, "ENTRY"),
        (1, "C", 10, 100.0, "ENTRY"),
        (1, "D", 10, 100.0, "ENTRY"),
    ]
    assert told(form, rows, quiet(positions=2))[1:] == [(1, "C", 10, 100.0, "ENTRY")]


def test_one_that_is_too_dear_takes_no_place(form: Form) -> None:
    rows = [(bar(2_000, said=1), BUY), (bar(2_000), REST)]
    assert told(form, rows, quiet(positions=1)) == [(1, "B", 10, 100.0, "ENTRY")]


def test_a_symbol_is_held_once(form: Form) -> None:
    assert told(form, [BUY, BUY, BUY, REST], quiet()) == [BOUGHT]


def test_after_a_position_has_ended_its_symbol_rests_for_the_cooldown(form: Form) -> None:
    rows = [BUY, SELL, *[BUY] * 4]
    closed = [BOUGHT, (2, "A", -10, 100.0, "SIGNAL")]

    def next_entry(**rules: object) -> list[object]:
        first, second, *others = told(form, rows, quiet(**rules))
        assert [first, second] == closed
        return others

    assert next_entry() == [(3, "A", 10, 100.0, "ENTRY")]
    assert next_entry(cooldown_s=24 * HOUR) == [(4, "A", 10, 100.0, "ENTRY")]
    assert next_entry(cooldown_s=24 * HOUR + 1) == [(5, "A", 10, 100.0, "ENTRY")]
    assert next_entry(stop_cooldown_s=24 * HOUR) == [(3, "A", 10, 100.0, "ENTRY")]


def test_after_a_stop_another_cooldown_counts(form: Form) -> None:
    rows = [BUY, bar(100, said=1, low=99), BUY, BUY]
    plan = quiet(stops=True, cooldown_s=24 * HOUR)
    stopped = [BOUGHT, (1, "A", -10, 99.5, "STOP")]
    again = (2, "A", 10, 100.0, "ENTRY")
    assert told(form, rows, plan) == [*stopped, again]
    plan = quiet(stops=True, stop_cooldown_s=24 * HOUR)
    assert told(form, rows, plan) == [*stopped, (3, "A", 10, 100.0, "ENTRY")]


@pytest.mark.parametrize(("rules", "shares"), [
    # Cash alone: 100,000 at 100.
    ({}, 1_000),
    # 200 may be lost, half a dollar a share.
    ({"risk_ppm": 2_000, "stops": True}, 400),
    ({"risk_ppm": 2_000}, 1_000),
    ({"order_cap": Decimal("2099.9999")}, 20),
    ({"order_ppm": 20_000}, 20),
    # One percent of 500,000 a day.
    ({"adv_ppm": 10_000}, 50),
    ({"symbol_ppm": 30_000}, 30),
    ({"gross_ppm": 40_000}, 40),
    ({"order_ppm": 30_000, "symbol_ppm": 20_000, "gross_ppm": 40_000}, 20),
    ({"order_ppm": 999}, 0),
])  # fmt: skip
def test_each_limit_of_size_binds(form: Form, rules: dict[str, object], shares: int) -> None:
    rules = {"order_cap": Decimal(10**9), **rules}
    assert entered(form, bar(100, said=1, adv=500_000), REST, **rules) == shares


def test_a_sale_is_bound_by_the_same_limits_but_not_by_cash(form: Form) -> None:
    said = bar(100, said=-1, adv=500_000)
    vast = {"order_cap": Decimal(10**6)}
    assert entered(form, said, REST, **vast) == -10_000
    assert entered(form, said, REST, **vast, gross_ppm=2_000_000) == -2_000
    assert entered(form, said, REST, **vast, risk_ppm=2_000, stops=True) == -400
    assert entered(form, said, REST, **vast, adv_ppm=10_000) == -50


def test_an_unknown_daily_value_is_no_entry_where_it_is_a_limit(form: Form) -> None:
    assert entered(form, BUY, REST, adv_ppm=10_000) == 0
    assert entered(form, BUY, REST) == 10


def test_a_stop_at_the_price_itself_is_no_entry_where_risk_is_a_limit(form: Form) -> None:
    said, opened = bar(0.0001, said=1), bar(0.0002)
    least = {"stops": True, "order_cap": Decimal(1)}
    assert entered(form, said, opened, **least, risk_ppm=5_000) == 0
    assert entered(form, said, opened, **least) == 10_000
    # Sold short at one unit, the stop lies a unit above: 500 dollars are 5,000,000 units.
    said, opened = bar(0.0001, said=-1), bar(0.0001)
    assert entered(form, said, opened, **least, risk_ppm=1) == -1_000


def test_what_is_held_and_what_waits_count_towards_gross(form: Form) -> None:
    rows = [(BUY, REST, REST), (bar(110), SELL, BUY), (bar(110), REST, REST)]
    # A is worth 1,100, and 1,000 of B waits: 900 of 3,000 are left to C.
    assert told(form, rows, quiet(gross_ppm=30_000)) == [
        (1, "A", 10, 110.0, "ENTRY"),
        (2, "B", -10, 100.0, "ENTRY"),
        (2, "C", 9, 100.0, "ENTRY"),
    ]


def test_purchases_that_wait_have_spoken_for_their_cash_and_sales_bring_none(form: Form) -> None:
    rows = [(SELL, BUY, BUY), (REST, REST, REST)]
    assert told(form, rows, quiet(capital=Decimal(1_500))) == [
        (1, "A", -10, 100.0, "ENTRY"),
        (1, "B", 10, 100.0, "ENTRY"),
        (1, "C", 5, 100.0, "ENTRY"),
    ]


def test_entries_are_filled_in_the_order_in_which_they_were_decided(form: Form) -> None:
    rows = [(REST, BUY), (BUY, no_bar()), (bar(130), bar(130))]
    plan = quiet(capital=Decimal(2_000), patience_rows=2)
    # B was decided first and takes 1,300; what is left buys five shares of A.
    assert told(form, rows, plan) == [(2, "B", 10, 130.0, "ENTRY"), (2, "A", 5, 130.0, "ENTRY")]
