"""The broker's books and ours: compared at the start, after every gap, and every minute."""

from datetime import timedelta
from decimal import Decimal

from attrs import evolve

from argo_core.errors import BrokerThrottled
from argo_core.events import Reconciled, TradingAlarm, TradingStateChanged
from argo_core.execution.inbox import MOST_SIGNALS, MOST_UPDATES
from argo_core.execution.policy import TradingPolicy
from argo_core.testing.fake_broker import Fault
from argo_core.testing.trading_stage import signal_of
from argo_core.trading.broker_view import BrokerUpdate
from argo_core.trading.drift import DriftKind
from argo_core.trading.fact import Accounted, CauseCleared, CauseRaised, Flowed, Refused
from argo_core.trading.order import Leg, OrderRequest, OrderType, Side, Status
from argo_core.trading.state import Cause, TradingState

D = Decimal


async def test_nothing_is_traded_until_the_books_were_compared(pit):
    pit.broker.fail(Fault.AWAY_BEFORE, 1, "positions")
    await pit.restart()
    assert not pit.trader.is_ready
    assert pit.trader.last_reconciled is None
    assert pit.trader.differences == ()
    assert pit.trader.book.causes.keys() == {Cause.STARTING}
    assert any("not reconciled" in one.problem for one in pit.said(TradingAlarm))
    await pit.price("AAPL", "100")
    await pit.signal()
    assert pit.orders(Leg.ENTRY) == []
    await pit.wait(6)
    assert pit.trader.is_ready
    assert pit.trader.last_reconciled == pit.said(Reconciled)[-1].at
    assert pit.trader.book.state is TradingState.ACTIVE


async def test_a_start_that_was_never_compared_is_one_still_after_a_restart(pit):
    pit.broker.fail(Fault.AWAY_BEFORE, 2, "positions")
    await pit.restart()
    await pit.restart()
    assert sum(one.cause is Cause.STARTING for one in pit.facts(CauseRaised)) == 2
    assert pit.trader.book.causes.keys() == {Cause.STARTING}


async def test_an_account_that_could_not_be_read_yet_has_neither_days_nor_losses(fresh):
    pit = fresh
    pit.broker.fail(Fault.AWAY_BEFORE, 1, "account")
    await pit.begin()
    assert (pit.trader.book.account, pit.trader.book.day_closed) == (None, None)
    assert pit.trader.book.causes.keys() == {Cause.STARTING}
    await pit.wait(6)
    assert pit.trader.book.cash == 100_000
    assert pit.trader.book.day_closed is not None
    await pit.trader.stop()


async def test_a_stop_is_not_placed_before_the_books_were_compared(pit):
    await pit.buy()
    for order in pit.at_broker():
        if order.type is OrderType.STOP:
            pit.broker.dropping = True
            pit.broker.manual_cancel(order.broker_id)
    pit.broker.heal()
    pit.broker.fail(Fault.AWAY_BEFORE, 1, "orders")
    await pit.restart()
    assert pit.at_broker() == ()
    await pit.wait(10)
    assert [one.type for one in pit.at_broker()] == [OrderType.STOP]


async def test_the_books_are_compared_every_minute(pit):
    before = len(pit.said(Reconciled))
    await pit.wait(180)
    assert len(pit.said(Reconciled)) == before + 3
    assert pit.said(Reconciled)[-1].differences == 0


async def test_a_position_that_is_not_ours_holds_trading_back_and_is_shown(pit):
    await pit.price("NVDA", "100")
    pit.broker.sneak("NVDA", "5", "100")
    await pit.wait(61)
    why = "The broker holds 5 shares of NVDA, and we hold none."
    assert pit.trader.book.causes[Cause.DRIFT][1] == why
    assert pit.trader.book.state is TradingState.REDUCING
    assert [one.kind for one in pit.trader.differences] == [DriftKind.UNKNOWN_POSITION]
    assert pit.said(TradingAlarm)[-1].problem == why
    assert pit.said(Reconciled)[-1].problem == why
    alarms = len(pit.said(TradingAlarm))
    await pit.wait(61)
    assert len(pit.said(TradingAlarm)) == alarms
    pit.broker.sneak("NVDA", "0", "0")
    await pit.wait(61)
    assert pit.trader.book.state is TradingState.ACTIVE
    assert pit.said(TradingStateChanged)[-1].after is TradingState.ACTIVE


