"""How much may have been filled between two looks at the same account."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from attrs import frozen

from argo_core.market.instrument import Symbol
from argo_core.trading.matching import Matched
from argo_core.trading.order import Side

ZERO = Decimal(0)


@frozen
class Swing:
    """Shares by symbol that the broker's position may be above (`up`) or below (`down`) ours.

    What remains of an open order may be in the position already, and what an order has newly
    filled may not be in it yet. `moved` are the symbols of the latter.
    """

    up: Mapping[Symbol, Decimal]
    down: Mapping[Symbol, Decimal]
    moved: frozenset[Symbol]

    @classmethod
    def of(cls, orders: Matched) -> "Swing":
        up: dict[Symbol, Decimal] = defaultdict(Decimal)
        down: dict[Symbol, Decimal] = defaultdict(Decimal)
        moved = set()
        for one in orders.shared:
            symbol, change = one.said.symbol, abs(one.told - one.known)
            ahead, behind = (up, down) if one.said.side is Side.BUY else (down, up)
            ahead[symbol] += one.remaining
            behind[symbol] += change
            if change:
                moved.add(symbol)
        for own in orders.ours:
            if own.status.is_open:
                ahead = up if own.side is Side.BUY else down
                ahead[own.symbol] += own.quantity - own.filled
        return cls(up, down, frozenset(moved))

    def may_be(self, symbol: Symbol, change: Decimal) -> bool:
        """Whether orders explain that the broker has `change` more shares than we."""
        return -self.down.get(symbol, ZERO) <= change <= self.up.get(symbol, ZERO)

    def may_pay(self, change: Decimal) -> bool:
        """Whether orders explain that the broker has `change` more cash: buying takes it."""
        return any((self.down if change > 0 else self.up).values())
