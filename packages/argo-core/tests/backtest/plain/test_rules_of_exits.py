"""How positions end, as `docs/reference/backtest.md` says; numbers reckoned by hand.

A buys ten shares at the open of row 1 at 100 dollars. Nobody knows how far its price strays, so a
stop lies half a percent below (99.50) and a target three quarters above (100.75).
"""

from collections.abc import Sequence

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

BUY, SELL = bar(100, said=1), bar(100, said=-1)
BOUGHT = (1, "A", 10, 100.0, "ENTRY")
SOLD = (1, "A", -10, 100.0, "ENTRY")
HOUR = 3_600


def after_purchase(form: Form, *cells: Cell, **rules: object) -> list[object]:
    """Deals after the entry."""
    return _after(form, BOUGHT, (BUY, *cells), quiet(**rules))


def after_sale(form: Form, *cells: Cell, **rules: object) -> list[object]:
    return _after(form, SOLD, (SELL, *cells), quiet(**rules))


def _after(form: Form, entry: object, cells: Sequence[Cell], plan: Plan) -> list[object]:
    market = hand_made(*cells)
    first, *others = deals(form(market.panel, market.verdicts, plan))
    assert first == entry
    return list(others)


def test_a_signal_against_the_position_closes_it_at_the_next_open(form: Form) -> None:
    market = hand_made(BUY, bar(100, said=-1), bar(102, 103))
    traded = form(market.panel, market.verdicts, quiet(short_selling=False))
    assert deals(traded) == [BOUGHT, (2, "A", -10, 102.0, "SIGNAL")]
    assert decided(traded) == [0, 1]


def test_a_hold_closes_only_where_the_plan_says_so(form: Form) -> None:
    assert after_purchase(form, bar(100), bar(102)) == []
    assert after_purchase(form, bar(100), bar(102), hold_closes=True) == [
        (2, "A", -10, 102.0, "SIGNAL")
    ]


def test_what_is_said_without_a_bar_closes_nothing(form: Form) -> None:
    assert after_purchase(form, bar(100, said=1), no_bar(said=-1), bar(99, said=1)) == []
    held = after_purchase(form, bar(100, said=1), no_bar(), bar(99, said=1), hold_closes=True)
    assert held == []


def test_time_closes_a_position_at_the_open_after_its_horizon_was_known_to_end(form: Form) -> None:
    two_days = 48 * HOUR
    held = after_purchase(form, bar(100), bar(101), bar(102), horizon_s=two_days)
    assert held == [(3, "A", -10, 102.0, "TIME")]
    held = after_purchase(form, bar(100), bar(101), bar(102), horizon_s=two_days + 1)
    assert held == []


def test_time_comes_before_a_signal(form: Form) -> None:
    held = after_purchase(form, bar(100, said=-1), bar(101), horizon_s=24 * HOUR)
    assert held == [(2, "A", -10, 101.0, "TIME")]


def test_time_passes_without_a_bar_and_the_exit_waits_for_one(form: Form) -> None:
    market = hand_made(BUY, bar(100), no_bar(), no_bar(), bar(97))
    traded = form(market.panel, market.verdicts, quiet(horizon_s=48 * HOUR))
    assert deals(traded) == [BOUGHT, (4, "A", -10, 97.0, "TIME")]
    assert decided(traded) == [0, 2]


def test_a_stop_that_the_low_reaches_fills_at_the_stop_less_slippage(form: Form) -> None:
    dip = bar(100, low=99.5)
    assert after_purchase(form, dip, stops=True) == [(1, "A", -10, 99.5, "STOP")]
    assert after_purchase(form, bar(100, low=99.5001), stops=True) == []
    assert after_purchase(form, dip) == []
    # 1 in 1,000 of 99.50 is 0.0995; the entry pays it too, so the cell is a market of its own.
    market = hand_made(BUY, dip)
    traded = form(market.panel, market.verdicts, quiet(stops=True, slippage_ppm=1_000))
    assert deals(traded) == [(1, "A", 10, 100.1, "ENTRY"), (1, "A", -10, 99.4005, "STOP")]


