"""From a signal to an entry: allowed or denied, once, and filled, in part or not at all."""

from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from argo_core.consensus.reasons import Direction
from argo_core.events import OrderDenied, OrderEnded, OrderFilled, OrderPlaced, TradingAlarm
from argo_core.execution.policy import TradingPolicy
from argo_core.market.instrument import instrument
from argo_core.testing.trading_stage import signal_of
from argo_core.trading.denial import Denial
from argo_core.trading.fact import Intended, Judged
from argo_core.trading.holding import ExitReason
from argo_core.trading.limits import RiskLimits
from argo_core.trading.order import Leg, OrderType, Status
from argo_core.trading.state import TradingState

D = Decimal
SHORT = TradingPolicy(limits=RiskLimits(short_selling=True))


async def test_a_signal_becomes_a_position_with_a_stop_at_the_broker(pit):
    assert pit.trader.is_ready
    assert pit.trader.book.state is TradingState.ACTIVE
    await pit.buy()
    (entry,) = pit.orders(Leg.ENTRY)
    assert entry.status is Status.FILLED
    assert pit.trader.book.quantity("AAPL") == entry.request.quantity > 0
    (stop,) = pit.orders(Leg.STOP, Status.WORKING)
    assert (stop.request.type, stop.request.stop) == (OrderType.STOP, D(98))
    assert stop.request.quantity == entry.request.quantity
    assert entry.certificate is not None
    assert entry.certificate.allowed
    assert pit.trader.armed("AAPL") == entry.request.quantity
    assert [one.leg for one in pit.said(OrderPlaced)] == [Leg.ENTRY, Leg.STOP, Leg.TARGET]
    assert [one.quantity for one in pit.said(OrderFilled)] == [entry.request.quantity]
    assert [one.status for one in pit.said(OrderEnded)] == [Status.FILLED]


async def test_what_the_broker_is_asked_for_is_a_piece_of_work_each(pit):
    await pit.buy()
    orders = pit.tracer.named("order")
    assert orders[0].attributes == {"leg": "entry"}
    assert len(orders) == len(pit.calls("submit")) == 1


async def test_an_entry_is_limited_a_little_beyond_what_is_asked(pit):
    await pit.price("AAPL", "100")
    signal = await pit.signal()
    (entry,) = pit.orders(Leg.ENTRY)
    assert entry.request.limit == D("100.11")
    assert entry.request.bracket.stop == signal.stop
    assert entry.request.bracket.target == signal.target
    # 0.5 % of 100,000 at risk would be 236 shares; an order is 5 % of equity at most.
    assert entry.request.quantity == 49


async def test_a_signal_is_denied_with_every_reason_and_nothing_is_sent(pit):
    await pit.price("AAPL", "100")
    signal = await pit.signal(stop="101")
    assert pit.calls("submit") == []
    (denied,) = pit.said(OrderDenied)
    assert denied.denials == (Denial.TOO_SMALL, Denial.STOP_MISSING)
    (certificate,) = pit.trader.book.denied
    assert (certificate.signal_id, certificate.allowed) == (signal.id, False)


async def test_a_signal_whose_target_the_price_has_reached_is_not_followed(pit):
    await pit.price("AAPL", "103")
    await pit.signal(mid="103", target="103")
    (denied,) = pit.said(OrderDenied)
    assert denied.denials == (Denial.TARGET_PASSED,)


async def test_without_a_price_the_signal_is_judged_by_its_own_and_denied(pit):
    pit.trader.seen(pit.indices.seen(pit.clock.now(), {}, signal_of("AAPL", pit.clock.now())))
    await pit.wait(0)
    (certificate,) = pit.trader.book.denied
    assert Denial.QUOTE_MISSING in certificate.denials


@pytest.mark.parametrize("direction", [Direction.SELL, Direction.HOLD])
async def test_where_nothing_is_held_only_buy_does_anything(pit, direction):
    await pit.price("AAPL", "100")
    await pit.signal(direction=direction)
    assert (pit.facts(Judged), pit.facts(Intended)) == ([], [])


async def test_a_signal_of_a_symbol_that_is_not_followed_leads_to_nothing(pit):
    await pit.signal("TSLA")
    assert (pit.trader.failed, pit.facts(Judged)) == (None, [])


async def test_a_signal_that_was_followed_is_not_followed_again_after_a_restart(pit):
    await pit.price("AAPL", "100")
    signal = await pit.signal()
    await pit.restart((1, signal))
    await pit.price("AAPL", "100")
    assert len(pit.facts(Intended)) == len(pit.orders(Leg.ENTRY)) == 1


async def test_a_signal_that_was_denied_is_not_judged_again_after_a_restart(pit):
    await pit.price("AAPL", "100")
    signal = await pit.signal(stop="101")
    await pit.restart((1, signal))
    assert len(pit.facts(Judged)) == 1


async def test_a_signal_that_nobody_had_seen_is_followed_after_a_restart(pit):
    await pit.price("AAPL", "100")
    await pit.restart()
    await pit.price("AAPL", "100")
    pit.trader.taken_up([(7, signal_of("AAPL", pit.clock.now()))])
    await pit.wait(0)
    (entry,) = pit.orders(Leg.ENTRY)
    assert entry.signal_index == 7


