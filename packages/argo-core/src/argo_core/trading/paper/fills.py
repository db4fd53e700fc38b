"""At what price a quote fills an order, if it does, and how much it can fill.

Buys are filled at the ask and sells at the bid, nothing better:

- A market order is filled by the first quote that is not older than itself.
- A limit order is filled when the other side's price is at its own or beyond. By the first quote
  that it meets it gets that side's price; once it has rested it gets its own price, because the
  market came to it, and prices between two quotes are not to be hoped for.
- A stop is triggered when the price that it would be filled at is at its own or beyond, and is a
  market order from then on: it gets what there is, which after a gap is worse than its price.
"""

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal

from attrs import frozen

from argo_core.market.quote import Quote
from argo_core.trading.order import OrderType, Side
from argo_core.trading.paper.order import PaperOrder
from argo_core.trading.paper.settings import PaperSettings

WHOLE = Decimal(1)


@frozen
class Touch:
    """What can be sold and bought at."""

    bid: Decimal
    ask: Decimal

    @property
    def mid(self) -> Decimal:
        return (self.bid + self.ask) / 2

    def against(self, side: Side) -> Decimal:
        """The price that an order of that side meets."""
        return self.ask if side is Side.BUY else self.bid


def tick(price: Decimal) -> Decimal:
    """The step of stock prices: a cent, and a hundredth of it below a dollar (SEC Rule 612)."""
    return Decimal("0.01") if price >= 1 else Decimal("0.0001")


def touch(quote: Quote, spread: Decimal) -> Touch:
    """The quote's sides; one that is missing lies half of `spread` (a share) off the last price."""
    half, step = quote.price * spread / 2, tick(quote.price)
    bid, ask = quote.bid, quote.ask
    if bid is None:
        # An assumed side is not beyond the one that is known, and a price is never zero.
        low = max((quote.price - half).quantize(step, ROUND_FLOOR), step)
        bid = low if ask is None else min(low, ask)
    if ask is None:
        ask = max((quote.price + half).quantize(step, ROUND_CEILING), bid)
    return Touch(bid, ask)


def is_triggered(one: PaperOrder, market: Touch) -> bool:
    """Whether a stop's price is reached, now or before."""
    if one.triggered or one.order.stop is None:
        return one.triggered
    beyond = (market.against(one.order.side) - one.order.stop) * one.order.side.sign
    return beyond >= 0


def price_of_fill(one: PaperOrder, market: Touch) -> Decimal | None:
    """What a share is filled at, None where the price is not reached."""
    price = market.against(one.order.side)
    if one.order.type is OrderType.STOP:
        return price if is_triggered(one, market) else None
    if one.order.limit is None:
        return price
    if (price - one.order.limit) * one.order.side.sign > 0:
        return None
    return one.order.limit if one.rested else price


def room(settings: PaperSettings, volume: Decimal | None) -> Decimal:
    """How many whole shares a quote can fill in all, after so much was traded since the last."""
    if volume is None:
        return settings.quote_size
    return (volume * settings.participation).quantize(WHOLE, ROUND_DOWN)