def test_a_stop_is_reached_by_the_bid_and_not_by_the_price(form: Form) -> None:
    # Half of a spread of 401 in a million is rounded up to 201: 99.52 could be sold at 99.4999.
    market = hand_made(BUY, bar(100, low=99.52))
    traded = form(market.panel, market.verdicts, quiet(stops=True, spread_ppm=401))
    assert deals(traded) == [(1, "A", 10, 100.0201, "ENTRY"), (1, "A", -10, 99.5, "STOP")]


def test_a_target_that_the_high_reaches_fills_at_the_target_without_slippage(form: Form) -> None:
    rise = bar(100, high=100.75)
    assert after_purchase(form, rise, targets=True) == [(1, "A", -10, 100.75, "TARGET")]
    assert after_purchase(form, bar(100, high=100.7499), targets=True) == []
    assert after_purchase(form, rise) == []
    market = hand_made(BUY, rise)
    traded = form(market.panel, market.verdicts, quiet(targets=True, slippage_ppm=1_000))
    assert deals(traded)[1] == (1, "A", -10, 100.75, "TARGET")


def test_the_stop_comes_first_when_the_bar_reaches_both(form: Form) -> None:
    both = bar(100, high=105, low=95)
    held = after_purchase(form, both, stops=True, targets=True)
    assert held == [(1, "A", -10, 99.5, "STOP")]


def test_a_gap_over_a_level_fills_at_the_open(form: Form) -> None:
    levels = {"stops": True, "targets": True}
    assert after_purchase(form, bar(100), bar(98), **levels) == [(2, "A", -10, 98.0, "STOP")]
    assert after_purchase(form, bar(100), bar(103), **levels) == [(2, "A", -10, 103.0, "TARGET")]


def test_at_the_open_a_stop_pays_spread_and_slippage_and_a_target_the_spread_alone(
    form: Form,
) -> None:
    rules = {"stops": True, "targets": True, "spread_ppm": 2_000, "slippage_ppm": 1_000}
    down = hand_made(BUY, bar(100), bar(98))
    assert deals(form(down.panel, down.verdicts, quiet(**rules)))[1] == (
        (2, "A", -10, 97.804, "STOP")
    )
    up = hand_made(BUY, bar(100), bar(103))
    assert deals(form(up.panel, up.verdicts, quiet(**rules)))[1] == (
        (2, "A", -10, 102.897, "TARGET")
    )


def test_a_short_position_is_stopped_above_and_paid_below(form: Form) -> None:
    levels = {"stops": True, "targets": True}
    stopped = [(1, "A", 10, 100.5, "STOP")]
    paid = [(1, "A", 10, 99.25, "TARGET")]
    assert after_sale(form, bar(100, high=100.5), **levels) == stopped
    assert after_sale(form, bar(100, low=99.25), **levels) == paid
    assert after_sale(form, bar(100, low=99.25, high=100.5), **levels) == stopped
    assert after_sale(form, bar(100), bar(102), **levels) == [(2, "A", 10, 102.0, "STOP")]
    assert after_sale(form, bar(100), bar(98), **levels) == [(2, "A", 10, 98.0, "TARGET")]
    assert after_sale(form, bar(100, said=1), bar(98)) == [(2, "A", 10, 98.0, "SIGNAL")]


def test_costs_of_a_short_position_turn_against_it_too(form: Form) -> None:
    rules = {"stops": True, "targets": True, "spread_ppm": 2_000, "slippage_ppm": 1_000}
    market = hand_made(SELL, bar(100, high=100.4))
    # Sold at 100 less 2 in 1,000; 100.40 costs 100.5004 to buy, and 100.50 slips by 0.1005.
    assert deals(form(market.panel, market.verdicts, quiet(**rules))) == [
        (1, "A", -10, 99.8, "ENTRY"),
        (1, "A", 10, 100.6005, "STOP"),
    ]
    market = hand_made(SELL, bar(100), bar(98))
    assert deals(form(market.panel, market.verdicts, quiet(**rules)))[1] == (
        (2, "A", 10, 98.098, "TARGET")
    )


