"""What days bring: losses, the official close, the next session, splits, and jumps overnight."""

from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import astuple, evolve

from argo_core.events import OrderDenied, TradingAlarm
from argo_core.execution.policy import TradingPolicy
from argo_core.market.session import Session, SessionTable
from argo_core.testing.fake_broker import Fault
from argo_core.testing.trading_stage import CALENDAR, DAY, OPEN, quote_of
from argo_core.trading.broker_view import Split
from argo_core.trading.denial import Denial
from argo_core.trading.fact import CauseRaised, DayClosed, ExitWanted, HighWater, SplitApplied
from argo_core.trading.limits import RiskLimits
from argo_core.trading.order import Leg, OrderType, Status
from argo_core.trading.state import Cause, TradingState

D = Decimal
CLOSE = OPEN + timedelta(hours=6.5)
PRE = OPEN + DAY - timedelta(hours=5.5)
FAR = {"stop": "50", "target": "300", "horizon_s": 10 * 24 * 3600}
# Half of all money may be in one position, whatever it loses.
HEAVY = RiskLimits(
    risk_per_trade=D("0.5"),
    order_cap=D(1_000_000),
    order_share=D("0.5"),
    symbol_share=D("0.5"),
    sector_share=D("0.5"),
)
LATE = TradingPolicy(tick_s=300, limits=HEAVY)


async def heavy(pit, policy=LATE):
    """499 shares bought at about 100, which are half of the account."""
    await pit.again(policy)
    pit.broker.house._settings = evolve(pit.broker.settings, quote_size=D(10_000))
    await pit.buy(**FAR)
    await pit.wait(1)
    assert pit.trader.book.quantity("AAPL") == 499


async def test_a_loss_of_two_percent_since_the_close_reduces(pit):
    await heavy(pit)
    await pit.price("AAPL", "96.20")
    assert pit.trader.book.state is TradingState.ACTIVE
    await pit.price("AAPL", "95.90")
    assert pit.trader.book.causes.keys() == {Cause.DAILY_LOSS}
    assert pit.trader.book.state is TradingState.REDUCING
    await pit.price("MSFT", "100")
    await pit.signal("MSFT")
    assert pit.said(OrderDenied)[-1].denials == (Denial.STATE, Denial.DAILY_LOSS)
    # Nothing is sold for that, and better prices do not take it back.
    await pit.price("AAPL", "110")
    assert pit.trader.book.state is TradingState.REDUCING
    assert pit.facts(ExitWanted) == []


async def test_what_the_days_loss_reduced_is_free_again_with_the_next_session(pit):
    await heavy(pit)
    await pit.price("AAPL", "95.90")
    await pit.until(PRE - timedelta(minutes=10))
    assert pit.trader.book.state is TradingState.REDUCING
    await pit.until(PRE + timedelta(minutes=10))
    assert pit.trader.book.state is TradingState.ACTIVE


async def test_a_loss_of_three_percent_halts_until_an_operator_resumes_on_another_day(pit):
    await heavy(pit)
    await pit.price("AAPL", "93.90")
    assert pit.trader.book.state is TradingState.HALTED
    assert pit.trader.book.causes.keys() == {Cause.DAILY_LOSS, Cause.DAILY_LOSS_HARD}
    # The loss is as great as ever, so the operator is told that it stands.
    still = await pit.wish(pit.trader.resume("we looked"))
    assert still == (Cause.DAILY_LOSS, Cause.DAILY_LOSS_HARD)
    await pit.until(PRE + timedelta(minutes=10))
    assert pit.trader.book.causes.keys() == {Cause.DAILY_LOSS_HARD}
    assert await pit.wish(pit.trader.resume("we looked")) == ()
    assert pit.trader.book.state is TradingState.ACTIVE


async def test_a_drawdown_of_ten_percent_halts_until_an_operator_begins_a_new_high_water_mark(pit):
    limits = evolve(HEAVY, daily_loss_reduce=D("0.5"), daily_loss_halt=D("0.5"))
    await heavy(pit, evolve(LATE, limits=limits))
    await pit.price("AAPL", "79")
    assert pit.trader.book.causes.keys() == {Cause.DRAWDOWN}
    await pit.price("AAPL", "99")
    assert pit.trader.book.state is TradingState.HALTED
    await pit.price("AAPL", "79")
    assert await pit.wish(pit.trader.resume("we go on")) == ()
    assert pit.trader.book.high == pit.trader.book.equity
    await pit.wait(301)
    assert pit.trader.book.state is TradingState.ACTIVE