async def test_an_entry_that_is_not_filled_in_time_is_cancelled_with_its_legs(pit):
    await pit.price("AAPL", "100")
    await pit.signal()
    await pit.wait(4)
    assert len(pit.at_broker()) == 3
    await pit.wait(3)
    assert pit.at_broker() == ()
    assert [one.status for one in pit.orders(Leg.ENTRY)] == [Status.CANCELLED]
    assert pit.trader.book.holdings == {}


async def test_a_partly_filled_entry_keeps_its_legs_held_and_then_gets_a_stop_of_its_own(pit):
    await pit.price("AAPL", "100")
    await pit.signal()
    await pit.wait(1)
    await pit.price("AAPL", "100", volume=D(100))
    filled = pit.trader.book.quantity("AAPL")
    assert 0 < filled < 49
    assert len(pit.orders(Leg.STOP, Status.HELD)) == 1
    assert pit.trader.armed("AAPL") == filled
    await pit.wait(6)
    await pit.wait(1)
    (stop,) = pit.at_broker()
    assert (stop.type, stop.quantity, stop.stop) == (OrderType.STOP, filled, D(98))
    (own,) = pit.orders(Leg.STOP, Status.WORKING)
    assert own.parent is None


async def test_one_entry_at_a_time(pit):
    await pit.price("AAPL", "100")
    await pit.signal()
    await pit.signal(name="another")
    assert len(pit.facts(Intended)) == 1


async def test_what_an_entry_still_brings_is_closed_when_the_signal_turns(pit):
    await pit.price("AAPL", "100")
    await pit.signal()
    # The next price fills the entry, but the broker's word of it comes late.
    pit.broker.holding = True
    await pit.wait(1)
    await pit.signal(direction=Direction.SELL)
    pit.broker.heal()
    await pit.wait(1)
    assert pit.trader.book.holdings["AAPL"].exit is ExitReason.SIGNAL
    await pit.price("AAPL", "100")
    assert pit.trader.book.quantity("AAPL") == 0


async def test_an_older_signal_does_not_turn_an_entry(pit):
    await pit.price("AAPL", "100")
    await pit.signal()
    old = signal_of("AAPL", pit.clock.now(), direction=Direction.SELL)
    pit.trader.taken_up([(0, old)])
    await pit.wait(1)
    await pit.price("AAPL", "100")
    assert pit.trader.book.holdings["AAPL"].exit is None


async def test_a_refused_entry_is_an_alarm_and_the_books_are_compared(pit):
    await pit.again(SHORT)
    await pit.price("AAPL", "100")
    await pit.wait(10)
    await pit.price("AAPL", "100")
    seen = len(pit.calls("positions"))
    await pit.signal(direction=Direction.SELL, stop="102", target="97")
    (entry,) = pit.orders(Leg.ENTRY)
    assert entry.request.limit == D("99.90")
    assert (entry.status, entry.is_open) == (Status.REJECTED, False)
    assert any("entry refused" in one.problem for one in pit.said(TradingAlarm))
    await pit.wait(6)
    assert len(pit.calls("positions")) > seen
    assert pit.trader.book.state is TradingState.ACTIVE


async def test_the_stop_trails_where_the_policy_says_so(pit):
    await pit.again(TradingPolicy(trail=D("0.02")))
    await pit.buy(target="120")
    assert pit.trader.book.holdings["AAPL"].trail == D("100.11") * D("0.02")
    for mid in ("102", "104"):
        await pit.wait(1)
        await pit.price("AAPL", mid)
    await pit.wait(1)
    (stop,) = pit.orders(Leg.STOP, Status.WORKING)
    assert stop.request.stop == pit.trader.book.holdings["AAPL"].stop > D("101.9")
    assert [one.stop for one in pit.at_broker() if one.stop] == [stop.request.stop]


async def test_after_a_position_ended_the_symbol_rests(pit):
    await pit.again(TradingPolicy(tick_s=60))
    await pit.buy()
    await pit.signal(direction=Direction.SELL)
    await pit.wait(1)
    await pit.price("AAPL", "100")
    assert pit.trader.book.quantity("AAPL") == 0
    # Rates count as well, so they have to be over.
    await pit.wait(120)
    await pit.price("AAPL", "100")
    await pit.signal()
    assert pit.said(OrderDenied)[-1].denials == (Denial.COOLDOWN,)
    await pit.wait(15 * 60)
    await pit.price("AAPL", "100")
    await pit.signal()
    assert len(pit.orders(Leg.ENTRY)) == 2


async def test_an_old_signal_is_not_followed(pit):
    await pit.price("AAPL", "100")
    old = evolve(
        signal_of("AAPL", pit.clock.now()), decided_at=pit.clock.now() - timedelta(seconds=226)
    )
    await pit.price("AAPL", "100", old)
    assert pit.said(OrderDenied)[-1].denials == (Denial.SIGNAL_OLD,)


async def test_nobody_wishes_for_a_pair(fresh):
    pit, pair = fresh, instrument("BTC/USD")
    await pit.begin()
    pit.trader.market.instruments = {**pit.trader.market.instruments, pair.symbol: pair}
    await pit.price("BTC/USD", "100", signal_of("BTC/USD", pit.clock.now()))
    assert pit.facts(Judged) == []
    await pit.trader.stop()