async def test_a_difference_that_changes_is_told_anew_and_never_looks_like_its_end(pit):
    await pit.price("NVDA", "100")
    pit.broker.sneak("NVDA", "5", "100")
    await pit.wait(61)
    pit.broker.sneak("NVDA", "6", "100")
    await pit.wait(61)
    changes = pit.said(TradingStateChanged)[-2:]
    assert [one.after for one in changes] == [TradingState.REDUCING] * 2
    assert "6 shares" in pit.trader.book.causes[Cause.DRIFT][1]


async def test_an_order_that_is_not_ours_holds_trading_back_at_once(pit):
    await pit.price("NVDA", "100")
    await pit.wait(10)
    theirs = OrderRequest("theirs", "NVDA", Side.BUY, D(1), OrderType.LIMIT, limit=D(90))
    order = pit.broker.manual(theirs)
    await pit.wait(1)
    assert pit.trader.book.state is TradingState.REDUCING
    assert "is not ours" in pit.trader.book.causes[Cause.DRIFT][1]
    pit.broker.manual_cancel(order.broker_id)
    await pit.wait(61)
    assert pit.trader.book.state is TradingState.ACTIVE


async def test_a_start_with_differences_is_a_start_that_reduces(pit):
    await pit.price("NVDA", "100")
    pit.broker.sneak("NVDA", "5", "100")
    await pit.restart()
    assert pit.trader.book.causes.keys() == {Cause.DRIFT}
    assert pit.trader.is_ready


async def test_an_order_is_asked_for_by_name_twice_before_it_counts_as_lost(pit):
    await pit.buy()
    house = pit.broker.house
    state = house.dump()
    pit.broker.house = type(house)(pit.broker.settings, evolve(state, orders={}))
    await pit.wait(61)
    assert pit.orders(Leg.STOP, Status.WORKING)
    assert pit.facts(Refused) == []
    await pit.wait(6)
    assert {one.problem for one in pit.facts(Refused)} == {"the broker does not know it"}
    assert all(one.lost for one in pit.facts(Refused))
    # The position is protected anew.
    await pit.wait(6)
    (stop,) = pit.at_broker()
    assert (stop.type, stop.quantity) == (OrderType.STOP, 49)
    assert pit.trader.book.state is TradingState.ACTIVE


async def test_an_order_that_the_list_lacks_and_its_name_finds_is_there(pit):
    await pit.buy()
    orders, lacking = pit.broker.orders, pit.orders(Leg.STOP)[0].id

    async def short(since=None):
        return tuple(one for one in await orders(since) if one.id != lacking)

    pit.broker.orders = short
    await pit.wait(61)
    await pit.wait(61)
    assert lacking in pit.calls("order")
    assert pit.facts(Refused) == []
    assert pit.trader.book.state is TradingState.ACTIVE


async def test_messages_that_were_lost_are_made_up_for(pit):
    await pit.price("AAPL", "100")
    await pit.signal()
    pit.broker.dropping = True
    await pit.price("AAPL", "100")
    assert pit.trader.book.quantity("AAPL") == 0
    pit.broker.heal()
    pit.broker.break_stream()
    await pit.wait(6)
    assert pit.trader.book.quantity("AAPL") == 49
    assert len(pit.orders(Leg.STOP, Status.WORKING)) == 1
    assert pit.trader.book.state is TradingState.ACTIVE


async def test_a_leg_that_nobody_told_of_is_taken_up_as_ours(pit):
    await pit.price("AAPL", "100")
    pit.broker.dropping = True
    await pit.signal()
    await pit.price("AAPL", "100")
    assert pit.orders(Leg.STOP) == []
    await pit.wait(61)
    (stop,) = pit.orders(Leg.STOP)
    assert stop.parent == pit.orders(Leg.ENTRY)[0].id
    assert len(pit.calls("submit")) == 1


async def test_a_successor_that_nobody_told_of_is_heard_as_the_leg_it_replaces(pit):
    await pit.buy()
    (stop,) = [one for one in pit.at_broker() if one.type is OrderType.STOP]
    theirs = OrderRequest("theirs", "AAPL", Side.SELL, D(49), OrderType.STOP, stop=D(97))
    request = evolve(theirs, good_till="gtc")
    pit.broker.house.replace(stop.broker_id, request, pit.clock.now())
    pit.broker.quote("AAPL", "99.95", "100.05")
    await pit.wait(1)
    assert pit.trader.book.orders["theirs"].leg is Leg.STOP