async def test_what_halted_stands_after_a_restart(pit):
    await heavy(pit)
    await pit.price("AAPL", "93.90")
    await pit.restart()
    assert Cause.DAILY_LOSS_HARD in pit.trader.book.causes


async def test_what_reduced_today_stands_after_a_restart_though_prices_are_better(pit):
    await heavy(pit)
    await pit.price("AAPL", "95.90")
    await pit.price("AAPL", "101")
    await pit.restart()
    await pit.price("AAPL", "101")
    assert pit.trader.book.causes.keys() == {Cause.DAILY_LOSS}


async def test_a_new_high_is_kept(pit):
    await heavy(pit)
    await pit.price("AAPL", "101")
    (high,) = pit.facts(HighWater)
    assert pit.trader.book.high == high.equity > 100_000
    await pit.price("AAPL", "101.01")
    assert len(pit.facts(HighWater)) == 1


async def test_after_a_restart_losses_are_counted_once_there_are_prices(pit):
    await heavy(pit)
    await pit.price("AAPL", "150")
    high = pit.trader.book.high
    # At its cost the position would be a drawdown of a fifth.
    await pit.restart()
    assert pit.trader.book.marks == {}
    assert pit.trader.book.state is TradingState.ACTIVE
    await pit.price("AAPL", "150")
    assert pit.trader.book.state is TradingState.ACTIVE
    assert pit.trader.book.high == high


async def test_what_has_no_price_for_minutes_counts_at_its_cost(pit):
    await heavy(pit)
    await pit.price("AAPL", "150")
    await pit.restart()
    await pit.wait(900)
    assert Cause.DRAWDOWN in pit.trader.book.causes


async def test_the_official_close_is_where_the_next_days_loss_is_counted_from(pit):
    await heavy(pit)
    await pit.price("AAPL", "98")
    await pit.until(CLOSE + timedelta(minutes=10))
    closed = pit.trader.book.day_closed
    assert (closed.at, closed.day) == (CLOSE, CLOSE.date())
    assert closed.equity == pit.trader.book.equity < 100_000
    await pit.wait(1_200)
    assert len(pit.facts(DayClosed)) == 2


async def test_a_close_that_nobody_saw_is_the_brokers(pit):
    # The day before the first start.
    (first,) = pit.facts(DayClosed)
    assert (first.day, first.equity) == ((OPEN - DAY).date(), 100_000)
    await heavy(pit)
    await pit.price("AAPL", "98")
    await away(pit, CLOSE)
    pit.broker.close_day()
    last = pit.broker.house.account().last_equity
    await away(pit, OPEN + DAY - timedelta(hours=1))
    await pit.restart()
    assert pit.trader.book.day_closed.day == CLOSE.date()
    assert pit.trader.book.opened == last < 100_000


async def test_a_close_is_not_taken_from_an_account_that_was_read_before_it(pit):
    await away(pit, OPEN + DAY)
    pit.broker.fail(Fault.AWAY_BEFORE, 1, "account")
    await pit.restart()
    assert len(pit.facts(DayClosed)) == 1
    await pit.wait(10)
    assert len(pit.facts(DayClosed)) == 2


async def test_a_start_after_the_close_without_prices_takes_the_brokers_equity(pit):
    await heavy(pit)
    await pit.price("AAPL", "98")
    await away(pit, CLOSE + timedelta(hours=1))
    await pit.restart()
    assert pit.trader.book.day_closed.day == CLOSE.date()
    assert pit.trader.book.day_closed.equity == pit.broker.house.account().equity


async def test_before_all_sessions_there_is_no_day(pit):
    pit.trader.market._calendar = SessionTable((), OPEN - 3 * DAY, OPEN + 3 * DAY)
    await pit.wait(1)
    assert (pit.trader.failed, pit.trader.book.state) == (None, TradingState.ACTIVE)
    await pit.price("AAPL", "100")
    assert pit.trader.book.marks["AAPL"] == 100


