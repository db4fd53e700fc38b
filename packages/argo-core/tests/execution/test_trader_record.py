"""What was traded goes into the record, each thing once; and what a trader shows of itself."""

from decimal import Decimal

from argo_core.consensus.reasons import Direction
from argo_core.events import OrderEnded, OrderPlaced, TradingAlarm
from argo_core.testing.fake_broker import Fault
from argo_core.trading.fact import Recorded
from argo_core.trading.order import Leg, Status
from argo_core.trading.trade import TradeEvent

D = Decimal


async def test_trades_are_handed_over_once_in_a_life(pit):
    assert pit.trader.due() == ()
    await pit.buy()
    due = pit.trader.due()
    assert [one.event for one in due].count(TradeEvent.FILLED) == 1
    assert [one.event for one in due].count(TradeEvent.SUBMITTED) == 3
    assert {one.signal_index for one in due} == {1}
    assert pit.trader.due() == ()
    await pit.signal(direction=Direction.SELL)
    assert {one.event for one in pit.trader.due()} == {TradeEvent.CANCELLED, TradeEvent.SUBMITTED}


async def test_what_the_log_has_is_never_handed_over_again(pit):
    await pit.buy()
    due = pit.trader.due()
    assert pit.trader.recorded == 0
    pit.trader.logged({one.number: 10 + place for place, one in enumerate(due[:2])})
    await pit.wait(0)
    assert pit.trader.recorded == 12
    await pit.restart()
    assert pit.trader.recorded == 12
    assert pit.trader.due() == due[2:]


async def test_what_nobody_can_say_of_is_handed_over_again_after_a_restart(pit):
    await pit.buy()
    due = pit.trader.due()
    await pit.restart()
    assert pit.trader.due() == due


async def test_the_last_that_the_log_has_taken_is_noted_at_the_end(pit):
    await pit.buy()
    due = pit.trader.due()
    pit.trader.logged({one.number: 10 + place for place, one in enumerate(due)})
    await pit.trader.stop()
    assert len(pit.facts(Recorded)) == 1
    await pit.restart()
    assert pit.trader.due() == ()


async def test_an_alarm_at_the_end_says_that_it_could_not_be_noted(pit):
    await pit.buy()
    pit.trader.logged({pit.trader.due()[0].number: 10})
    pit.journal.fail_before = True
    await pit.trader.stop()
    assert "trading has stopped" in pit.said(TradingAlarm)[-1].problem


async def test_an_order_that_was_given_up_and_turns_up_is_told_as_placed(pit):
    await pit.price("AAPL", "100")
    submit, sent = pit.broker.submit, []

    async def late(request):
        sent.append(request)
        pit.broker.fail(Fault.AWAY_BEFORE, 1, "submit")
        return await submit(request)

    pit.broker.submit = late
    await pit.signal()
    await pit.wait(15)
    assert pit.orders(Leg.ENTRY, Status.LOST)
    assert [one.status for one in pit.said(OrderEnded)] == [Status.LOST]
    assert pit.said(OrderPlaced) == []
    # It had been on its way all the time.
    pit.broker.house.submit(sent[0], pit.clock.now())
    pit.broker.quote("AAPL", "100.50", "100.60")
    await pit.wait(1)
    assert pit.said(OrderPlaced)[0].order_id == sent[0].id
    await pit.wait(1)
    # Nobody waits for it any more.
    assert pit.at_broker() == ()


async def test_a_trader_shows_how_it_stands(pit):
    await pit.buy()
    view = pit.trader.view()
    assert view.positions == {"AAPL": 49}
    assert pit.trader.limits is pit.trader.policy.limits
    margins = pit.trader.margins(pit.clock.now())
    assert "daily_loss" in {one.rule for one in margins}
    assert pit.trader.name == "fake"
    assert pit.trader.armed("MSFT") == 0
