"""The promises of `Broker`, as tests. Inherit, and give the fixture `world`."""
# ruff: noqa: S101, PLR2004 - a contract is made of assertions about particular numbers

from decimal import Decimal

import pytest

from argo_core.errors import BrokerRefused
from argo_core.testing.broker_bracket_contract import BracketPromises
from argo_core.testing.broker_telling_contract import TellingPromises
from argo_core.testing.broker_world import (
    AAPL,
    UNKNOWN,
    BrokerWorld,
    at_100,
    found,
    held,
    limit,
    market,
    stop,
    with_shares,
)
from argo_core.trading.order import OrderType, Side, Status

D = Decimal
BUY, SELL = Side.BUY, Side.SELL


class BrokerContract(BracketPromises, TellingPromises):
    """A class of tests for one implementation; `world` is its fixture, new for each of them."""

    async def test_a_new_account_is_flat_and_has_its_capital(self, world: BrokerWorld) -> None:
        account = await world.broker.account()
        assert (account.cash, account.equity) == (world.capital, world.capital)
        assert account.buying_power == world.capital
        assert account.blocked is None
        assert await world.broker.positions() == ()
        assert await world.broker.orders() == ()

    async def test_an_id_nobody_sent_is_no_order(self, world: BrokerWorld) -> None:
        assert await world.broker.order("nobody-sent-this") is None

    async def test_an_order_is_there_as_it_was_asked_for(self, world: BrokerWorld) -> None:
        await at_100(world)
        placed = await world.broker.submit(limit("one", BUY, 10, "90.50"))
        await world.settle()
        order = await found(world.broker, "one")
        assert order.broker_id == placed.broker_id
        assert (order.id, order.symbol, order.side) == ("one", AAPL, BUY)
        assert (order.type, order.quantity) == (OrderType.LIMIT, D(10))
        assert (order.limit, order.stop) == (D("90.50"), None)
        assert (order.status, order.filled, order.average) == (Status.WORKING, D(0), None)
        assert (order.parent, order.replaces, order.replaced_by) == (None, None, None)
        assert await world.broker.orders() == (order,)

    async def test_the_same_id_never_makes_two_orders(self, world: BrokerWorld) -> None:
        await at_100(world)
        first = await world.broker.submit(limit("one", BUY, 10, "90"))
        await world.settle()
        again = await world.broker.submit(limit("one", BUY, 10, "90"))
        other = await world.broker.submit(limit("one", BUY, 5, "80"))
        assert first.broker_id == again.broker_id == other.broker_id
        assert (other.quantity, other.limit) == (D(10), D(90))
        assert len(await world.broker.orders()) == 1

    async def test_an_ended_order_is_found_by_its_id_again(self, world: BrokerWorld) -> None:
        await with_shares(world, 10)
        again = await world.broker.submit(market("shares", BUY, 10))
        assert (again.status, again.filled) == (Status.FILLED, D(10))
        await at_100(world)
        await world.settle()
        assert await held(world.broker) == {AAPL: 10}

    async def test_a_market_order_buys_at_the_ask_and_sells_at_the_bid(
        self, world: BrokerWorld
    ) -> None:
        await with_shares(world, 10)
        bought = await found(world.broker, "shares")
        assert (bought.status, bought.filled, bought.average) == (Status.FILLED, D(10), D("100.10"))
        account = await world.broker.account()
        assert account.cash == world.capital - 1001 - bought.fees
        (position,) = await world.broker.positions()
        assert (position.quantity, position.average) == (D(10), D("100.10"))
        await world.broker.submit(market("out", SELL, 10))
        await at_100(world)
        await world.settle()
        sold = await found(world.broker, "out")
        assert (sold.status, sold.average) == (Status.FILLED, D("99.90"))
        assert await world.broker.positions() == ()
        account = await world.broker.account()
        assert account.cash == account.equity == world.capital - 2 - bought.fees - sold.fees
        assert world.fees or bought.fees == sold.fees == 0

    async def test_a_limit_rests_until_the_market_comes(self, world: BrokerWorld) -> None:
        await at_100(world)
        await world.broker.submit(limit("one", BUY, 10, "99"))
        for bid, ask in (("99.90", "100.10"), ("98.90", "99.01")):
            await world.quote(AAPL, D(bid), D(ask))
            await world.settle()
            order = await found(world.broker, "one")
            assert (order.status, order.filled) == (Status.WORKING, D(0))
        await world.quote(AAPL, D("98.50"), D("98.70"))
        await world.settle()
        order = await found(world.broker, "one")
        assert (order.status, order.filled) == (Status.FILLED, D(10))
        assert order.average is not None
        assert D("98.70") <= order.average <= 99

    async def test_a_limit_to_sell_gets_no_less_than_its_price(self, world: BrokerWorld) -> None:
        await with_shares(world, 10)
        await world.broker.submit(limit("out", SELL, 10, "101"))
        await at_100(world)
        await world.settle()
        assert (await found(world.broker, "out")).status is Status.WORKING
        await world.quote(AAPL, D("101.20"), D("101.40"))
        await world.settle()
        order = await found(world.broker, "out")
        assert order.status is Status.FILLED
        assert order.average is not None
        assert 101 <= order.average <= D("101.20")

    async def test_a_stop_fills_where_the_market_is_not_where_it_was_put(
        self, world: BrokerWorld
    ) -> None:
        await with_shares(world, 10)
        await world.broker.submit(stop("stop", SELL, 10, "95"))
        await world.quote(AAPL, D("95.50"), D("95.70"))
        await world.settle()
        assert (await found(world.broker, "stop")).status is Status.WORKING
        await world.quote(AAPL, D("90.00"), D("90.20"))
        await world.settle()
        order = await found(world.broker, "stop")
        assert (order.status, order.filled, order.average) == (Status.FILLED, D(10), D(90))
        assert await world.broker.positions() == ()

    async def test_a_cancelled_order_ends_and_cannot_be_cancelled_again(
        self, world: BrokerWorld
    ) -> None:
        await at_100(world)
        placed = await world.broker.submit(limit("one", BUY, 10, "90"))
        await world.settle()
        await world.broker.cancel(placed.broker_id)
        await world.settle()
        assert (await found(world.broker, "one")).status is Status.CANCELLED
        assert await world.broker.orders() == ()
        with pytest.raises(BrokerRefused):
            await world.broker.cancel(placed.broker_id)
        await world.quote(AAPL, D(80), D("80.10"))
        await world.settle()
        assert await world.broker.positions() == ()
        assert (await world.broker.account()).buying_power == world.capital

    async def test_an_order_that_is_not_there_cannot_be_cancelled(self, world: BrokerWorld) -> None:
        with pytest.raises(BrokerRefused):
            await world.broker.cancel("00000000-0000-4000-8000-000000000000")

    async def test_a_fill_that_races_with_a_cancel_is_in_the_books_or_did_not_happen(
        self, world: BrokerWorld
    ) -> None:
        await at_100(world)
        placed = await world.broker.submit(limit("one", BUY, 10, "99"))
        await world.settle()
        await world.broker.cancel(placed.broker_id)
        await world.quote(AAPL, D("98.50"), D("98.70"))
        await world.settle()
        order = await found(world.broker, "one")
        assert order.status in {Status.CANCELLED, Status.FILLED}
        assert (await held(world.broker)).get(AAPL, D(0)) == order.filled

    async def test_a_partly_filled_order_keeps_what_it_has_when_it_is_cancelled(
        self, world: BrokerWorld
    ) -> None:
        if not world.rations:
            pytest.skip("nothing limits the fills of this market")
        await at_100(world)
        placed = await world.broker.submit(limit("one", BUY, 10, "101"))
        await world.quote(AAPL, D("99.90"), D("100.10"), at_most=D(4))
        await world.settle()
        order = await found(world.broker, "one")
        assert (order.status, order.filled, order.average) == (Status.WORKING, D(4), D("100.10"))
        await world.broker.cancel(placed.broker_id)
        await world.settle()
        order = await found(world.broker, "one")
        assert (order.status, order.filled) == (Status.CANCELLED, D(4))
        assert await held(world.broker) == {AAPL: 4}

    async def test_a_replaced_order_ends_and_names_the_new_one(self, world: BrokerWorld) -> None:
        await at_100(world)
        old = await world.broker.submit(limit("one", BUY, 10, "90"))
        await world.settle()
        new = await world.broker.replace(old.broker_id, limit("two", BUY, 6, "91"))
        await world.settle()
        ended, order = await found(world.broker, "one"), await found(world.broker, "two")
        assert (ended.status, ended.replaced_by) == (Status.REPLACED, new.broker_id)
        assert (order.broker_id, order.replaces) == (new.broker_id, old.broker_id)
        assert (order.status, order.quantity, order.limit) == (Status.WORKING, D(6), D(91))
        assert await world.broker.orders() == (order,)
        await world.quote(AAPL, D("89.90"), D("90.00"))
        await world.settle()
        assert await held(world.broker) == {AAPL: 6}

    async def test_replacing_again_finds_the_same_order(self, world: BrokerWorld) -> None:
        await at_100(world)
        old = await world.broker.submit(limit("one", BUY, 10, "90"))
        await world.settle()
        request = limit("two", BUY, 6, "91")
        new = await world.broker.replace(old.broker_id, request)
        await world.settle()
        again = await world.broker.replace(old.broker_id, request)
        assert again.broker_id == new.broker_id
        assert len(await world.broker.orders()) == 1

    async def test_an_ended_order_cannot_be_replaced(self, world: BrokerWorld) -> None:
        await with_shares(world, 10)
        ended = await found(world.broker, "shares")
        with pytest.raises(BrokerRefused):
            await world.broker.replace(ended.broker_id, market("two", BUY, 6))
        assert await world.broker.order("two") is None

    async def test_what_cannot_be_traded_is_refused_and_nothing_is_there(
        self, world: BrokerWorld
    ) -> None:
        await at_100(world)
        too_much = int(world.capital / 100) + 1
        for request in (
            limit("unknown", BUY, 1, "10", symbol=UNKNOWN),
            limit("poor", BUY, too_much, "100"),
            limit("fine", BUY, 1, "90.001"),
            limit("short", SELL, 1, "110"),
            market("shorter", SELL, 1),
        ):
            with pytest.raises(BrokerRefused):
                await world.broker.submit(request)
            assert await world.broker.order(request.id) is None
        assert await world.broker.orders() == ()

    async def test_open_orders_reserve_what_they_would_cost(self, world: BrokerWorld) -> None:
        await at_100(world)
        most = int(world.capital / 100)
        await world.broker.submit(limit("one", BUY, most - 1, "100"))
        await world.settle()
        assert (await world.broker.account()).buying_power < 200
        with pytest.raises(BrokerRefused):
            await world.broker.submit(limit("two", BUY, 3, "100"))

    async def test_shares_that_an_order_holds_cannot_be_sold_twice(
        self, world: BrokerWorld
    ) -> None:
        await with_shares(world, 10)
        placed = await world.broker.submit(stop("stop", SELL, 8, "95"))
        await world.settle()
        with pytest.raises(BrokerRefused):
            await world.broker.submit(market("out", SELL, 3))
        await world.broker.cancel(placed.broker_id)
        await world.settle()
        await world.broker.submit(market("out2", SELL, 10))
        await at_100(world)
        await world.settle()
        assert await world.broker.positions() == ()

    async def test_an_order_against_ones_own_stop_is_refused(self, world: BrokerWorld) -> None:
        await with_shares(world, 10)
        await world.broker.submit(stop("stop", SELL, 10, "95"))
        await world.settle()
        with pytest.raises(BrokerRefused):
            await world.broker.submit(market("more", BUY, 1))
