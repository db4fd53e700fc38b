"""How a position ends, and how it is protected until it has ended."""

from datetime import timedelta
from decimal import Decimal

import pytest

from argo_core.consensus.reasons import Direction
from argo_core.events import TradingAlarm
from argo_core.execution.policy import TradingPolicy
from argo_core.market.session import Phase
from argo_core.testing.fake_broker import Fault
from argo_core.testing.trading_stage import OPEN, quote_of, signal_of
from argo_core.trading.fact import ExitWanted, Trailed
from argo_core.trading.holding import ExitReason
from argo_core.trading.order import Leg, OrderType, Status
from argo_core.trading.state import TradingState

D = Decimal
HOLD_CLOSES = TradingPolicy(close_on=frozenset({Direction.SELL, Direction.HOLD}))
SLOW = TradingPolicy(tick_s=600)
TRAILING = TradingPolicy(trail=D("0.02"))


async def cut_off(pit, **more):
    """A position of a part of an entry, protected by a stop of our own."""
    await pit.price("AAPL", "100")
    await pit.signal(**more)
    await pit.wait(1)
    await pit.price("AAPL", "100", volume=D(100))
    await pit.wait(6)
    await pit.wait(1)
    (stop,) = pit.at_broker()
    return stop


async def test_the_brokers_stop_ends_a_position(pit):
    await pit.buy()
    await pit.price("AAPL", "97")
    assert pit.trader.book.quantity("AAPL") == 0
    assert pit.orders(Leg.EXIT) == []
    assert pit.trader.book.closed[-1].stopped
    await pit.wait(1)
    assert (pit.at_broker(), pit.trader.book.holdings) == ((), {})


async def test_the_brokers_target_ends_a_position(pit):
    await pit.buy()
    await pit.price("AAPL", "103.10")
    assert pit.trader.book.quantity("AAPL") == 0
    assert not pit.trader.book.closed[-1].stopped


async def test_the_engines_own_copy_of_the_stop_closes_where_the_brokers_does_not(pit):
    await pit.buy()
    await pit.wait(1)
    # The broker has not seen that price.
    pit.trader.observe(quote_of("AAPL", D("97.50"), pit.clock.now()))
    await pit.wait(0)
    assert pit.facts(ExitWanted)[-1].reason is ExitReason.STOP
    (exit_,) = pit.orders(Leg.EXIT)
    assert (exit_.request.type, exit_.request.quantity) == (OrderType.MARKET, 49)
    await pit.price("AAPL", "97.50")
    assert pit.trader.book.quantity("AAPL") == 0
    assert pit.trader.book.closed[-1].stopped


async def test_a_position_ends_with_its_horizon_though_nobody_quotes(pit):
    await pit.again(SLOW)
    await pit.buy()
    await pit.wait(1_201)
    assert pit.facts(ExitWanted)[-1].reason is ExitReason.TIME
    (order,) = pit.at_broker()
    assert order.type is OrderType.MARKET


async def test_sell_closes_what_was_bought_before(pit):
    await pit.buy()
    await pit.signal(direction=Direction.SELL)
    assert pit.trader.book.holdings["AAPL"].exit is ExitReason.SIGNAL
    assert [one.type for one in pit.at_broker()] == [OrderType.MARKET]


async def test_an_older_sell_leaves_a_position_as_it_is(pit):
    await pit.buy()
    pit.trader.taken_up([(1, signal_of("AAPL", pit.clock.now(), direction=Direction.SELL))])
    await pit.wait(1)
    assert pit.facts(ExitWanted) == []


async def test_hold_leaves_a_position_as_it_is_unless_an_operator_chose_otherwise(pit):
    await pit.buy()
    await pit.signal(direction=Direction.HOLD)
    assert pit.facts(ExitWanted) == []
    await pit.again(HOLD_CLOSES)
    await pit.signal(direction=Direction.HOLD, name="again")
    assert pit.facts(ExitWanted)[-1].reason is ExitReason.SIGNAL


async def test_a_stop_is_more_urgent_than_a_signal(pit):
    await pit.buy()
    await pit.wait(1)
    pit.broker.fail(Fault.AWAY_BEFORE, 50, "cancel")
    await pit.signal(direction=Direction.SELL)
    (asked,) = await pit.wish(pit.trader.flatten("enough", "AAPL"))
    assert asked == "AAPL"
    assert pit.trader.book.holdings["AAPL"].exit is ExitReason.FLATTEN


