"""By which prices the account is valued, and from when its losses are counted."""

from datetime import timedelta
from decimal import Decimal

import pytest

from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.testing.trading_stage import OPEN, signal_of
from argo_core.trading.denial import Denial
from argo_core.trading.fact import DayClosed, ExitWanted, HighWater
from argo_core.trading.order import Leg

D = Decimal
AAPL = Symbol("AAPL")
CLOSE = OPEN + timedelta(hours=6.5)


def quoted(pit, price: str, bid: str | None, ask: str | None, age_s: float = 0) -> Quote:
    now = pit.clock.now()
    sides = (None if one is None else D(one) for one in (bid, ask))
    return Quote(AAPL, D(price), now - timedelta(seconds=age_s), now, "fake", *sides)


@pytest.mark.parametrize(
    ("price", "bid", "ask"),
    [("5050", "100", "10000"), ("50", "0.01", "100"), ("0.01", "0.01", None)],
)
async def test_a_lonely_side_between_cycles_is_neither_a_gain_nor_a_loss_nor_an_exit(
    pit, price, bid, ask
):
    await pit.buy()
    before = pit.trader.book.marks[AAPL]
    pit.trader.observe(quoted(pit, price, bid, ask))
    await pit.wait(1)
    assert pit.trader.book.marks[AAPL] == before
    assert (pit.trader.book.causes, pit.facts(HighWater), pit.facts(ExitWanted)) == ({}, [], [])
    # An entry is denied by it all the same.
    assert pit.trader.market.quotes[AAPL].price == D(price)


async def test_a_wide_quote_of_a_cycle_counts_as_its_last_trade(pit):
    await pit.buy()
    pit.quotes[AAPL] = quoted(pit, "100.01", "50", "150")
    pit.trader.seen(pit.indices.seen(pit.clock.now(), dict(pit.quotes)))
    await pit.wait(1)
    assert pit.trader.book.marks[AAPL] == D("100.01")


async def test_an_older_price_values_nothing(pit):
    await pit.buy()
    await pit.wait(5)
    pit.trader.observe(quoted(pit, "101", "100.95", "101.05"))
    await pit.wait(1)
    pit.quotes[AAPL] = quoted(pit, "99", "98.95", "99.05", age_s=3)
    pit.trader.seen(pit.indices.seen(pit.clock.now(), dict(pit.quotes)))
    await pit.wait(1)
    assert pit.trader.book.marks[AAPL] == D("101.00")


async def test_a_price_of_the_future_values_nothing(pit):
    await pit.buy()
    before = pit.trader.book.marks[AAPL]
    pit.trader.observe(quoted(pit, "101", "100.95", "101.05", age_s=-60))
    await pit.wait(1)
    assert pit.trader.book.marks[AAPL] == before


async def test_a_price_that_no_share_has_ends_nothing(pit):
    await pit.buy()
    before = pit.trader.book.marks[AAPL]
    pit.trader.observe(quoted(pit, "9e14", "9e14", "9e14"))
    await pit.wait(1)
    assert (pit.trader.failed, pit.trader.book.marks[AAPL]) == (None, before)


async def test_nothing_is_opened_while_something_held_has_no_price(pit):
    await pit.buy()
    await pit.restart()
    pit.quotes.clear()
    await pit.price("MSFT", "100", signal_of("MSFT", pit.clock.now()))
    (denied,) = pit.trader.book.denied
    assert Denial.MARK_MISSING in denied.denials
    await pit.wait(1)
    await pit.price("AAPL", "100")
    await pit.price("MSFT", "100", signal_of("MSFT", pit.clock.now()))
    assert {one.request.symbol for one in pit.orders(Leg.ENTRY)} == {AAPL, "MSFT"}


@pytest.mark.parametrize("amount", [D(-20_000), D(20_000)])
async def test_money_that_came_after_a_close_that_nobody_saw_is_counted_once(pit, amount):
    pit.trader.abandon()
    await pit.clock.advance((CLOSE - pit.clock.now()).total_seconds() + 3_600)
    pit.broker.house.deposit(amount, pit.clock.now())
    await pit.clock.advance(60)
    await pit.restart()
    await pit.wait(1)
    book = pit.trader.book
    (closed,) = [one for one in pit.facts(DayClosed) if one.at == CLOSE]
    assert (closed.equity, book.flowed) == (100_000, amount)
    assert book.opened + book.flowed == book.equity
    assert book.causes == {}
