"""Orders without an answer: they are looked for, and none is ever made twice."""

import asyncio
from decimal import Decimal

import pytest

from argo_core.errors import BrokerThrottled
from argo_core.events import TradingAlarm
from argo_core.testing.fake_broker import Fault
from argo_core.trading.fact import ExitWanted, Refused
from argo_core.trading.order import Leg, Status

D = Decimal


@pytest.mark.parametrize("fault", [Fault.AWAY_AFTER, Fault.GARBLED_AFTER])
async def test_an_order_that_got_there_without_an_answer_is_found_by_its_id(pit, fault):
    await pit.price("AAPL", "100")
    pit.broker.dropping = True
    pit.broker.fail(fault, 1, "submit")
    await pit.signal()
    (entry,) = pit.orders(Leg.ENTRY)
    assert entry.status is Status.INTENDED
    await pit.wait(3)
    (found,) = pit.orders(Leg.ENTRY, Status.WORKING)
    assert found.id == entry.id
    assert pit.calls("submit") == [entry.id]
    assert pit.calls("order") == [entry.id]


async def test_a_stop_that_is_not_found_twice_is_sent_again_under_the_same_id(pit):
    await partly(pit)
    pit.broker.fail(Fault.AWAY_BEFORE, 1, "submit")
    await pit.wait(6)
    (stop,) = pit.orders(Leg.STOP, Status.INTENDED)
    await pit.wait(4)
    assert pit.calls("order") == [stop.id] * 2
    assert pit.calls("submit")[1:] == [stop.id] * 2
    assert [one.id for one in pit.at_broker()] == [stop.id]


async def test_an_order_that_never_gets_there_is_given_up_after_three_times(pit):
    await partly(pit)
    pit.broker.fail(Fault.AWAY_BEFORE, 3, "submit")
    await pit.wait(6)
    (stop,) = pit.orders(Leg.STOP, Status.INTENDED)
    await pit.wait(20)
    assert pit.calls("submit").count(stop.id) == 3
    assert pit.trader.book.orders[stop.id].status is Status.LOST
    # The position is not left alone for that.
    (other,) = pit.at_broker()
    assert (other.stop, other.quantity) == (D(98), pit.trader.book.quantity("AAPL"))
    assert other.id != stop.id


async def test_an_entry_that_nobody_waits_for_any_more_is_not_sent_again(pit):
    await pit.price("AAPL", "100")
    pit.broker.fail(Fault.AWAY_BEFORE, 1, "submit")
    pit.broker.fail(Fault.AWAY_BEFORE, 1, "order")
    await pit.signal()
    await pit.wait(10)
    (entry,) = pit.orders(Leg.ENTRY)
    assert entry.status is Status.LOST
    assert pit.calls("submit") == [entry.id]
    assert pit.facts(Refused)[-1].lost
    assert len(pit.said(TradingAlarm)) == 2


async def test_an_entry_is_not_sent_again_once_trading_was_halted(pit):
    await pit.price("AAPL", "100")
    pit.broker.fail(Fault.AWAY_BEFORE, 1, "submit")
    await pit.signal()
    await pit.wish(pit.trader.halt("enough"))
    await pit.wait(4)
    assert pit.calls("submit") == [pit.orders(Leg.ENTRY)[0].id]
    assert pit.orders(Leg.ENTRY, Status.LOST)


async def test_an_entry_in_doubt_is_cancelled_once_it_is_found(pit):
    await pit.price("AAPL", "100")
    pit.broker.dropping = True
    pit.broker.fail(Fault.AWAY_AFTER, 1, "submit")
    await pit.signal()
    asked = await pit.wish(pit.trader.flatten("enough", "AAPL"))
    assert asked == ("AAPL",)
    # There is no id of the broker's by which it could be cancelled yet.
    assert pit.calls("cancel") == []
    await pit.wait(10)
    assert pit.at_broker() == ()
    # Its end was told to nobody, and is seen when the books are compared.
    await pit.wait(60)
    assert pit.orders(Leg.ENTRY, Status.CANCELLED)


async def test_an_entry_in_doubt_that_is_to_be_closed_is_not_sent_again(pit):
    await pit.price("AAPL", "100")
    pit.broker.fail(Fault.AWAY_BEFORE, 1, "submit")
    await pit.signal()
    await pit.wish(pit.trader.flatten("enough", "AAPL"))
    await pit.wait(10)
    assert len(pit.calls("submit")) == 1
    assert pit.orders(Leg.ENTRY, Status.LOST)


