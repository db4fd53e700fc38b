"""Symbols that the trader does not follow, or not any more."""

from decimal import Decimal

from argo_core.market.instrument import Symbol, instrument
from argo_core.testing.trading_stage import signal_of
from argo_core.trading.drift import DriftKind
from argo_core.trading.order import Leg, OrderRequest, OrderType, Side, Status
from argo_core.trading.state import Cause, TradingState

ZZZZ, AAPL = Symbol("ZZZZ"), Symbol("AAPL")


async def test_a_position_in_a_symbol_that_nobody_follows_is_a_difference_and_no_end(pit):
    pit.broker.sneak(ZZZZ, "10", "5")
    await pit.wait(61)
    (difference,) = pit.trader.differences
    assert (difference.kind, difference.symbol) == (DriftKind.UNKNOWN_POSITION, ZZZZ)
    assert (difference.ours, difference.theirs) == ("0", "10")
    assert pit.trader.failed is None
    assert pit.trader.book.state is TradingState.REDUCING


async def test_somebody_elses_order_in_such_a_symbol_is_one_too(pit):
    pit.broker.quote(ZZZZ, "10", "10.1")
    request = OrderRequest("by-hand", ZZZZ, Side.BUY, Decimal(3), OrderType.MARKET)
    pit.broker.manual(request)
    pit.broker.quote(ZZZZ, "10", "10.1")
    await pit.wait(61)
    assert {one.symbol for one in pit.trader.differences} == {ZZZZ, None}
    assert Cause.DRIFT in pit.trader.book.causes
    assert await pit.wish(pit.trader.flatten("a stranger came")) == ()
    assert pit.trader.failed is None


def forget_aapl(pit) -> None:
    """The settings do not name it any more."""
    pit.trader.market.instruments = {Symbol("MSFT"): instrument("MSFT")}


async def test_a_position_whose_symbol_is_not_followed_any_more_keeps_its_stop_and_ends(pit):
    await pit.buy()
    await pit.restart()
    forget_aapl(pit)
    await pit.wait(61)
    (stop,) = pit.orders(Leg.STOP, Status.WORKING)
    assert pit.trader.book.quantity(AAPL) == stop.request.quantity == pit.trader.armed(AAPL)
    await pit.wait(900)
    pit.broker.quote(AAPL, "100", "100.1")
    await pit.wait(1)
    assert pit.trader.book.held() == {}
    assert pit.at_broker() == ()


async def test_a_signal_that_stands_for_such_a_symbol_is_not_followed(pit):
    forget_aapl(pit)
    pit.trader.taken_up([(1, signal_of(AAPL, pit.clock.now()))])
    await pit.wait(1)
    assert (pit.trader.failed, pit.trader.book.orders) == (None, {})


async def test_a_trader_that_was_never_opened_can_be_stopped(pit):
    trader = pit.unopened()
    await trader.stop()
    assert not trader.is_over