async def test_a_blocked_account_only_reduces_until_it_is_free_again(pit):
    account = pit.broker.account

    async def blocked():
        return evolve(await account(), blocked="pattern day trading")

    pit.broker.account = blocked
    await pit.wait(61)
    assert pit.trader.book.causes[Cause.BLOCKED][1] == "pattern day trading"
    assert pit.trader.book.state is TradingState.REDUCING
    assert pit.said(TradingAlarm)[-1].problem == "the account is blocked: pattern day trading"
    await pit.wait(61)
    assert sum(one.cause is Cause.BLOCKED for one in pit.facts(CauseRaised)) == 1
    pit.broker.account = account
    await pit.wait(61)
    assert pit.trader.book.state is TradingState.ACTIVE


async def test_the_books_of_another_account_are_not_compared(pit):
    account, flows = pit.broker.account, len(pit.facts(Flowed))

    async def other():
        return evolve(await account(), id="somebody else's")

    pit.broker.account = other
    pit.broker.house.deposit(D(100), pit.clock.now())
    await pit.wait(61)
    assert [one.kind for one in pit.trader.differences] == [DriftKind.ACCOUNT]
    assert len(pit.facts(Flowed)) == flows


async def test_money_that_comes_in_is_no_gain(pit):
    await pit.wait(10)
    pit.broker.house.deposit(D(1_000), pit.clock.now())
    await pit.wait(61)
    assert (pit.trader.book.cash, pit.trader.book.high) == (101_000, 101_000)
    assert pit.trader.book.state is TradingState.ACTIVE
    assert len(pit.facts(Flowed)) == 1
    await pit.wait(61)
    assert len(pit.facts(Flowed)) == 1


def charge(pit, amount):
    """The broker takes a fee that it tells nobody of."""
    house = pit.broker.house
    state = house.dump()
    money = evolve(state.money, cash=state.money.cash - D(amount))
    pit.broker.house = type(house)(pit.broker.settings, evolve(state, money=money))


async def test_an_operator_may_accept_the_brokers_money(pit):
    charge(pit, "12.34")
    await pit.wait(61)
    assert [one.kind for one in pit.trader.differences] == [DriftKind.CASH]
    assert await pit.wish(pit.trader.resume("the broker's monthly fee")) == ()
    assert pit.trader.book.cash == D("99987.66")
    cleared = pit.facts(CauseCleared)[-1]
    assert (cleared.cause, cleared.why) == (Cause.DRIFT, "the broker's monthly fee")
    await pit.wait(61)
    assert pit.trader.book.state is TradingState.ACTIVE


async def test_money_is_accepted_though_the_drift_is_over_already(pit):
    charge(pit, "12.34")
    await pit.wait(61)
    await pit.trader._keeper.note(CauseCleared(pit.clock.now(), Cause.DRIFT, "by hand"))
    await pit.wish(pit.trader.resume("the broker's monthly fee"))
    assert pit.trader.book.cash == D("99987.66")


async def test_an_account_that_stays_as_it_is_is_written_down_once_an_hour(pit):
    await pit.again(TradingPolicy(tick_s=30))
    before = len(pit.facts(Accounted))
    await pit.wait(3_540)
    assert len(pit.said(Reconciled)) > 50
    assert len(pit.facts(Accounted)) == before
    await pit.wait(120)
    assert len(pit.facts(Accounted)) == before + 1


async def test_every_life_writes_the_account_down_as_it_finds_it(pit):
    before = len(pit.facts(Accounted))
    await pit.restart()
    assert len(pit.facts(Accounted)) == before + 1


async def test_an_account_that_changed_is_written_down_with_the_next_comparison(pit):
    before = len(pit.facts(Accounted))
    await pit.buy()
    await pit.wait(61)
    assert len(pit.facts(Accounted)) == before + 1
    assert pit.trader.book.account.cash == pit.trader.book.cash
    account = pit.broker.account

    async def less():
        return evolve(await account(), buying_power=D(1))

    pit.broker.account = less
    await pit.wait(61)
    assert pit.trader.book.account.buying_power == 1


