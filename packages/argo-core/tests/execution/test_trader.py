"""From a signal to a position that is protected, and to its end."""

from decimal import Decimal

from argo_core.trading.order import Leg, OrderType, Status
from argo_core.trading.state import TradingState

D = Decimal


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