def test_a_stop_trails_the_best_bid_and_never_goes_back(form: Form) -> None:
    rules = {"stops": True, "trail_ppm": 10_000}
    rise = bar(100, 101, high=102)
    # One percent below 102 is 100.98.
    held = after_purchase(form, rise, bar(101, low=100.98), **rules)
    assert held == [(2, "A", -10, 100.98, "STOP")]
    held = after_purchase(form, rise, bar(101, low=100.99), bar(101, low=100.98), **rules)
    assert held == [(3, "A", -10, 100.98, "STOP")]
    assert after_purchase(form, rise, bar(101, low=90), trail_ppm=10_000) == []


def test_a_trailing_stop_stays_where_it_is_over_a_row_without_a_bar(form: Form) -> None:
    rise, fall = bar(100, 101, high=102), bar(101, low=100.98)
    held = after_purchase(form, rise, no_bar(), fall, stops=True, trail_ppm=10_000)
    assert held == [(3, "A", -10, 100.98, "STOP")]


def test_the_first_best_price_is_the_price_of_the_entry(form: Form) -> None:
    # With a spread of one percent the bid never rises above 99.50, yet the entry paid 100.50.
    market = hand_made(bar(100, said=1, stray=50_000), bar(100), bar(100, low=99.9), bar(100))
    plan = quiet(stops=True, trail_ppm=10_000, spread_ppm=10_000)
    # 100.50 less one percent is 99.495; the bid of 99.90 is 99.4005.
    assert deals(form(market.panel, market.verdicts, plan)) == [
        (1, "A", 10, 100.5, "ENTRY"),
        (2, "A", -10, 99.495, "STOP"),
    ]


def test_a_short_stop_trails_the_best_ask(form: Form) -> None:
    rules = {"stops": True, "trail_ppm": 10_000}
    fall = bar(100, 99, low=98)
    held = after_sale(form, fall, bar(98.5, high=98.98), **rules)
    assert held == [(2, "A", 10, 98.98, "STOP")]
    held = after_sale(form, fall, bar(98.9), bar(98.5, high=98.98), **rules)
    assert held == [(3, "A", 10, 98.98, "STOP")]


def test_a_trail_that_is_wider_than_the_stop_leaves_it_where_it_is(form: Form) -> None:
    wide = {"stops": True, "trail_ppm": 10_000}
    low, high = bar(100, low=99.5), bar(100, high=100.5)
    assert after_purchase(form, bar(100), low, **wide) == [(2, "A", -10, 99.5, "STOP")]
    assert after_sale(form, bar(100), high, **wide) == [(2, "A", 10, 100.5, "STOP")]


def test_the_first_best_price_of_a_sale_is_the_price_of_the_sale(form: Form) -> None:
    market = hand_made(bar(100, said=-1, stray=50_000), bar(100), bar(99.9, high=100.1))
    plan = quiet(stops=True, trail_ppm=10_000, spread_ppm=10_000)
    # 99.50 and one percent are 100.495; the ask of 100.10 is 100.6005.
    assert deals(form(market.panel, market.verdicts, plan)) == [
        (1, "A", -10, 99.5, "ENTRY"),
        (2, "A", 10, 100.495, "STOP"),
    ]


def test_what_a_stop_cannot_fill_is_closed_at_the_next_open(form: Form) -> None:
    market = hand_made(BUY, bar(100), bar(100, low=99, volume=40), bar(103, volume=30), bar(104))
    traded = form(market.panel, market.verdicts, quiet(stops=True, participation_ppm=100_000))
    assert deals(traded)[1:] == [
        (2, "A", -4, 99.5, "STOP"),
        (3, "A", -3, 103.0, "STOP"),
        (4, "A", -3, 104.0, "STOP"),
    ]
    assert decided(traded) == [0, 2, 2, 2]


