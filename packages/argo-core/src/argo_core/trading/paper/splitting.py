"""What a split of shares does to a position and to its last price."""

from decimal import ROUND_FLOOR, Decimal

from attrs import evolve

from argo_core.market.quote import Quote
from argo_core.trading.broker_view import Split
from argo_core.trading.position import Position

ZERO = Decimal(0)
# Brokers that know fractions of shares count them in as many decimals, which do for prices as well.
STEP = Decimal("0.000000001")


def split_shares(held: Position, split: Split) -> Position:
    """The same cost for other shares; a fraction too small to be counted is gone."""
    quantity = (held.quantity * split.new / split.old).quantize(STEP, ROUND_FLOOR)
    cost = held.quantity * held.average
    return evolve(held, quantity=quantity, average=cost / quantity if quantity else ZERO)


def split_quote(quote: Quote, split: Split) -> Quote:
    """It is older than the split, and still what the shares are worth by until there is another."""

    def converted(price: Decimal) -> Decimal:
        return max((price * split.old / split.new).quantize(STEP), STEP)

    bid = None if quote.bid is None else converted(quote.bid)
    ask = None if quote.ask is None else converted(quote.ask)
    return evolve(quote, price=converted(quote.price), bid=bid, ask=ask)
