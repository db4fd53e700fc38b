"""A price that has moved too far makes stale whatever was formed at the old one."""

from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from argo_core.resilience.price_trigger import moved, outdates

PRICES = st.decimals("0.01", "100000", places=2)


def test_a_move_of_more_than_half_a_percent_outdates_in_both_directions():
    assert outdates(Decimal(200), Decimal("201.01"))
    assert outdates(Decimal(200), Decimal("198.99"))


def test_a_smaller_move_outdates_nothing():
    assert not outdates(Decimal(200), Decimal("200.90"))
    assert not outdates(Decimal(200), Decimal("199.10"))


def test_an_unknown_price_outdates_nothing():
    assert not outdates(None, Decimal(200))
    assert not outdates(Decimal(200), None)
    assert not outdates(None, None)


def test_a_price_that_comes_or_goes_has_moved_without_end():
    assert moved(None, Decimal(1)) == moved(Decimal(1), None) == float("inf")
    assert moved(None, None) == 0.0


@given(PRICES, PRICES)
def test_a_move_is_relative_to_where_it_began(since, price):
    assert abs(moved(since, price) - abs(float(price) / float(since) - 1)) < 1e-9


@given(st.lists(PRICES, min_size=2, max_size=20))
def test_small_steps_that_add_up_outdate_what_was_formed_before_them(prices):
    formed_at = prices[0]
    for before, after in pairwise(prices):
        assert outdates(formed_at, after) is (moved(formed_at, after) > 0.005)
        assert moved(before, before) == 0.0
