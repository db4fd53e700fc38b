from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from argo_core.market.instrument import Symbol
from argo_core.trading.grid import lower, upper
from argo_core.trading.holding import Holding
from argo_core.trading.order import Side
from argo_core.trading.trailing import trailed

LONG = Holding(
    symbol=Symbol("NVR"),
    side=Side.BUY,
    signal_id="s",
    signal_index=None,
    stop=Decimal(95),
    target=None,
    until=datetime(2026, 11, 24, tzinfo=UTC),
    best=Decimal(100),
    trail=Decimal(5),
)
SHORT = evolve(LONG, side=Side.SELL, stop=Decimal(105))
CENT, STEP = Decimal("0.01"), Decimal("0.50")

prices = st.integers(8_000, 12_000).map(lambda cents: Decimal(cents) / 100)
ticks = st.sampled_from([Decimal("0.01"), Decimal("0.05"), Decimal("0.03"), Decimal(1)])
steps = st.sampled_from([Decimal(0), Decimal("0.01"), Decimal("0.50"), Decimal(2)])


def test_the_stop_of_a_long_follows_its_highest_price() -> None:
    moved = trailed(LONG, Decimal("101.239"), CENT, STEP)
    assert (moved.best, moved.stop) == (Decimal("101.239"), Decimal("96.23"))


def test_the_stop_of_a_short_follows_its_lowest_price() -> None:
    moved = trailed(SHORT, Decimal("98.761"), CENT, STEP)
    assert (moved.best, moved.stop) == (Decimal("98.761"), Decimal("103.77"))


def test_less_than_a_step_moves_the_best_price_alone() -> None:
    nearly = trailed(LONG, Decimal("100.49"), CENT, STEP)
    assert (nearly.best, nearly.stop) == (Decimal("100.49"), Decimal(95))
    assert trailed(nearly, Decimal("100.50"), CENT, STEP).stop == Decimal("95.50")


def test_without_a_step_it_still_moves_by_a_tick_or_not_at_all() -> None:
    assert trailed(LONG, Decimal("100.009"), CENT, Decimal(0)).stop == Decimal(95)
    assert trailed(LONG, Decimal("100.01"), CENT, Decimal(0)).stop == Decimal("95.01")


def test_a_stop_that_is_off_the_grid_is_not_moved_by_less_than_a_tick() -> None:
    three = Decimal("0.03")
    assert trailed(LONG, Decimal("100.02"), three, Decimal(0)).stop == Decimal(95)
    assert trailed(LONG, Decimal("100.04"), three, Decimal(0)).stop == Decimal("95.04")


@pytest.mark.parametrize("holding", [LONG, SHORT])
def test_a_holding_without_a_trail_stays_as_it_is(holding: Holding) -> None:
    fixed = evolve(holding, trail=None)
    for price in ("1", "100", "500"):
        assert trailed(fixed, Decimal(price), CENT, STEP) == fixed


def test_a_trail_longer_than_the_price_moves_nothing_below_zero() -> None:
    far = evolve(LONG, trail=Decimal(300))
    assert trailed(far, Decimal(150), CENT, STEP).stop == Decimal(95)


@given(st.lists(prices, max_size=30), st.sampled_from([LONG, SHORT]), ticks, steps)
def test_the_stop_never_loosens_and_never_comes_nearer_than_the_trail(
    path: list[Decimal], holding: Holding, tick: Decimal, step: Decimal
) -> None:
    sign = holding.side.sign
    for price in path:
        after = trailed(holding, price, tick, step)
        closer = (after.stop - holding.stop) * sign
        assert closer == 0 or closer >= max(step, tick)
        assert (after.best - holding.best) * sign >= 0
        if closer:
            assert after.stop % tick == 0
            assert (after.best - after.stop) * sign >= Decimal(5)
        holding = after


@given(st.lists(prices, min_size=1, max_size=30), st.sampled_from([LONG, SHORT]), ticks, steps)
def test_where_the_stop_ends_is_told_by_the_best_price_to_within_a_step_and_a_tick(
    path: list[Decimal], holding: Holding, tick: Decimal, step: Decimal
) -> None:
    sign = holding.side.sign
    first = holding
    for price in path:
        holding = trailed(holding, price, tick, step)
    best = max((first.best, *path), key=lambda price: price * sign)
    assert holding.best == best
    due = best - 5 * sign
    assert (holding.stop - first.stop) * sign >= (due - first.stop) * sign - tick - max(step, tick)


@given(
    st.decimals(-1_000, 1_000, places=6),
    st.sampled_from([Decimal("0.01"), Decimal("0.03"), Decimal("0.0001"), Decimal(7)]),
)
def test_the_grid_is_met_below_and_above(price: Decimal, tick: Decimal) -> None:
    steps = Fraction(price) / Fraction(tick)
    assert Fraction(lower(price, tick)) == floor(steps) * Fraction(tick)
    assert Fraction(upper(price, tick)) == ceil(steps) * Fraction(tick)