async def test_what_is_looked_back_for_does_not_grow_with_the_silence(pit):
    await pit.again(TradingPolicy(tick_s=30))
    asked, orders = [], pit.broker.orders

    async def listed(since=None):
        asked.append(pit.clock.now() - since)
        return await orders(since)

    pit.broker.orders = listed
    await pit.wait(3_000)
    assert max(asked) <= timedelta(minutes=12)


async def test_what_differs_is_looked_at_until_it_is_equal(pit):
    await pit.again(TradingPolicy(tick_s=30))
    await pit.price("NVDA", "100")
    pit.broker.sneak("NVDA", "5", "100")
    asked, orders = [], pit.broker.orders

    async def listed(since=None):
        asked.append(pit.clock.now() - since)
        return await orders(since)

    pit.broker.orders = listed
    await pit.wait(1_200)
    assert asked[-1] >= timedelta(minutes=28)


async def test_more_messages_than_fit_in_are_compared_instead(pit):
    await pit.buy()
    update = BrokerUpdate(pit.at_broker()[0])
    compared = len(pit.said(Reconciled))
    await pit.wait(6)
    for _ in range(MOST_UPDATES + 1):
        pit.trader._inbox.update(update)
    await pit.wait(1)
    assert len(pit.said(Reconciled)) == compared + 1


async def test_of_too_many_cycles_the_newest_are_kept(pit):
    await pit.price("AAPL", "100")
    pit.broker.seconds = 10
    await pit.clock.advance(61)
    for number in range(MOST_SIGNALS + 5):
        signal = signal_of("AAPL", pit.clock.now(), stop="101", name=f"s-{number}")
        pit.trader.taken_up([(number, signal)])
    pit.broker.seconds = 0
    await pit.clock.advance(40)
    await pit.wait(1)
    judged = [one.signal_id for one in pit.trader.book.denied]
    assert len(judged) == 500
    assert judged[-1] == f"s-{MOST_SIGNALS + 4}"


async def test_a_stream_that_ends_is_listened_to_again(pit):
    updates, ended = pit.broker.updates, []

    async def ends():
        ended.append(True)
        return
        yield

    pit.broker.updates = ends
    await pit.restart()
    assert pit.said(TradingAlarm)[-1].problem == "the broker's stream broke off: it ended"
    pit.broker.updates = updates
    await pit.wait(6)
    await pit.buy()
    assert pit.trader.book.quantity("AAPL") == 49
    assert len(ended) == 1


async def test_a_stream_that_raises_is_an_alarm_and_listened_to_again(pit):
    updates = pit.broker.updates

    def broken():
        raise RuntimeError("no stream at all")

    for bad, problem in (
        (broken, "RuntimeError: no stream at all"),
        (raising(), "ValueError: bad"),
    ):
        pit.broker.updates = bad
        await pit.restart()
        assert problem in pit.said(TradingAlarm)[-1].problem
        assert not pit.trader.is_over
    pit.broker.updates = updates
    await pit.wait(6)
    await pit.buy()
    assert pit.trader.book.quantity("AAPL") == 49


def raising():
    async def updates():
        raise ValueError("bad")
        yield

    return updates


async def test_a_throttled_comparison_waits_as_long_as_it_is_told(pit):
    orders = pit.broker.orders

    async def throttled(since=None):
        pit.broker.orders = orders
        raise BrokerThrottled("fake", "rate limit exceeded", 30.0)

    pit.broker.orders = throttled
    await pit.wait(61)
    assert "rate limit" in pit.said(TradingAlarm)[-1].problem
    calls = len(pit.broker.calls)
    await pit.wait(20)
    assert len(pit.broker.calls) == calls
    await pit.wait(11)
    assert len(pit.broker.calls) > calls


async def test_nothing_is_opened_while_the_books_cannot_be_compared_for_long(pit):
    pit.broker.fail(Fault.AWAY_BEFORE, 1_000, "orders")
    await pit.wait(170)
    assert pit.trader.book.state is TradingState.ACTIVE
    await pit.wait(20)
    assert pit.trader.book.causes.keys() == {Cause.DRIFT}
    await pit.signal()
    assert pit.orders(Leg.ENTRY) == []
    pit.broker.heal()
    await pit.wait(10)
    assert pit.trader.book.state is TradingState.ACTIVE
