"""A recorded day traded on paper gives the fills that were had live."""

from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from argo_core.backtest.day.clock import DayClock, at_once
from argo_core.backtest.day.memory import DayBroker, DayJournal
from argo_core.backtest.day.paper import PaperTrader, _Heard
from argo_core.backtest.day.run import run
from argo_core.backtest.day.turnover import daily_values
from argo_core.backtest.day.what_if import WhatIf
from argo_core.codec.trade import key_of
from argo_core.engine.seen import Seen
from argo_core.errors import BrokerRefused
from argo_core.events import TradingAlarm
from argo_core.execution.policy import TradingPolicy
from argo_core.market.bar import Bar
from argo_core.market.instrument import Symbol, instrument
from argo_core.market.session import Phase
from argo_core.testing.fake_clock import BEGINNING
from argo_core.testing.trading_stage import CALENDAR, quote_of, signal_of
from argo_core.trading.denial import Denial
from argo_core.trading.fact import CauseRaised
from argo_core.trading.limits import RiskLimits
from argo_core.trading.order import GoodTill, OrderRequest, OrderType, Side
from argo_core.trading.paper.settings import PaperSettings
from argo_core.trading.state import Cause
from argo_core.trading.trade import TradeEvent

CYCLES = 90


async def test_a_recorded_day_with_trades_gives_the_same_fills(live_through, plan):
    day = await live_through(cycles=CYCLES, traded=True)
    again = run(day.about, day.told, paper=plan)
    live = tuple(day.trader.book.outbox.waiting.values())
    assert not day.trader.failed
    assert [one.body for one in again.signals] == [one.body for one in day.live()]
    tried = [one for one in again.paper.trades if one.event is TradeEvent.FILLED]
    assert len(tried) >= 4
    assert {one.side.value for one in tried} == {"BUY", "SELL"}
    # What the log had taken the live book forgot, and what waited still was not recorded.
    recorded = {key_of(one): one for one in (*again.recorded_trades, *live)}
    in_order = sorted(recorded.values(), key=lambda one: one.number)
    assert [_plain(one) for one in again.paper.trades] == [_plain(one) for one in in_order]
    assert again.paper.worth[-1].equity == day.trader.book.equity
    assert again.paper.worth[-1].cash == day.trader.book.cash


def _plain(trade):
    """Without its number: live, facts about the log have numbers too."""
    return evolve(trade, number=0)


async def test_the_signals_are_the_same_whether_the_day_is_traded_or_not(live_through, plan):
    day = await live_through(cycles=30, traded=True)
    bodies = [one.body for one in run(day.about, day.told).signals]
    assert [one.body for one in run(day.about, day.told, paper=plan).signals] == bodies
    other = WhatIf({"theta_bp": 7_600})
    plain = run(day.about, day.told, what_if=other)
    traded = run(day.about, day.told, what_if=other, paper=plan)
    assert [one.body for one in plain.signals] == [one.body for one in traded.signals]
    assert plain.sha256 != traded.sha256


async def test_tighter_limits_are_a_what_if_of_trading(live_through, plan):
    day = await live_through(cycles=CYCLES)
    limits = RiskLimits(order_share=Decimal("0.01"), symbol_share=Decimal("0.01"))
    tight = evolve(plan, policy=TradingPolicy(limits=limits))
    usual, small = (run(day.about, day.told, paper=one).paper for one in (plan, tight))
    most = max(one.quantity * one.price for one in usual.fills)
    assert most > Decimal(1_000)
    assert all(one.quantity * one.price <= Decimal(1_010) for one in small.fills)


async def test_a_symbol_of_which_nobody_knows_what_trades_is_not_bought(live_through, plan):
    day = await live_through(cycles=60)
    paper = run(day.about, day.told, paper=evolve(plan, values={})).paper
    # A few recorded bars of nine shares each are no market to trade in.
    assert paper.denied or not paper.fills


async def test_a_run_that_goes_on_takes_up_what_stands(live_through, plan):
    first = await live_through(cycles=12)
    day = await live_through(cycles=20, log=first.log, begins=timedelta(minutes=2), traded=True)
    again = run(day.about, day.told, paper=plan)
    names = {one.order_id for one in again.paper.trades}
    live = {one.order_id for one in (*again.recorded_trades,)}
    assert live <= names


def test_the_value_of_a_day_is_averaged_over_the_days_with_bars():
    def bar(day, minute, close, volume, symbol="AZO"):
        start = BEGINNING + timedelta(days=day, minutes=minute)
        return Bar(Symbol(symbol), start, close, close, close, close, volume)

    bars = [bar(0, 0, 10.0, 100.0), bar(0, 1, 20.0, 100.0), bar(1, 0, 10.0, 200.0)]
    assert daily_values([*bars, bar(0, 0, 5.0, 1.0, "NVR")]) == {"AZO": 2_500, "NVR": 5}
    assert daily_values([]) == {}