def test_a_stop_at_the_open_without_any_room_is_decided_all_the_same(form: Form) -> None:
    market = hand_made(BUY, bar(100), bar(98, volume=0), bar(103))
    traded = form(market.panel, market.verdicts, quiet(stops=True, participation_ppm=100_000))
    assert deals(traded)[1:] == [(3, "A", -10, 103.0, "STOP")]
    assert decided(traded) == [0, 2]


def test_what_a_target_cannot_fill_waits_for_the_target_again(form: Form) -> None:
    rules = {"targets": True, "participation_ppm": 100_000}
    held = after_purchase(
        form, bar(100), bar(100, high=101, volume=40), bar(100), bar(100, high=101), **rules
    )
    assert held == [(2, "A", -4, 100.75, "TARGET"), (4, "A", -6, 100.75, "TARGET")]


def test_a_target_filled_in_part_at_the_open_is_not_stopped_in_that_bar(form: Form) -> None:
    rules = {"stops": True, "targets": True, "participation_ppm": 100_000}
    held = after_purchase(form, bar(100), bar(102, 100, low=99, volume=40), bar(100), **rules)
    assert held == [(2, "A", -4, 102.0, "TARGET")]


def test_a_target_without_room_at_the_open_may_be_stopped_in_that_bar(form: Form) -> None:
    market = hand_made(BUY, bar(100), bar(102, 100, low=99, volume=9), bar(100))
    plan = quiet(stops=True, targets=True, participation_ppm=100_000)
    traded = form(market.panel, market.verdicts, plan)
    assert deals(traded)[1:] == [(3, "A", -10, 100.0, "STOP")]
    assert decided(traded) == [0, 2]


def test_a_decided_exit_is_neither_stopped_nor_paid_on_its_way(form: Form) -> None:
    rules = {"stops": True, "targets": True, "participation_ppm": 100_000}
    wild = bar(100, high=110, low=90, volume=40)
    held = after_purchase(form, bar(100, said=-1), wild, bar(100), **rules)
    assert held == [(2, "A", -4, 100.0, "SIGNAL"), (3, "A", -6, 100.0, "SIGNAL")]


def test_entry_and_stop_share_the_room_of_a_bar(form: Form) -> None:
    market = hand_made(BUY, bar(100, low=99, volume=150), bar(97))
    traded = form(market.panel, market.verdicts, quiet(stops=True, participation_ppm=100_000))
    assert deals(traded) == [
        BOUGHT,
        (1, "A", -5, 99.5, "STOP"),
        (2, "A", -5, 97.0, "STOP"),
    ]


def test_no_price_is_below_one_unit(form: Form) -> None:
    least = 0.0001
    market = hand_made(bar(least, said=1), bar(least, said=-1), bar(least))
    plan = quiet(spread_ppm=200_000, slippage_ppm=200_000)
    traded = form(market.panel, market.verdicts, plan)
    # A third of a unit more is a whole unit more to the buyer, and the seller still gets one.
    assert deals(traded) == [
        (1, "A", 10_000_000, 0.0002, "ENTRY"),
        (2, "A", -10_000_000, 0.0001, "SIGNAL"),
    ]


@pytest.mark.parametrize(("ppm", "stop", "target"), [
    (10_000, 99.0, 101.5),
    (999, 99.9, 100.15),
    (300_000, 80.0, 130.0),
    (-1, 99.5, 100.75),
    (3_333, 99.6667, 100.5),
])  # fmt: skip
def test_levels_lie_where_the_stray_says_within_its_bounds(
    form: Form, ppm: int, stop: float, target: float
) -> None:
    entry = bar(100, said=1, stray=ppm)
    market = hand_made(entry, bar(100), bar(100, low=stop))
    traded = form(market.panel, market.verdicts, quiet(stops=True))
    assert deals(traded)[1:] == [(2, "A", -10, stop, "STOP")]
    assert dollars(traded.fills[:, 8]) == [stop, 0.0]
    market = hand_made(entry, bar(100), bar(100, high=target))
    traded = form(market.panel, market.verdicts, quiet(targets=True))
    assert deals(traded)[1:] == [(2, "A", -10, target, "TARGET")]
    assert dollars(traded.fills[:, 8]) == [0.0, 0.0]
