"""Other risk limits while it trades: the next entry is judged by them, and no exit is."""

from datetime import timedelta
from decimal import Decimal

from argo_core.consensus.reasons import Direction
from argo_core.execution.policy import TradingPolicy
from argo_core.trading.fact import ExitWanted, Judged
from argo_core.trading.holding import ExitReason
from argo_core.trading.limits import RiskLimits
from argo_core.trading.order import Leg
from argo_core.trading.state import Cause, TradingState

D = Decimal
# As tight as each may be.
TIGHT = RiskLimits(
    risk_per_trade=D("0.000001"),
    order_cap=D("0.01"),
    order_share=D("0.000001"),
    adv_share=D("0.000001"),
    symbol_share=D("0.000001"),
    sector_share=D("0.000001"),
    gross_share=D("0.000001"),
    positions=1,
    collar=D("0.000001"),
    spread=D("0.000001"),
    divergence=D("0.000001"),
    quote_age=timedelta(0),
    edge=timedelta(hours=12),
    longest_signal=timedelta(0),
    orders_per_minute=1,
    symbol_orders_per_minute=1,
    orders_per_day=1,
    cooldown=timedelta(days=1),
    stop_cooldown=timedelta(days=1),
    stops=1,
    daily_loss_reduce=D("0.000001"),
    daily_loss_halt=D("0.000001"),
    drawdown_halt=D("0.000001"),
)


def test_there_is_no_limit_that_is_not_tightened():
    usual = RiskLimits()
    same = {name for name in RiskLimits.names() if getattr(TIGHT, name) == getattr(usual, name)}
    # How long stops are looked back upon, how long entries rest, and what is off anyway.
    assert same == {"stops_within", "stops_rest", "short_selling"}


async def test_the_next_entry_is_judged_by_the_new_limits_and_says_so(pit):
    await pit.buy("AAPL")
    pit.trader.relimit(RiskLimits(positions=1))
    assert pit.trader.limits.positions == pit.trader.policy.limits.positions == 1
    await pit.price("MSFT", "100")
    await pit.signal("MSFT")
    assert [one.request.symbol for one in pit.orders(Leg.ENTRY)] == ["AAPL"]
    certificate = pit.facts(Judged)[-1].certificate
    assert not certificate.allowed
    (broken,) = [one for one in certificate.results if one.denial]
    assert (broken.rule, broken.limit) == ("positions", "1")
    pit.trader.relimit(RiskLimits(positions=2))
    await pit.wait(1)
    await pit.price("NVDA", "100")
    await pit.signal("NVDA")
    assert [one.request.symbol for one in pit.orders(Leg.ENTRY)] == ["AAPL", "NVDA"]


async def test_orders_are_as_large_as_the_new_limits_let_them_be(pit):
    pit.trader.relimit(RiskLimits(order_cap=D(1_000)))
    await pit.buy("AAPL")
    assert pit.trader.book.quantity("AAPL") == 9


async def test_nothing_but_the_limits_changes(pit):
    before = pit.trader.policy
    pit.trader.relimit(TIGHT)
    assert pit.trader.policy == TradingPolicy(limits=TIGHT)
    assert before.limits == RiskLimits()


async def test_what_is_at_the_broker_stays_there(pit):
    await pit.buy("AAPL")
    resting = pit.at_broker()
    pit.trader.relimit(TIGHT)
    await pit.wait(61)
    assert pit.at_broker() == resting
    assert pit.trader.book.quantity("AAPL") == 49


async def test_however_tight_they_are_a_signal_closes_a_position(pit):
    await pit.buy("AAPL")
    pit.trader.relimit(TIGHT)
    await pit.signal("AAPL", direction=Direction.SELL)
    await pit.wait(1)
    await pit.price("AAPL", "100")
    assert [one.reason for one in pit.facts(ExitWanted)] == [ExitReason.SIGNAL]
    assert pit.trader.book.held() == {}


async def test_however_tight_they_are_the_stop_closes_a_position(pit):
    await pit.buy("AAPL")
    pit.trader.relimit(TIGHT)
    await pit.price("AAPL", "97")
    await pit.wait(1)
    await pit.price("AAPL", "97")
    assert pit.trader.book.held() == {}


async def test_however_tight_they_are_an_operator_closes_everything(pit):
    await pit.buy("AAPL")
    await pit.buy("MSFT")
    pit.trader.relimit(TIGHT)
    assert await pit.wish(pit.trader.flatten("enough")) == ("AAPL", "MSFT")
    await pit.price("AAPL", "100")
    await pit.price("MSFT", "100")
    assert pit.trader.book.held() == {}


async def test_a_loss_beyond_a_tightened_limit_is_found_at_once_and_exits_go_on(pit):
    await pit.buy("AAPL", stop="90")
    await pit.price("AAPL", "99")
    assert pit.trader.book.state is TradingState.ACTIVE
    pit.trader.relimit(RiskLimits(daily_loss_reduce=D("0.0001"), daily_loss_halt=D("0.0001")))
    await pit.rest()
    assert Cause.DAILY_LOSS_HARD in pit.trader.book.causes
    assert pit.trader.book.state is TradingState.HALTED
    await pit.signal("AAPL", mid="99", direction=Direction.SELL)
    await pit.wait(1)
    await pit.price("AAPL", "99")
    assert pit.trader.book.held() == {}


async def test_a_halt_stays_when_the_limit_is_loosened_until_an_operator_resumes(pit):
    await pit.buy("AAPL", stop="90")
    pit.trader.relimit(RiskLimits(daily_loss_reduce=D("0.0001"), daily_loss_halt=D("0.0001")))
    await pit.price("AAPL", "99")
    pit.trader.relimit(RiskLimits())
    await pit.wait(61)
    assert pit.trader.book.state is TradingState.HALTED
    await pit.wish(pit.trader.resume("looked at"))
    assert Cause.DAILY_LOSS_HARD not in pit.trader.book.causes


async def test_it_may_be_told_before_it_has_begun(fresh):
    trader = fresh.unopened()
    trader.relimit(TIGHT)
    assert trader.limits == TIGHT
