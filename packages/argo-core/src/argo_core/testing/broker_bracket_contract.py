"""The promises of `Broker` about brackets; part of `BrokerContract`."""
# ruff: noqa: S101, PLR2004 - a contract is made of assertions about particular numbers

from contextlib import suppress
from decimal import Decimal

import pytest

from argo_core.errors import BrokerRefused
from argo_core.ports import Broker
from argo_core.testing.broker_world import AAPL, BrokerWorld, found, held, limit, market, stop
from argo_core.trading.broker_view import BrokerOrder
from argo_core.trading.order import Bracket, OrderType, Side, Status

D = Decimal
BRACKET = Bracket(D(95), D(110))
ENTRY = limit("entry", Side.BUY, 10, "101", bracket=BRACKET)


async def legs_of(broker: Broker, entry: BrokerOrder) -> tuple[BrokerOrder, BrokerOrder]:
    """The stop and the target, both of which must be open."""
    legs = {one.type: one for one in await broker.orders() if one.parent == entry.broker_id}
    assert set(legs) == {OrderType.STOP, OrderType.LIMIT}
    return legs[OrderType.STOP], legs[OrderType.LIMIT]


async def bought(world: BrokerWorld) -> tuple[BrokerOrder, BrokerOrder]:
    """Ten shares are held, and the two legs of their bracket live."""
    await world.quote(AAPL, D("99.90"), D("100.10"))
    entry = await world.broker.submit(ENTRY)
    await world.quote(AAPL, D("99.90"), D("100.10"))
    await world.settle()
    assert (await found(world.broker, "entry")).status is Status.FILLED
    return await legs_of(world.broker, entry)


class BracketPromises:
    """Legs are held until the entry is filled completely; then one of them cancels the other."""

    async def test_legs_are_held_until_the_entry_is_filled(self, world: BrokerWorld) -> None:
        await world.quote(AAPL, D("101.50"), D("101.70"))
        entry = await world.broker.submit(ENTRY)
        await world.settle()
        low, high = await legs_of(world.broker, entry)
        assert (low.status, high.status) == (Status.HELD, Status.HELD)
        assert (low.side, low.quantity, low.stop, low.limit) == (Side.SELL, D(10), D(95), None)
        assert (high.side, high.quantity, high.limit, high.stop) == (Side.SELL, D(10), D(110), None)
        assert len({low.id, high.id, "entry"}) == 3
        assert await found(world.broker, low.id) == low
        await world.quote(AAPL, D("99.90"), D("100.10"))
        await world.settle()
        low, high = await legs_of(world.broker, entry)
        assert (low.status, high.status) == (Status.WORKING, Status.WORKING)
        assert await held(world.broker) == {AAPL: 10}

    async def test_a_partly_filled_entry_keeps_its_legs_held(self, world: BrokerWorld) -> None:
        if not world.rations:
            pytest.skip("nothing limits the fills of this market")
        await world.quote(AAPL, D("99.90"), D("100.10"))
        entry = await world.broker.submit(ENTRY)
        await world.quote(AAPL, D("99.90"), D("100.10"), at_most=D(4))
        await world.settle()
        low, high = await legs_of(world.broker, entry)
        assert (low.status, high.status) == (Status.HELD, Status.HELD)
        await world.broker.cancel(entry.broker_id)
        await world.settle()
        for id_ in (low.id, high.id):
            assert (await found(world.broker, id_)).status is Status.CANCELLED
        # Nothing holds the four shares now, and they can be protected by themselves.
        await world.broker.submit(stop("own", Side.SELL, 4, "95"))
        await world.settle()
        assert [one.id for one in await world.broker.orders()] == ["own"]

    async def test_legs_are_cancelled_with_their_entry(self, world: BrokerWorld) -> None:
        await world.quote(AAPL, D("101.50"), D("101.70"))
        entry = await world.broker.submit(ENTRY)
        await world.settle()
        legs = await legs_of(world.broker, entry)
        await world.broker.cancel(entry.broker_id)
        await world.settle()
        for one in legs:
            assert (await found(world.broker, one.id)).status is Status.CANCELLED
        assert await world.broker.orders() == ()

    @pytest.mark.parametrize(("bid", "wins"), [("94.00", 0), ("110.50", 1)])
    async def test_one_leg_is_filled_and_the_other_is_cancelled(
        self, world: BrokerWorld, bid: str, wins: int
    ) -> None:
        legs = await bought(world)
        await world.quote(AAPL, D(bid), D(bid) + D("0.20"))
        await world.settle()
        filled = await found(world.broker, legs[wins].id)
        other = await found(world.broker, legs[1 - wins].id)
        assert (filled.status, filled.filled) == (Status.FILLED, D(10))
        assert (other.status, other.filled) == (Status.CANCELLED, D(0))
        assert await world.broker.positions() == ()
        assert await world.broker.orders() == ()

    async def test_a_bracket_may_have_no_target(self, world: BrokerWorld) -> None:
        await world.quote(AAPL, D("99.90"), D("100.10"))
        await world.broker.submit(limit("entry", Side.BUY, 10, "101", bracket=Bracket(D(95))))
        await world.quote(AAPL, D("99.90"), D("100.10"))
        await world.settle()
        (leg,) = await world.broker.orders()
        assert (leg.type, leg.stop, leg.status) == (OrderType.STOP, D(95), Status.WORKING)
        await world.quote(AAPL, D("94.00"), D("94.20"))
        await world.settle()
        assert await world.broker.positions() == ()

    async def test_legs_hold_the_shares_until_they_are_gone(self, world: BrokerWorld) -> None:
        low, high = await bought(world)
        with pytest.raises(BrokerRefused):
            await world.broker.submit(market("out", Side.SELL, 10))
        await world.broker.cancel(low.broker_id)
        await world.settle()
        with suppress(BrokerRefused):
            # Its broker may have cancelled it with the other leg.
            await world.broker.cancel(high.broker_id)
        await world.settle()
        await world.broker.submit(market("out2", Side.SELL, 10))
        await world.quote(AAPL, D("99.90"), D("100.10"))
        await world.settle()
        assert await world.broker.positions() == ()

    async def test_a_replaced_stop_is_still_a_leg(self, world: BrokerWorld) -> None:
        low, high = await bought(world)
        new = await world.broker.replace(low.broker_id, stop("higher", Side.SELL, 10, "97"))
        await world.settle()
        assert (await found(world.broker, low.id)).status is Status.REPLACED
        order = await found(world.broker, "higher")
        assert (order.broker_id, order.stop, order.status) == (new.broker_id, D(97), Status.WORKING)
        assert order.parent == low.parent
        await world.quote(AAPL, D("96.50"), D("96.70"))
        await world.settle()
        assert (await found(world.broker, "higher")).filled == 10
        assert (await found(world.broker, high.id)).status is Status.CANCELLED
        assert await world.broker.positions() == ()