async def test_while_the_market_is_shut_a_position_keeps_its_stop(pit):
    await pit.again(SLOW)
    await pit.buy(horizon_s=9 * 3600)
    await pit.wait(10 * 3600)
    assert pit.trader.market.phase("AAPL", pit.clock.now()) is Phase.CLOSED
    assert pit.facts(ExitWanted)[-1].reason is ExitReason.TIME
    assert {one.type for one in pit.at_broker()} == {OrderType.STOP, OrderType.LIMIT}
    await pit.until(OPEN + timedelta(days=1, minutes=10))
    assert [one.type for one in pit.at_broker()] == [OrderType.MARKET]


async def test_a_lonely_price_at_night_ends_nothing(pit):
    await pit.again(SLOW)
    await pit.buy(horizon_s=48 * 3600)
    await pit.wait(6 * 3600)
    pit.trader.observe(quote_of("AAPL", D(90), pit.clock.now()))
    await pit.wait(1)
    assert pit.trader.market.phase("AAPL", pit.clock.now()) is Phase.POST
    assert pit.facts(ExitWanted) == []


async def test_what_is_held_of_a_symbol_that_is_not_followed_any_more_still_ends(pit):
    await pit.buy()
    await pit.again(SLOW)
    pit.trader.market.instruments = {}
    await pit.wait(1_201)
    await pit.price("AAPL", "100")
    assert pit.trader.failed is None
    assert pit.trader.book.quantity("AAPL") == 0


async def test_a_stop_that_is_refused_twice_closes_the_position(pit):
    await pit.price("AAPL", "100")
    await pit.signal()
    await pit.wait(1)
    await pit.price("AAPL", "100", volume=D(100))
    pit.broker.fail(Fault.REFUSED, 2, "submit")
    await pit.wait(6)
    await pit.wait(1)
    (refused,) = pit.orders(Leg.STOP, Status.REJECTED)
    assert pit.trader.book.state is TradingState.ACTIVE
    await pit.wait(6)
    assert len(pit.orders(Leg.STOP, Status.REJECTED)) == 2
    wanted = pit.facts(ExitWanted)[-1]
    assert wanted.reason is ExitReason.STOP
    assert refused.problem in wanted.why
    assert [one.type for one in pit.at_broker()] == [OrderType.MARKET]
    assert sum("stop refused" in one.problem for one in pit.said(TradingAlarm)) == 2


async def test_an_exit_that_is_refused_is_sent_again_after_a_rest(pit):
    await pit.buy()
    pit.broker.fail(Fault.REFUSED, 1, "submit")
    await pit.signal(direction=Direction.SELL)
    assert len(pit.orders(Leg.EXIT, Status.REJECTED)) == 1
    assert pit.at_broker() == ()
    await pit.wait(6)
    assert [one.type for one in pit.at_broker()] == [OrderType.MARKET]
    assert pit.at_broker()[0].id != pit.orders(Leg.EXIT, Status.REJECTED)[0].id


async def test_a_fill_that_came_before_the_cancel_is_heard_of(pit):
    stop = await cut_off(pit)
    pit.broker.dropping = True
    pit.broker.quote("AAPL", "97.95", "98.05")
    await pit.signal(direction=Direction.SELL)
    await pit.wait(1)
    # The stop had sold it all, so the cancel was refused and nothing is sold twice.
    assert pit.calls("cancel")[-1] == stop.broker_id
    assert pit.trader.book.quantity("AAPL") == 0
    assert (pit.at_broker(), pit.broker.house.positions()) == ((), ())
    assert pit.orders(Leg.EXIT) == []


async def test_a_fill_while_an_entry_is_cancelled_is_protected(pit):
    await pit.price("AAPL", "100")
    await pit.signal()
    pit.broker.dropping = True
    pit.broker.quote("AAPL", "99.95", "100.05")
    await pit.wait(6)
    # The cancel came too late.
    assert pit.trader.book.quantity("AAPL") == 49
    pit.broker.heal()
    await pit.wait(60)
    assert len(pit.orders(Leg.STOP, Status.WORKING)) == 1


async def test_an_unanswered_cancel_is_asked_again(pit):
    await pit.price("AAPL", "100")
    await pit.signal()
    pit.broker.fail(Fault.AWAY_BEFORE, 1, "cancel")
    await pit.wait(6)
    (entry,) = pit.orders(Leg.ENTRY)
    assert entry.status is Status.CANCELLING
    await pit.wait(11)
    assert pit.calls("cancel") == [entry.broker_id] * 2
    assert pit.orders(Leg.ENTRY, Status.CANCELLED)


async def test_an_order_that_was_to_be_cancelled_and_is_nowhere_counts_as_lost(pit):
    await cut_off(pit)
    house = pit.broker.house
    pit.broker.house = type(house)(pit.broker.settings, forgetting(house.dump()))
    await pit.signal(direction=Direction.SELL)
    (stop,) = pit.orders(Leg.STOP, Status.CANCELLING)
    for _ in range(3):
        await pit.wait(60)
    assert pit.trader.book.orders[stop.id].status is Status.LOST
    assert [one.type for one in pit.at_broker()] == [OrderType.MARKET]