async def test_outside_the_calendar_every_market_is_closed(pit):
    pit.trader.market._calendar = SessionTable((), OPEN - 3 * DAY, OPEN - DAY)
    await pit.price("AAPL", "100")
    await pit.signal()
    assert Denial.SESSION_CLOSED in pit.said(OrderDenied)[-1].denials


async def test_hours_that_are_not_the_brokers_reduce_until_the_next_session(pit):
    today = CALENDAR.sessions[1]
    early = evolve(today, close=today.close - timedelta(hours=3))
    pit.broker.calendar = (early, CALENDAR.sessions[2])
    await pit.again(TradingPolicy(tick_s=300))
    assert pit.trader.book.causes.keys() == {Cause.CALENDAR}
    await pit.until(PRE + timedelta(minutes=10))
    assert pit.trader.book.state is TradingState.ACTIVE


async def test_hours_that_are_the_brokers_are_fine(pit):
    pit.broker.calendar = CALENDAR.sessions
    await pit.restart()
    assert pit.trader.book.state is TradingState.ACTIVE


async def test_a_day_that_cannot_be_prepared_is_an_alarm_and_tried_again(pit):
    pit.broker.fail(Fault.AWAY_BEFORE, 1, "sessions")
    await pit.restart()
    assert "the day is not prepared" in pit.said(TradingAlarm)[-1].problem
    asked = len(pit.calls("sessions"))
    await pit.wait(3)
    assert len(pit.calls("sessions")) == asked
    await pit.wait(3)
    assert len(pit.calls("sessions")) == asked + 1
    await pit.wait(60)
    assert len(pit.calls("sessions")) == asked + 1


# Splits.


async def away(pit, moment):
    """Nobody is here until then."""
    pit.trader.abandon()
    await pit.clock.advance((moment - pit.clock.now()).total_seconds())


def announce(pit, new, old, day):
    midnight = day.replace(hour=5, minute=0)
    pit.broker.announced.append(Split("AAPL", midnight, D(new), D(old)))


async def overnight(pit, new, old):
    """49 shares are held over a night in which the broker splits them."""
    await pit.again(TradingPolicy(tick_s=300))
    await pit.buy(horizon_s=48 * 3600)
    await pit.until(PRE - timedelta(minutes=20))
    announce(pit, new, old, OPEN + DAY)
    pit.broker.split("AAPL", new, old)
    await pit.until(PRE + timedelta(minutes=20))


async def test_a_split_is_in_the_book_and_at_the_broker_before_the_open(pit):
    await overnight(pit, "2", "1")
    book = pit.trader.book
    assert (book.quantity("AAPL"), book.holdings["AAPL"].stop) == (98, 49)
    (stop,) = pit.at_broker()
    assert (stop.type, stop.quantity, stop.stop) == (OrderType.STOP, 98, 49)
    assert pit.trader.armed("AAPL") == 98
    assert book.state is TradingState.ACTIVE
    await pit.until(OPEN + DAY + timedelta(minutes=10))
    await pit.price("AAPL", "50")
    assert book.state is TradingState.ACTIVE
    assert pit.facts(ExitWanted) == []


async def test_a_reverse_split_leaves_no_old_order_that_would_be_filled_at_the_open(pit):
    await overnight(pit, "1", "7")
    assert pit.trader.book.quantity("AAPL") == 7
    (stop,) = pit.at_broker()
    assert (stop.type, stop.quantity, stop.stop) == (OrderType.STOP, 7, 686)
    await pit.until(OPEN + DAY + timedelta(minutes=10))
    await pit.price("AAPL", "700")
    assert pit.trader.book.quantity("AAPL") == 7


async def test_a_split_is_applied_once_also_across_restarts(pit):
    await overnight(pit, "2", "1")
    await pit.restart()
    await pit.wait(301)
    assert len(pit.facts(SplitApplied)) == 1
    assert pit.trader.book.quantity("AAPL") == 98


