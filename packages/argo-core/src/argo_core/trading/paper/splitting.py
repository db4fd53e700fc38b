"""What a split of shares does to a position and to its last price."""

from decimal import ROUND_FLOOR, Decimal

from attrs import evolve

from argo_core.market.quote import Quote
from argo_core.trading.order import positive
from argo_core.trading.position import Position

ZERO = Decimal(0)
# Brokers that know fractions of shares count them in as many decimals.
SHARE = Decimal("0.000000001")
# As many decimals as a quote can have.
PRICE = Decimal(1).scaleb(-18)


def split_shares(held: Position, new: Decimal, old: Decimal) -> Position:
    """The same cost for other shares; a fraction too small to be counted is gone.

    Raises:
        InvalidInput: the ratio is not positive.
    """
    ratio_new, ratio_old = positive("new", new), positive("old", old)
    quantity = (held.quantity * ratio_new / ratio_old).quantize(SHARE, ROUND_FLOOR).normalize()
    cost = held.quantity * held.average
    return evolve(held, quantity=quantity, average=cost / quantity if quantity else ZERO)


def split_quote(quote: Quote, new: Decimal, old: Decimal) -> Quote:
    """It is older than the split, and still what the shares are worth by until there is another."""

    def converted(price: Decimal | None) -> Decimal | None:
        return None if price is None else max((price * old / new).quantize(PRICE), PRICE)

    price = max((quote.price * old / new).quantize(PRICE), PRICE)
    return evolve(quote, price=price, bid=converted(quote.bid), ask=converted(quote.ask))
