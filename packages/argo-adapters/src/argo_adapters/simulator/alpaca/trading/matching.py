"""At which price an order is filled, if it is."""

from decimal import Decimal

from argo_adapters.simulator.alpaca.trading.order import BUY, Order
from argo_adapters.simulator.alpaca.trading.prices import Quote


def reach(order: Order, quote: Quote) -> None:
    """A stop is reached when the side it would trade with gets there, and stays reached."""
    if order.stop is None or order.triggered:
        return
    if order.side == BUY:
        order.triggered = quote.ask >= order.stop
    else:
        order.triggered = 0 < quote.bid <= order.stop


def meeting(order: Order, quote: Quote) -> Decimal | None:
    """The best price of the other side, where the order takes it. Sizes are not looked at."""
    offered = quote.ask if order.side == BUY else quote.bid
    if not offered or (order.stop is not None and not order.triggered):
        return None
    if order.limit is not None and (order.limit - offered) * order.sign < 0:
        return None
    return offered


def claim(order_limit: Decimal | None, order_stop: Decimal | None, quote: Quote) -> Decimal:
    """What a share of a purchase is reckoned to cost before it is filled."""
    return order_limit or order_stop or quote.ask or quote.last
