"""An auditor who finds nothing is worth something only if he finds what is wrong."""

from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from argo_core.testing.trading_audit import Truth, complaints
from argo_core.testing.trading_storm import Fuse, FusedJournal
from argo_core.trading.order import Leg, Status

D = Decimal


def truth_of(pit, **other) -> Truth:
    house = pit.broker.house
    found = Truth(
        pit.clock.now(),
        house.orders(pit.clock.now() - timedelta(days=1)),
        {one.symbol: one.quantity for one in house.positions()},
        house.account().cash,
    )
    return evolve(found, **other)


@pytest.fixture
async def held(pit):
    """A position with its stop."""
    await pit.buy()
    await pit.wait(61)
    return pit


def about(pit, **other) -> str:
    return "; ".join(complaints(pit.trader, truth_of(pit, **other)))


async def test_a_protected_position_in_equal_books_is_as_it_shall_be(held):
    assert complaints(held.trader, truth_of(held)) == []


async def test_other_shares_and_other_money_are_seen(held):
    assert "positions: ours" in about(held, positions={"AAPL": D(7)})
    assert "cash: ours" in about(held, cash=D(7))
    assert "AAPL: -1 shares" in about(held, positions={"AAPL": D(-1)})


async def test_a_position_without_its_stop_is_seen_and_orders_without_a_position(held):
    orders = truth_of(held).orders
    bare = tuple(one for one in orders if one.stop is None)
    assert "open are" in about(held, orders=bare)
    assert "shares, open" in about(held, orders=bare)
    short = tuple(evolve(one, quantity=D(1)) if one.stop else one for one in orders)
    assert "shares, open" in about(held, orders=short)
    assert "AAPL: flat, and open are" in about(held, positions={})


async def test_an_order_or_an_entry_that_is_there_twice_is_seen(held):
    orders = truth_of(held).orders
    entry = next(one for one in orders if one.parent is None)
    assert "an order id is there twice" in about(held, orders=(*orders, entry))
    (ours,) = held.orders(Leg.ENTRY)
    held.trader.book.orders["other"] = evolve(ours, id="other")
    assert "2 entries" in about(held, orders=(*orders, evolve(entry, id="other")))


async def test_what_was_just_sent_to_close_it_is_as_good_as_a_stop(held):
    await held.wish(held.trader.flatten("enough"))
    assert any(one.status is Status.WORKING for one in held.orders(Leg.EXIT))
    assert complaints(held.trader, truth_of(held)) == []


async def test_a_trader_who_has_stopped_or_is_held_back_is_seen(held):
    held.broker.sneak("MSFT", "5", "100")
    await held.wait(130)
    assert "still held back" in about(held)
    await held.trader.stop()
    assert "it has stopped" in about(held)


async def test_a_fuse_spares_whoever_only_reads(held):
    fused = FusedJournal(held.journal, Fuse(left=0))
    name = held.orders(Leg.ENTRY)[0].id
    assert await fused.of_order(name) == await held.journal.of_order(name)