def test_the_official_close_ends_the_day_of_the_account_once(plan):
    session = CALENDAR.session(BEGINNING)
    begins = session.close - timedelta(seconds=12)
    trader = PaperTrader(plan, (instrument("AZO"), instrument("BTC/USD")), begins)
    for second in (0, 5, 10, 15, 20):
        at = begins + timedelta(seconds=second)
        phase = Phase.REGULAR if at < session.close else Phase.POST
        quotes = {Symbol("AZO"): quote_of("AZO", Decimal(100), at)}
        signals = () if second else ((1, signal_of("AZO", at)),)
        trader.show(Seen(at, signals, quotes, {}, dict.fromkeys(quotes, phase)))
    day = trader.day()
    assert len(day.worth) == 5
    assert day.worth[0].equity == plan.paper.capital
    # Nothing is bought so close to the end.
    assert day.denied[Denial.SESSION_EDGE] == 1
    assert day.fills == ()


def test_before_the_first_session_of_the_calendar_nothing_is_closed(plan):
    begins = CALENDAR.since + timedelta(seconds=1)
    trader = PaperTrader(plan, (instrument("AZO"),), begins)
    trader.show(Seen(begins, (), {}, {}, {}))
    assert trader.day().fills == ()


def test_an_alarm_is_told_once_and_only_so_many_are_kept():
    heard = _Heard()
    for number in range(300):
        heard.notice(TradingAlarm(BEGINNING, f"problem {number % 200}"))
    assert len(heard.alarms) == 100


def test_the_books_in_memory_are_those_of_the_paper_broker():
    told = []
    clock = DayClock(BEGINNING)
    broker = DayBroker(clock, PaperSettings(), told.append)
    assert at_once(broker.account()).cash == PaperSettings().capital
    assert at_once(broker.sessions(BEGINNING.date(), BEGINNING.date())) is None
    assert at_once(broker.splits((), BEGINNING.date(), BEGINNING.date())) == ()
    assert at_once(broker.flows(BEGINNING)) == ()
    assert at_once(broker.order("none")) is None
    assert told == []


async def test_the_stream_of_the_broker_in_memory_begins_with_a_gap_and_tells_no_more():
    broker = DayBroker(DayClock(BEGINNING), PaperSettings(), lambda _: None)
    assert [one.at async for one in broker.updates()] == [BEGINNING]


def test_the_journal_in_memory_numbers_what_it_is_given():
    journal = DayJournal()
    facts = [CauseRaised(BEGINNING, cause, "why") for cause in (Cause.STARTING, Cause.DRIFT)]
    numbered = at_once(journal.append(facts))
    assert [one.number for one in numbered] == [1, 2]
    assert at_once(journal.facts(1)) == numbered[1:]
    assert at_once(journal.of_order("none")) == ()


@pytest.mark.parametrize("plan_has", [True, False])
async def test_values_of_the_plan_come_before_those_of_recorded_bars(live_through, plan, plan_has):
    day = await live_through(cycles=60)
    tried = plan if plan_has else evolve(plan, values={Symbol("AZO"): Decimal(10**9)})
    symbols = {one.symbol for one in run(day.about, day.told, paper=tried).paper.fills}
    assert ("AZO" in symbols) or not symbols


async def test_an_entry_that_no_price_met_in_time_is_cancelled(live_through, plan):
    day = await live_through(cycles=6)
    # It is given up after the default of 5 s, before the broker sees the next cycle.
    paper = run(day.about, day.told, paper=evolve(plan, policy=TradingPolicy())).paper
    assert paper.fills == ()
    assert TradeEvent.CANCELLED in {one.event for one in paper.trades}


def test_the_broker_in_memory_refuses_to_cancel_what_is_not_there():
    broker = DayBroker(DayClock(BEGINNING), PaperSettings(), lambda _: None)
    with pytest.raises(BrokerRefused):
        at_once(broker.cancel("none"))


async def test_a_stop_that_follows_the_price_is_replaced(live_through, plan):
    day = await live_through(cycles=30)
    trailed = evolve(plan, policy=evolve(plan.policy, trail=Decimal("0.002")))
    usual, closer = (run(day.about, day.told, paper=one).paper for one in (plan, trailed))
    stops = [one.price for one in closer.trades if one.event is TradeEvent.SUBMITTED]
    assert len(stops) > sum(one.event is TradeEvent.SUBMITTED for one in usual.trades)


def test_the_broker_in_memory_tells_of_an_order_and_of_what_replaces_it():
    told = []
    broker = DayBroker(DayClock(BEGINNING), PaperSettings(), told.append)
    broker.observe([quote_of("AZO", Decimal(100), BEGINNING)], regular=True)
    asked = OrderRequest(
        id="one",
        symbol=Symbol("AZO"),
        side=Side.BUY,
        quantity=Decimal(5),
        type=OrderType.LIMIT,
        limit=Decimal(90),
        good_till=GoodTill.CANCELLED,
    )
    order = at_once(broker.submit(asked))
    other = at_once(broker.replace(order.broker_id, evolve(asked, id="two", limit=Decimal(91))))
    assert other.replaces == order.broker_id
    assert [one.order.id for one in told] == ["one", "one", "two"]
    assert at_once(broker.order("two")) == other