async def test_a_stop_that_does_not_fit_any_more_is_not_sent_again(pit):
    await partly(pit)
    pit.broker.fail(Fault.AWAY_BEFORE, 1, "submit")
    await pit.wait(6)
    (stop,) = pit.orders(Leg.STOP, Status.INTENDED)
    pit.trader.book.positions["AAPL"] = type(pit.trader.book.positions["AAPL"])(D(1), D(100))
    await pit.wait(4)
    assert pit.calls("submit").count(stop.id) == 1
    assert pit.trader.book.orders[stop.id].status is Status.LOST


async def test_what_a_life_before_left_in_doubt_is_settled_at_once(pit):
    await pit.price("AAPL", "100")
    pit.broker.dropping = True
    pit.broker.fail(Fault.AWAY_AFTER, 1, "submit")
    await pit.signal()
    (entry,) = pit.orders(Leg.ENTRY)
    pit.broker.heal()
    await pit.restart()
    assert pit.trader.book.orders[entry.id].status is Status.WORKING
    assert pit.calls("submit") == [entry.id]


async def test_a_broker_that_is_throttled_is_left_alone_for_as_long_as_it_asks(pit):
    await partly(pit)
    pit.broker.fail(Fault.THROTTLED, 1, "cancel")
    await pit.wait(4)
    calls = len(pit.broker.calls)
    await pit.wait(0.5)
    assert len(pit.broker.calls) == calls


@pytest.mark.parametrize(("asked", "rests"), [(None, 5), (30.0, 30), (86_400.0, 300)])
async def test_a_rest_is_never_long(pit, asked, rests):
    await partly(pit)
    submit = pit.broker.submit

    async def throttled(request):
        pit.broker.submit = submit
        raise BrokerThrottled("fake", "slow down", asked)

    pit.broker.submit = throttled
    await pit.wait(5)
    began = pit.clock.now() - pit.orders(Leg.STOP, Status.INTENDED)[0].placed_at
    calls = len(pit.broker.calls)
    await pit.wait(rests - began.total_seconds() - 0.5)
    assert len(pit.broker.calls) == calls
    await pit.wait(2)
    assert len(pit.broker.calls) > calls


async def test_what_was_throttled_is_sent_afterwards(pit):
    await partly(pit)
    pit.broker.fail(Fault.THROTTLED, 1, "submit")
    await pit.wait(6)
    (stop,) = pit.orders(Leg.STOP, Status.INTENDED)
    await pit.wait(6)
    assert [one.id for one in pit.at_broker()] == [stop.id]


async def test_an_entry_is_not_sent_while_the_broker_wants_to_be_left_alone(pit):
    await pit.price("AAPL", "100")
    await pit.price("MSFT", "100")
    pit.broker.fail(Fault.THROTTLED, 1, "submit")
    await pit.signal("AAPL")
    await pit.signal("MSFT")
    assert len(pit.calls("submit")) == 1
    assert len(pit.orders(Leg.ENTRY, Status.INTENDED)) == 2
    await pit.wait(12)
    assert {one.status for one in pit.orders(Leg.ENTRY)} <= {Status.CANCELLED, Status.LOST}
    assert pit.at_broker() == ()


async def test_steps_stop_where_the_broker_begins_to_rest(pit):
    await pit.buy("AAPL")
    await pit.buy("MSFT")
    pit.broker.fail(Fault.THROTTLED, 1, "cancel")
    asking = asyncio.ensure_future(pit.trader.flatten("enough"))
    await pit.clock.settle()
    assert len(pit.calls("cancel")) == 1
    assert await asking == ("AAPL", "MSFT")
    await pit.wait(15)
    assert {one.symbol for one in pit.at_broker()} == {"AAPL", "MSFT"}
    assert {one.leg for one in pit.trader.book.open_orders()} == {Leg.EXIT}


async def test_a_call_that_hangs_is_given_up_and_looked_up(pit):
    await pit.price("AAPL", "100")
    pit.broker.seconds = 60
    await pit.signal()
    assert pit.orders(Leg.ENTRY, Status.INTENDED)
    await pit.clock.advance(16)
    pit.broker.seconds = 0
    assert any("no answer within 15 s" in one.problem for one in pit.said(TradingAlarm))
    await pit.wait(30)
    assert pit.orders(Leg.ENTRY, Status.LOST)
    assert pit.facts(ExitWanted) == []


async def partly(pit):
    """A part of an entry is filled, which will be cut off soon."""
    await pit.price("AAPL", "100")
    await pit.signal()
    await pit.wait(1)
    await pit.price("AAPL", "100", volume=D(100))
