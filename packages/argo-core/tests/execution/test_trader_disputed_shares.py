"""Where the broker has fewer shares than our book, those that are there are protected and sold."""

from decimal import Decimal

from argo_core.trading.order import Leg, Status
from argo_core.trading.state import Cause

D = Decimal


async def sold_by_hand(pit, left: str) -> None:
    """Somebody sells most of what was bought, and two comparisons find it."""
    await pit.buy()
    assert pit.trader.book.quantity("AAPL") == 49
    for leg in pit.at_broker():
        if leg.stop is not None:
            pit.broker.manual_cancel(leg.broker_id)
    pit.broker.sneak("AAPL", left, "100")
    await pit.wait(150)
    assert Cause.DRIFT in pit.trader.book.causes


async def test_the_stop_is_for_the_shares_that_are_there(pit):
    await sold_by_hand(pit, "10")
    (stop,) = [one for one in pit.at_broker() if one.stop is not None]
    assert (stop.quantity, stop.status) == (10, Status.WORKING)


async def test_what_is_there_can_be_closed(pit):
    await sold_by_hand(pit, "10")
    await pit.wish(pit.trader.flatten("somebody else trades here"))
    for _ in range(3):
        await pit.wait(2)
        await pit.price("AAPL", "100")
    assert [one.quantity for one in pit.broker.house.positions()] == []
    assert sum(one.filled for one in pit.orders(Leg.EXIT)) == 10
    await pit.wait(150)
    assert pit.at_broker() == ()
    assert pit.trader.book.quantity("AAPL") == 39


async def test_of_shares_that_are_gone_nothing_is_sold(pit):
    await sold_by_hand(pit, "0")
    await pit.wait(150)
    assert pit.at_broker() == ()
    assert pit.orders(Leg.EXIT) == []
    assert "AAPL" in pit.trader.book.causes[Cause.DRIFT][1]
