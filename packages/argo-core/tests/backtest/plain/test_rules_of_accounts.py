"""Cash, marks, loans, fees and the rules against losses; reckoned by hand.

Ten shares of A are bought, or sold short, at the open of row 1 at 100 dollars.
"""

from decimal import Decimal

import pytest

from argo_core.testing.hand_made_bars import bar, deals, dollars, hand_made, no_bar, quiet
from argo_core.testing.random_markets import Form
from argo_core.trading.paper.fees import FeeSchedule

BUY, SELL, REST = bar(100, said=1), bar(100, said=-1), bar(100)
BOUGHT = (1, "A", 10, 100.0, "ENTRY")
THOUSAND = Decimal(1_000)


def test_equity_is_cash_and_what_is_held_at_the_last_closes(form: Form) -> None:
    market = hand_made(BUY, bar(100, 103), no_bar(), bar(103, 99, said=-1), bar(98, 90))
    traded = form(market.panel, market.verdicts, quiet(short_selling=False))
    assert dollars(traded.cash) == [100_000, 99_000, 99_000, 99_000, 99_980]
    assert dollars(traded.equity) == [100_000, 100_030, 100_030, 99_990, 99_980]
    assert dollars(traded.gross) == [0, 1_030, 1_030, 990, 0]
    assert traded.positions.tolist() == [0, 1, 1, 1, 0]


def test_what_is_sold_short_is_owed_and_counts_in_gross(form: Form) -> None:
    market = hand_made((SELL, BUY), (bar(100, 103), bar(100, 101)))
    traded = form(market.panel, market.verdicts, quiet())
    assert dollars(traded.cash) == [100_000, 100_000]
    assert dollars(traded.equity) == [100_000, 99_980]
    assert dollars(traded.gross) == [0, 2_040]
    assert traded.positions.tolist() == [0, 2]


def test_fees_are_those_of_the_schedule_for_every_fill_of_a_row(form: Form) -> None:
    fees = FeeSchedule(per_share=Decimal("0.005"), minimum=Decimal("0.02"))
    cells = (BUY, bar(100, said=-1), bar(102, volume=40), bar(104))
    market = hand_made(*cells)
    plan = quiet(fees=fees, participation_ppm=100_000, short_selling=False)
    traded = form(market.panel, market.verdicts, plan)
    # Bought: 10 · 0.005 = 0.05. Sold 4 for 408: at least 0.02, 0.0084 and 0.00078 are a cent each.
    # Sold 6 for 624: 0.03, and 0.0129 and 0.00117 make three cents more.
    assert [shares for _, _, shares, _, _ in deals(traded)] == [10, -4, -6]
    assert dollars(traded.fills[:, 5]) == [0.05, 0.04, 0.06]
    assert dollars([traded.fees]) == [0.15]
    assert dollars(traded.cash) == [100_000, 98_999.95, 99_407.91, 100_031.85]


def test_what_is_sold_short_costs_a_loan_for_every_night_between_two_sessions(form: Form) -> None:
    market = hand_made(SELL, bar(100), bar(90), bar(90), sessions=[0, 1, 4, 4])
    # 36.5 percent of 1,000 a year is a dollar a day; from the first to the fourth day three.
    traded = form(market.panel, market.verdicts, quiet(borrow_ppm=365_000))
    assert dollars(traded.cash) == [100_000, 101_000, 100_997, 100_997]
    assert dollars([traded.borrow]) == [3]


def test_a_loan_is_rounded_once_for_all_that_is_sold_short(form: Form) -> None:
    rows = ((SELL, SELL, BUY), (REST, REST, REST), (REST, REST, REST))
    market = hand_made(*rows)
    # A millionth of 2,000 is 0.0020; a day of it is less than a unit, and a unit is paid.
    traded = form(market.panel, market.verdicts, quiet(borrow_ppm=1))
    assert traded.borrow == 1


def test_a_position_that_is_left_at_the_open_has_paid_for_the_night(form: Form) -> None:
    market = hand_made(SELL, bar(100, said=1), bar(100), bar(100))
    traded = form(market.panel, market.verdicts, quiet(borrow_ppm=365_000))
    assert dollars([traded.borrow]) == [1]


def test_shares_that_are_owned_cost_no_loan(form: Form) -> None:
    market = hand_made(BUY, REST, REST)
    assert form(market.panel, market.verdicts, quiet(borrow_ppm=365_000)).borrow == 0


def test_a_day_that_lost_too_much_has_no_more_entries_and_the_next_has(form: Form) -> None:
    again = (REST, BUY)
    market = hand_made(
        (BUY, REST), (bar(100, 98), BUY), again, again, (REST, REST), sessions=[0, 0, 0, 1, 1]
    )
    plan = quiet(capital=THOUSAND, order_cap=Decimal(500), daily_loss_ppm=10_000)
    traded = form(market.panel, market.verdicts, plan)
    # Five shares lost two dollars each: 10 of 1,000 is one percent.
    assert traded.reduced.tolist() == [0, 1, 1, 0, 0]
    assert traded.halted.tolist() == [0] * 5
    assert deals(traded) == [(1, "A", 5, 100.0, "ENTRY"), (4, "B", 5, 100.0, "ENTRY")]


