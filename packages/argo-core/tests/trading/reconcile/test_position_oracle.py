"""Profit and loss against the money that changed hands, in exact fractions."""

from decimal import Decimal
from fractions import Fraction

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from argo_core.trading.order import Side
from argo_core.trading.position import Position
from argo_core.trading.splits import convert

# Averages are kept to 28 digits; what a position is worth is far from that.
DUST = Fraction(1, 10**15)


@frozen
class Fill:
    """Shares, cents, and cents of fees."""

    side: Side
    shares: int
    price: int
    fee: int


@frozen
class Split:
    """`new` for `old`."""

    new: int
    old: int


fills = st.builds(
    Fill,
    side=st.sampled_from(Side),
    shares=st.integers(1, 6),
    price=st.integers(1, 20_000),
    fee=st.integers(0, 200),
)
splits = st.builds(Split, new=st.integers(1, 5), old=st.integers(1, 5))
marks = st.integers(1, 20_000).map(lambda cents: Decimal(cents) / 100)


def filled(held: Position, one: Fill) -> Position:
    price, fee = Decimal(one.price) / 100, Decimal(one.fee) / 100
    return held.after(one.side, Decimal(one.shares), price, fee)


def cash_of(one: Fill) -> Fraction:
    return Fraction(-one.side.sign * one.shares * one.price - one.fee, 100)


@given(st.lists(fills, max_size=20), marks)
def test_what_was_won_is_the_cash_that_came_and_what_the_rest_is_worth(
    every: list[Fill], mark: Decimal
) -> None:
    held = Position()
    for one in every:
        held = filled(held, one)
    shares = sum(one.side.sign * one.shares for one in every)
    assert held.quantity == shares
    won = Fraction(held.realised) + Fraction(held.unrealised(mark)) - Fraction(held.fees)
    there = sum(map(cash_of, every), Fraction(0)) + shares * Fraction(mark)
    assert abs(won - there) < DUST
    assert held.fees == Decimal(sum(one.fee for one in every)) / 100


@given(st.lists(fills, max_size=20))
def test_average_and_what_was_realised_are_those_of_every_share_by_itself(
    every: list[Fill],
) -> None:
    """By hand: a share is opened at the average of the shares held with it, or closes one."""
    held, lot, realised = Position(), Fraction(0), Fraction(0)
    shares = 0
    for one in every:
        held = filled(held, one)
        sign, price = one.side.sign, Fraction(one.price, 100)
        for _ in range(one.shares):
            if shares * sign >= 0:
                lot = (lot * abs(shares) + price) / (abs(shares) + 1)
            else:
                realised -= sign * (price - lot)
            shares += sign
            lot = lot if shares else Fraction(0)
        assert abs(Fraction(held.average) - lot) < DUST
        assert abs(Fraction(held.realised) - realised) < DUST


@given(st.lists(st.one_of(fills, splits), max_size=20), marks)
def test_a_split_wins_and_loses_nothing_but_what_is_paid_in_cash(
    every: list[Fill | Split], mark: Decimal
) -> None:
    held, cash, left = Position(), Fraction(0), Fraction(0)
    for one in every:
        if isinstance(one, Fill):
            held, cash = filled(held, one), cash + cash_of(one)
        else:
            after = convert(held, None, Decimal(one.new), Decimal(one.old))
            held, left = after.position, left + Fraction(after.left_cost)
    won = Fraction(held.realised) + Fraction(held.unrealised(mark)) - Fraction(held.fees)
    assert abs(won - (cash + left + Fraction(held.quantity * mark))) < DUST


@pytest.mark.parametrize(
    ("side", "shares", "expected"),
    [
        (Side.BUY, 5, Position(Decimal(15), Decimal(104), Decimal(0), Decimal(1))),
        (Side.SELL, 4, Position(Decimal(6), Decimal(100), Decimal(48), Decimal(1))),
        (Side.SELL, 10, Position(Decimal(0), Decimal(0), Decimal(120), Decimal(1))),
        (Side.SELL, 13, Position(Decimal(-3), Decimal(112), Decimal(120), Decimal(1))),
    ],
)
def test_a_fill_at_112_adds_to_closes_or_turns_ten_shares_of_100(
    side: Side, shares: int, expected: Position
) -> None:
    held = Position(Decimal(10), Decimal(100))
    assert held.after(side, Decimal(shares), Decimal(112), Decimal(1)) == expected


def test_a_short_position_wins_when_the_price_falls() -> None:
    held = Position().after(Side.SELL, Decimal(4), Decimal(50), Decimal(0))
    assert held.unrealised(Decimal(45)) == 20
    after = held.after(Side.BUY, Decimal(6), Decimal(45), Decimal(0))
    assert after == Position(Decimal(2), Decimal(45), Decimal(20))