async def test_a_split_of_a_day_on_which_nobody_was_here_is_made_up_for(pit):
    announce(pit, "2", "1", OPEN)
    await pit.restart()
    pit.broker.announced.clear()
    await pit.buy(horizon_s=48 * 3600)
    await away(pit, OPEN + DAY + timedelta(hours=1))
    announce(pit, "2", "1", OPEN + DAY)
    pit.broker.split("AAPL", "2", "1")
    await pit.restart()
    assert pit.trader.book.quantity("AAPL") == 98
    # The books were compared before, and are again as soon as they can be equal.
    await pit.wait(6)
    assert pit.trader.book.state is TradingState.ACTIVE
    assert pit.trader.differences == ()


async def test_a_split_of_a_whole_session_that_nobody_saw_is_made_up_for(pit):
    third = Session(*(one + DAY for one in astuple(CALENDAR.sessions[2])))
    until = CALENDAR.until + DAY
    pit.calendar = SessionTable((*CALENDAR.sessions, third), CALENDAR.since, until)
    await pit.again(TradingPolicy(tick_s=300))
    await pit.buy(horizon_s=96 * 3600)
    announce(pit, "2", "1", OPEN + DAY)
    pit.broker.split("AAPL", "2", "1")
    await away(pit, OPEN + 2 * DAY)
    await pit.restart()
    assert [one.day for one in pit.facts(SplitApplied)] == [(OPEN + DAY).date()]
    assert pit.trader.book.quantity("AAPL") == 98


async def test_what_was_bought_on_the_day_of_a_split_was_bought_after_it(pit):
    await pit.buy()
    announce(pit, "2", "1", OPEN)
    await pit.restart()
    assert pit.facts(SplitApplied) == []
    assert pit.trader.book.quantity("AAPL") == 49


async def test_what_was_bought_before_the_calendar_begins_was_bought_on_its_day(pit):
    await pit.buy(horizon_s=48 * 3600)
    announce(pit, "2", "1", OPEN)
    pit.trader.abandon()
    trader = pit.trader = pit.unopened()
    trader.market._calendar = Later(CALENDAR)
    await trader.open()
    await pit.wait(1)
    assert pit.facts(SplitApplied) == []


class Later:
    """Knows nothing of the first time that it is asked about after the present."""

    def __init__(self, calendar):
        self._calendar = calendar
        self._newest = None

    def phase(self, instrument, at):
        return self._calendar.phase(instrument, at)

    def session(self, at):
        self._newest = max(at, self._newest or at)
        return self._calendar.session(at) if at == self._newest else None


async def test_a_price_from_before_the_split_marks_nothing(pit):
    await overnight(pit, "2", "1")
    mark, high = pit.trader.book.marks["AAPL"], pit.trader.book.high
    assert mark == 50
    old = pit.quotes["AAPL"]
    pit.trader.seen(pit.indices.seen(pit.clock.now(), {"AAPL": old}))
    await pit.wait(0)
    assert (pit.trader.book.marks["AAPL"], pit.trader.book.high) == (mark, high)
    assert pit.trader.book.state is TradingState.ACTIVE


# Jumps.


async def test_a_jump_overnight_closes_nothing_until_an_operator_takes_it_as_it_is(pit):
    await pit.again(TradingPolicy(tick_s=300))
    await pit.buy(stop="50", target="300", horizon_s=48 * 3600)
    await pit.until(OPEN + DAY + timedelta(hours=1))
    for _ in range(2):
        pit.trader.observe(quote_of("AAPL", D(40), pit.clock.now()))
        await pit.wait(1)
    assert pit.trader.book.causes.keys() == {Cause.PRICE_JUMP}
    assert pit.facts(ExitWanted) == []
    assert sum(one.cause is Cause.PRICE_JUMP for one in pit.facts(CauseRaised)) == 1
    assert await pit.wish(pit.trader.resume("it is true")) == ()
    pit.trader.observe(quote_of("AAPL", D(40), pit.clock.now()))
    await pit.wait(0)
    assert len(pit.facts(ExitWanted)) == 1
    assert pit.orders(Leg.EXIT, Status.WORKING)


@pytest.mark.parametrize("hours", [0, 1])
async def test_in_the_first_and_last_minutes_nothing_is_opened(pit, hours):
    edge = CLOSE - timedelta(minutes=4) if hours else OPEN + DAY + timedelta(minutes=4)
    await away(pit, edge)
    await pit.restart()
    await pit.price("AAPL", "100")
    await pit.signal()
    assert Denial.SESSION_EDGE in pit.said(OrderDenied)[-1].denials