def forgetting(state):
    """The broker's books without any order."""
    return type(state)(state.money, {}, state.positions, state.quotes)


async def test_a_trailing_stop_is_replaced_at_the_broker_by_one_nearer(pit):
    await pit.again(TRAILING)
    stop = await cut_off(pit, target="120")
    await pit.price("AAPL", "104")
    await pit.wait(1)
    assert pit.facts(Trailed)
    (new,) = pit.at_broker()
    assert (new.replaces, new.quantity) == (stop.broker_id, stop.quantity)
    assert new.stop > stop.stop
    assert pit.trader.book.orders[stop.id].status is Status.REPLACED


async def test_a_stop_that_was_hit_while_it_was_replaced_sells_once(pit):
    await pit.again(TRAILING)
    stop = await cut_off(pit, target="120")
    pit.broker.dropping = True
    pit.broker.quote("AAPL", "97.90", "98")
    pit.broker.fail(Fault.AWAY_BEFORE, 50, "orders")
    pit.trader.observe(quote_of("AAPL", D(104), pit.clock.now()))
    await pit.wait(1)
    # The replacement was refused, as the stop had sold everything: a look at it says so.
    (refused,) = pit.orders(Leg.STOP, Status.REJECTED)
    assert refused.replaces == stop.id
    assert pit.trader.book.orders[stop.id].status is Status.FILLED
    assert pit.trader.book.quantity("AAPL") == 0
    assert (pit.at_broker(), pit.broker.house.positions()) == ((), ())


async def test_a_replacement_without_an_answer_is_found_by_its_id(pit):
    await pit.again(TRAILING)
    await cut_off(pit, target="120")
    pit.broker.dropping = True
    pit.broker.fail(Fault.AWAY_AFTER, 1, "replace")
    await pit.price("AAPL", "104")
    await pit.wait(3)
    (new,) = pit.at_broker()
    assert pit.trader.book.orders[new.id].status is Status.WORKING
    assert len(pit.calls("replace")) == 1
    # That the old one has gone is heard of when the books are compared.
    await pit.wait(60)
    assert [one.id for one in pit.orders(Leg.STOP, Status.WORKING)] == [new.id]


async def test_a_replacement_that_never_got_there_is_sent_again_under_its_id(pit):
    await pit.again(TRAILING)
    await cut_off(pit, target="120")
    pit.broker.fail(Fault.AWAY_BEFORE, 1, "replace")
    await pit.price("AAPL", "104")
    await pit.wait(3)
    await pit.wait(3)
    assert len(pit.calls("replace")) == 2
    assert len(pit.at_broker()) == 1
    assert pit.at_broker()[0].replaces is not None


async def test_a_replacement_of_what_has_ended_meanwhile_is_given_up(pit):
    await pit.again(TRAILING)
    await cut_off(pit, target="120")
    pit.broker.fail(Fault.AWAY_BEFORE, 1, "replace")
    await pit.price("AAPL", "104")
    pit.broker.quote("AAPL", "97.90", "98")
    for _ in range(3):
        await pit.wait(3)
    assert pit.trader.book.quantity("AAPL") == 0
    assert len(pit.calls("replace")) == 1
    assert [one.status for one in pit.orders(Leg.STOP) if one.replaces] == [Status.LOST]


@pytest.mark.parametrize("cancelled", ["stop", "target"])
async def test_legs_that_somebody_else_cancels_make_room_for_a_stop_of_our_own(pit, cancelled):
    await pit.buy()
    kind = OrderType.STOP if cancelled == "stop" else OrderType.LIMIT
    (leg,) = [one for one in pit.at_broker() if one.type is kind]
    pit.broker.manual_cancel(leg.broker_id)
    await pit.wait(1)
    (stop,) = pit.at_broker()
    assert (stop.type, stop.quantity) == (OrderType.STOP, 49)


async def test_a_look_that_leads_to_many_others_gives_way_between_them(pit, monkeypatch):
    monkeypatch.setattr("argo_core.execution.desk.ROUNDS", 1)
    await pit.buy()
    pit.trader.observe(quote_of("AAPL", D("97.50"), pit.clock.now() + timedelta(seconds=1)))
    await pit.trader.settled()
    assert [one.type for one in pit.at_broker()] == [OrderType.MARKET]


async def test_a_price_that_comes_late_is_none(pit):
    await pit.buy()
    await pit.wait(1)
    pit.trader.observe(quote_of("AAPL", D(97), pit.clock.now() - timedelta(seconds=20)))
    await pit.wait(0)
    assert pit.facts(ExitWanted) == []
    assert pit.trader.book.marks["AAPL"] == 100
