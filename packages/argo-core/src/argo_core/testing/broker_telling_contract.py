"""The promises of `Broker` about what it tells and goes on knowing; part of `BrokerContract`."""
# ruff: noqa: S101, PLR2004 - a contract is made of assertions about particular numbers

from datetime import timedelta
from decimal import Decimal

from attrs import evolve

from argo_core.testing.broker_world import (
    AAPL,
    MSFT,
    BrokerWorld,
    at_100,
    found,
    held,
    limit,
    listening,
    market,
    stop,
    with_shares,
)
from argo_core.trading.broker_view import StreamGap
from argo_core.trading.order import Side, Status

D = Decimal
BUY, SELL = Side.BUY, Side.SELL


class TellingPromises:
    """Orders, updates and money say the same, and go on saying it after a restart."""

    async def test_orders_are_the_open_ones_and_those_that_changed_since(
        self, world: BrokerWorld
    ) -> None:
        await with_shares(world, 10)
        await world.broker.submit(limit("open", BUY, 1, "90"))
        await world.settle()
        await world.pass_s(5)
        since = world.now() - timedelta(seconds=1)
        assert [one.id for one in await world.broker.orders()] == ["open"]
        assert [one.id for one in await world.broker.orders(since)] == ["open"]
        await world.pass_s(5)
        await world.quote(MSFT, D(50), D(51))
        await world.broker.submit(market("new", BUY, 1, MSFT))
        await world.quote(MSFT, D(50), D(51))
        await world.settle()
        assert {one.id for one in await world.broker.orders(since)} == {"open", "new"}
        assert [one.id for one in await world.broker.orders()] == ["open"]
        everything = await world.broker.orders(since - timedelta(hours=1))
        assert {one.id for one in everything} == {"shares", "open", "new"}

    async def test_updates_begin_with_a_gap_and_tell_fills_by_their_ids(
        self, world: BrokerWorld
    ) -> None:
        await at_100(world)
        async with listening(world.broker) as heard:
            await world.broker.submit(limit("one", BUY, 10, "101"))
            await world.quote(AAPL, D("99.90"), D("100.10"), at_most=D(4))
            await world.quote(AAPL, D("99.90"), D("100.10"))
            await world.settle()
            order = await found(world.broker, "one")
            fills = heard.executions("one")
            assert isinstance(heard.messages[0], StreamGap)
            assert sum(one.quantity for one in fills) == order.filled == 10
            assert sum(one.quantity * one.price for one in fills) == 10 * (order.average or 0)
            assert sum(one.fee for one in fills) == order.fees
            assert max(one.order.filled for one in heard.updates) == 10
            assert len(fills) == 2 or not world.rations

    async def test_updates_tell_an_order_that_ends_without_a_fill(self, world: BrokerWorld) -> None:
        await at_100(world)
        async with listening(world.broker) as heard:
            placed = await world.broker.submit(limit("one", BUY, 10, "90"))
            await world.settle()
            await world.broker.cancel(placed.broker_id)
            await world.settle()
            told = [one for one in heard.updates if one.order.id == "one"]
            assert told[-1].order.status is Status.CANCELLED
            assert all(one.execution is None for one in told)

    async def test_cash_and_equity_are_what_the_fills_add_up_to(self, world: BrokerWorld) -> None:
        await world.quote(MSFT, D("49.95"), D("50.05"))
        await with_shares(world, 10)
        await world.broker.submit(market("other", BUY, 20, MSFT))
        await world.quote(MSFT, D("49.95"), D("50.05"))
        await world.settle()
        await world.broker.submit(market("some", SELL, 4))
        await world.quote(AAPL, D("103.00"), D("103.20"))
        await world.settle()
        orders = [await found(world.broker, id) for id in ("shares", "other", "some")]  # noqa: A001
        spent = sum(one.side.sign * one.filled * (one.average or 0) + one.fees for one in orders)
        account = await world.broker.account()
        assert account.cash == world.capital - spent
        assert await held(world.broker) == {AAPL: 6, MSFT: 20}
        low = account.cash + 6 * D("103.00") + 20 * D("49.95")
        high = account.cash + 6 * D("103.20") + 20 * D("50.05")
        assert low <= account.equity <= high

    async def test_a_restart_forgets_nothing(self, world: BrokerWorld) -> None:
        await with_shares(world, 10)
        await world.broker.submit(stop("stop", SELL, 10, "95"))
        await world.settle()
        before = [await found(world.broker, "stop"), await found(world.broker, "shares")]
        positions, account = await world.broker.positions(), await world.broker.account()
        await world.restart()
        after = [await found(world.broker, "stop"), await found(world.broker, "shares")]
        assert after == before
        assert await world.broker.positions() == positions
        assert await world.broker.account() == account
        again = await world.broker.submit(evolve(stop("stop", SELL, 10, "95"), quantity=D(5)))
        assert again.broker_id == before[0].broker_id
        async with listening(world.broker) as heard:
            await world.quote(AAPL, D("90.00"), D("90.20"))
            await world.settle()
            assert isinstance(heard.messages[0], StreamGap)
            assert sum(one.quantity for one in heard.executions("stop")) == 10
        assert await world.broker.positions() == ()

    async def test_execution_ids_are_never_used_again(self, world: BrokerWorld) -> None:
        ids: list[str] = []
        for name in ("one", "two"):
            async with listening(world.broker) as heard:
                await at_100(world)
                await world.broker.submit(market(name, BUY, 1))
                await at_100(world)
                await world.settle()
                ids += [one.id for one in heard.executions(name)]
            await world.restart()
        assert len(set(ids)) == len(ids) == 2
