from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.trading.holding import Holding
from argo_core.trading.order import Side
from argo_core.trading.position import Position
from argo_core.trading.splits import convert, convert_holding, convert_position

NVR = Symbol("NVR")
LONG = Holding(
    symbol=NVR,
    side=Side.BUY,
    signal_id="s",
    signal_index=7,
    stop=Decimal("95.01"),
    target=Decimal("110.01"),
    until=datetime(2026, 11, 24, tzinfo=UTC),
    best=Decimal("100.01"),
    trail=Decimal("5.01"),
)
SHORT = evolve(LONG, side=Side.SELL, stop=Decimal("105.01"), target=Decimal("90.01"))
TWO, ONE, TEN = Decimal(2), Decimal(1), Decimal(10)

ratios = st.tuples(st.integers(1, 50), st.integers(1, 50)).map(
    lambda pair: (Decimal(pair[0]), Decimal(pair[1]))
)
shares = st.integers(-500, 500).map(Decimal)
prices = st.integers(1, 500_000).map(lambda cents: Decimal(cents) / 100)


def test_two_for_one_doubles_the_shares_and_halves_the_prices() -> None:
    after = convert(Position(Decimal(10), Decimal(100), Decimal(7), Decimal(1)), LONG, TWO, ONE)
    assert after.position == Position(Decimal(20), Decimal(50), Decimal(7), Decimal(1))
    assert (after.left, after.left_cost) == (0, 0)
    assert after.holding == evolve(
        LONG,
        stop=Decimal("47.50"),
        target=Decimal("55.01"),
        best=Decimal("50.00"),
        trail=Decimal("2.51"),
    )


def test_one_for_ten_leaves_a_fraction_for_cash() -> None:
    after = convert(Position(Decimal(105), Decimal(2)), None, ONE, TEN)
    assert after.position == Position(TEN, Decimal(20))
    assert (after.left, after.left_cost) == (Decimal("0.5"), TEN)
    assert after.holding is None


def test_a_short_position_is_rounded_towards_nothing_as_well() -> None:
    after = convert(Position(Decimal(-105), Decimal(2)), None, ONE, TEN)
    assert after.position == Position(Decimal(-10), Decimal(20))
    assert (after.left, after.left_cost) == (Decimal("-0.5"), -TEN)


def test_what_is_less_than_a_share_becomes_cash_altogether() -> None:
    after = convert(Position(Decimal(3), Decimal(2), Decimal(5)), None, ONE, TEN)
    assert after.position == Position(Decimal(0), Decimal(0), Decimal(5))
    assert (after.left, after.left_cost) == (Decimal("0.3"), Decimal(6))


def test_the_plan_of_a_short_is_rounded_the_other_way() -> None:
    after = convert_holding(SHORT, TWO, ONE)
    assert after == evolve(
        SHORT,
        stop=Decimal("52.51"),
        target=Decimal("45.00"),
        best=Decimal("50.01"),
        trail=Decimal("2.51"),
    )


def test_what_was_not_planned_stays_unplanned() -> None:
    after = convert_holding(evolve(LONG, target=None, trail=None), TWO, ONE)
    assert (after.target, after.trail) == (None, None)


def test_a_price_is_one_tick_at_least() -> None:
    after = convert_holding(evolve(LONG, stop=Decimal("0.02")), Decimal(50), ONE)
    assert after.stop == Decimal("0.01")


@pytest.mark.parametrize(("new", "old"), [("0", "1"), ("1", "0"), ("-1", "1"), ("1", "NaN")])
def test_a_ratio_that_is_none_is_refused(new: str, old: str) -> None:
    ratio = Decimal(new), Decimal(old)
    with pytest.raises(InvalidInput):
        convert_position(Position(), *ratio)
    with pytest.raises(InvalidInput):
        convert_holding(LONG, *ratio)


@given(shares, prices, ratios)
def test_shares_and_cost_are_kept_to_the_fraction_that_is_left(
    quantity: Decimal, average: Decimal, ratio: tuple[Decimal, Decimal]
) -> None:
    new, old = ratio
    after = convert(Position(quantity, average), None, new, old)
    exact = Fraction(quantity) * Fraction(new) / Fraction(old)
    assert after.position.quantity == int(exact)
    assert abs(Fraction(after.left) - (exact - int(exact))) < Fraction(1, 10**24)
    assert abs(after.left) < 1
    cost = after.position.quantity * after.position.average + after.left_cost
    assert abs(cost - quantity * average) < Decimal("1e-15")


@given(st.sampled_from([LONG, SHORT]), ratios, st.sampled_from([Decimal("0.01"), Decimal("0.05")]))
def test_every_level_stays_on_the_tick_and_no_exit_comes_nearer(
    holding: Holding, ratio: tuple[Decimal, Decimal], tick: Decimal
) -> None:
    new, old = ratio
    after = convert_holding(holding, new, old, tick)
    sign = holding.side.sign
    assert after.target is not None
    assert holding.target is not None
    assert after.trail is not None
    assert holding.trail is not None
    for level in (after.stop, after.target, after.best, after.trail):
        assert level % tick == 0
        assert level >= tick
    scale = Fraction(old) / Fraction(new)
    for ours, theirs, outward in (
        (after.stop, holding.stop, -sign),
        (after.target, holding.target, sign),
        (after.best, holding.best, -sign),
        (after.trail, holding.trail, 1),
    ):
        moved = Fraction(ours) - Fraction(theirs) * scale
        assert -Fraction(1, 10**20) < moved * outward < Fraction(tick) + Fraction(1, 10**20)


@given(st.sampled_from([LONG, SHORT]), st.integers(1, 20).map(Decimal))
def test_there_and_back_is_where_it_was_to_the_tick(holding: Holding, new: Decimal) -> None:
    back = convert_holding(convert_holding(holding, new, ONE), ONE, new)
    assert abs(back.stop - holding.stop) <= new * Decimal("0.01")