def test_a_day_that_lost_a_little_less_goes_on(form: Form) -> None:
    market = hand_made(BUY, bar(100, 98.0001), sessions=[0, 0])
    plan = quiet(capital=THOUSAND, order_cap=Decimal(500), daily_loss_ppm=10_000)
    assert form(market.panel, market.verdicts, plan).reduced.tolist() == [0, 0]


def test_the_day_is_measured_from_the_equity_at_the_end_of_the_last(form: Form) -> None:
    market = hand_made(BUY, bar(100, 99), bar(99, 98), sessions=[0, 0, 1])
    plan = quiet(capital=THOUSAND, order_cap=Decimal(1_000), daily_loss_ppm=15_000)
    # Ten dollars of 1,000 and ten of 990: less than one and a half percent each.
    assert form(market.panel, market.verdicts, plan).reduced.tolist() == [0, 0, 0]
    market = hand_made(BUY, bar(100, 110), bar(110, 108.9), sessions=[0, 0, 1])
    plan = quiet(capital=THOUSAND, order_cap=Decimal(1_000), daily_loss_ppm=10_000)
    assert form(market.panel, market.verdicts, plan).reduced.tolist() == [0, 0, 1]


def test_waiting_entries_lapse_when_a_rule_against_losses_holds(form: Form) -> None:
    market = hand_made(
        (BUY, REST), (bar(100), BUY), (bar(100, 90), no_bar()), (bar(100), REST), sessions=[0] * 4
    )
    calm = quiet(capital=Decimal(2_000), patience_rows=3)
    strict = quiet(capital=Decimal(2_000), patience_rows=3, daily_loss_ppm=50_000)
    late = (3, "B", 10, 100.0, "ENTRY")
    assert deals(form(market.panel, market.verdicts, calm)) == [BOUGHT, late]
    assert deals(form(market.panel, market.verdicts, strict)) == [BOUGHT]


@pytest.mark.parametrize(("close", "halted"), [(109.0001, [0, 0, 1, 1]), (109.0002, [0, 0, 0, 0])])
def test_a_fall_from_the_high_water_halts_entries_for_ever(
    form: Form, close: float, halted: list[int]
) -> None:
    market = hand_made(BUY, bar(100, 110), bar(110, close), bar(120))
    # The high water is 1,100, and 9,090 millionths of it are 9.999.
    plan = quiet(capital=THOUSAND, drawdown_ppm=9_090)
    traded = form(market.panel, market.verdicts, plan)
    assert traded.halted.tolist() == halted
    assert traded.reduced.tolist() == [0] * 4


def test_once_halted_nothing_is_entered_and_what_is_held_may_still_be_left(form: Form) -> None:
    market = hand_made(
        (BUY, REST), (bar(100, 90), BUY), (bar(90, said=-1), BUY), (bar(200), BUY), (REST, REST)
    )
    plan = quiet(capital=THOUSAND, drawdown_ppm=100_000)
    traded = form(market.panel, market.verdicts, plan)
    assert traded.halted.tolist() == [0, 1, 1, 1, 1]
    assert deals(traded) == [BOUGHT, (3, "A", -10, 200.0, "SIGNAL")]


def test_the_first_high_water_is_the_capital(form: Form) -> None:
    market = hand_made(BUY, bar(100, 98), sessions=[0, 0])
    plan = quiet(capital=THOUSAND, drawdown_ppm=20_000)
    assert form(market.panel, market.verdicts, plan).halted.tolist() == [0, 1]


def test_sizes_follow_the_equity_of_the_row(form: Form) -> None:
    market = hand_made((BUY, REST), (bar(100, 200), BUY), (bar(200), REST))
    plan = quiet(capital=Decimal(2_000), symbol_ppm=300_000, order_cap=Decimal(10**6))
    # 30 percent of 2,000 buy six shares, which then are worth 1,200: 30 percent of 2,600 buy seven.
    assert [shares for _, _, shares, _, _ in deals(form(market.panel, market.verdicts, plan))] == [
        6,
        7,
    ]


def test_the_greatest_account_with_the_greatest_shares_is_reckoned_exactly(form: Form) -> None:
    ten_billion, most = Decimal(10**10), 10_000_000
    rules = {
        "order_ppm": most,
        "symbol_ppm": most,
        "gross_ppm": most,
        "adv_ppm": most,
        "risk_ppm": most,
        "drawdown_ppm": most,
        "daily_loss_ppm": most,
        "borrow_ppm": most,
    }
    said = bar(5_000_000, said=-1, adv=10**10)
    market = hand_made(said, bar(5_000_000), bar(5_000_000))
    plan = quiet(capital=ten_billion, order_cap=ten_billion, stops=True, **rules)
    traded = form(market.panel, market.verdicts, plan)
    assert deals(traded) == [(1, "A", -2_000, 5_000_000.0, "ENTRY")]
    # Ten times ten billion a year.
    assert traded.borrow == -(-(10**15) // 365)
