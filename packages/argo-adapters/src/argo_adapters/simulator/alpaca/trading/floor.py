"""Where orders live: how they are filled, how they end, and what that means for their relatives.

Choices where the documents are silent: when one of a pair of legs is cancelled the other goes
with it, and what one of a pair is filled in part is taken off the other. Legs for which there are
no shares any more when their time comes are rejected.
"""

from collections.abc import Callable
from decimal import Decimal

from argo_adapters.simulator.alpaca.trading.account import Account
from argo_adapters.simulator.alpaca.trading.checks import shares_held
from argo_adapters.simulator.alpaca.trading.hours import Hours
from argo_adapters.simulator.alpaca.trading.matching import meeting, reach
from argo_adapters.simulator.alpaca.trading.order import (
    CANCELED,
    EXPIRED,
    FILLED,
    HELD,
    NEW,
    PARTIALLY_FILLED,
    PENDING_NEW,
    REJECTED,
    REPLACED,
    SELL,
    WORKING,
    Order,
)
from argo_adapters.simulator.alpaca.trading.patch import take_over
from argo_adapters.simulator.alpaca.trading.portions import Portions
from argo_adapters.simulator.alpaca.trading.prices import Prices, Quote
from argo_adapters.simulator.alpaca.trading.records import Fill
from argo_adapters.simulator.alpaca.trading.register import Register

Tell = Callable[[str, Order, Fill | None], None]

_MICROSECOND = 1_000
_NOBODY = Quote(Decimal(0), Decimal(0), Decimal(0), Decimal(0))


class Floor:
    """`tell` hears of everything that happens to an order, when it happens."""

    def __init__(
        self,
        *,
        prices: Prices,
        hours: Hours,
        account: Account,
        portions: Portions,
        register: Register,
        tell: Tell,
        now: int,
    ) -> None:
        self.prices = prices
        self.hours = hours
        self.account = account
        self.register = register
        self.fills: list[Fill] = []
        self.now = now
        self._portions = portions
        self._tell = tell
        self._stamp = 0

    def stamp(self) -> int:
        """A moment of its own for everything that happens."""
        self._stamp = max(self.now, self._stamp + _MICROSECOND)
        return self._stamp

    def quote(self, symbol: str) -> Quote:
        """The prices of this moment."""
        return self.prices.quote(symbol, self.now) or _NOBODY

    def trades(self, order: Order) -> bool:
        """Whether this is an hour in which the order can be filled."""
        hours = self.hours
        return hours.extended(self.now) if order.extended else hours.regular(self.now)

    def becomes(self, order: Order, status: str, event: str = "", fill: Fill | None = None) -> None:
        """The order's status changes, and whoever listens is told."""
        order.status = status
        order.times.updated = fill.at if fill else self.stamp()
        self._tell(event or status, order, fill)

    def accept(self, order: Order) -> None:
        """The market has the order."""
        self.becomes(order, NEW)
        if order.order_class == "oco":
            self._release(order)

    def expire(self) -> None:
        """Orders whose time is over end."""
        for order in self.register.working():
            if order.is_open and self._is_due(order):
                self.finish(order, EXPIRED)

    def replace(self, old: Order, new: Order) -> None:
        """The new order takes the place of the old one, unless nothing is wanted any more."""
        if new.quantity <= 0:
            self.finish(new, REJECTED)
            self.keep(old)
            return
        take_over(old, new)
        old.replaced_by = new.id
        self.register.begins(new)
        self.finish(old, REPLACED)
        if new.status == PENDING_NEW:
            self.becomes(new, NEW)

    def keep(self, order: Order) -> None:
        """The order was to be replaced, and is not."""
        status = PARTIALLY_FILLED if order.filled else NEW
        self.becomes(order, status, "order_replace_rejected")

    def try_all(self) -> bool:
        """Fill whatever can be filled now; whether anything was."""
        # A list, because every order is to be tried, and because fills make orders end.
        return any([self._try(order) for order in self.register.working()])  # noqa: C419

    def finish(self, order: Order, status: str, fill: Fill | None = None) -> None:
        """The order's end, and what it means for its relatives."""
        self._end(order, status, fill)
        if status == REPLACED:
            return
        left_over = order.rivals()
        if status == FILLED and order.order_class != "oco":
            self._release(order)
        else:
            left_over = [*order.legs, *left_over]
        for one in left_over:
            if one.is_open:
                due = status == EXPIRED and self._is_due(one)
                self.finish(one, EXPIRED if due else CANCELED)

    def _end(self, order: Order, status: str, fill: Fill | None = None) -> None:
        self.register.ends(order)
        self._portions.forget(order)
        name = "failed" if status == REJECTED else status
        setattr(order.times, name, fill.at if fill else self.stamp())
        self.becomes(order, status, "fill" if fill else "", fill)

    def _try(self, order: Order) -> bool:
        halted = order.symbol in self.prices.halted
        if order.status not in WORKING or halted or not self.trades(order):
            return False
        quote = self.quote(order.symbol)
        reach(order, quote)
        price = meeting(order, quote)
        part = self._portions.take(order, self.now) if price else Decimal(0)
        if price and part:
            self._fill(order, part, price)
        return bool(part)

    def _fill(self, order: Order, part: Decimal, price: Decimal) -> None:
        self.account.trade(order.symbol, part * order.sign, price)
        order.filled += part
        order.cost += part * price
        rivals = [one for one in order.rivals() if order.left and one.is_open]
        for rival in rivals:
            rival.quantity = max(rival.filled, rival.quantity - part)
        fill = Fill(
            self.register.next_id("execution")[1],
            self.stamp(),
            order.id,
            order.symbol,
            order.side,
            part,
            price,
            self.account.held(order.symbol),
            order.filled,
            order.left,
        )
        self.fills.append(fill)
        if order.left:
            status = PARTIALLY_FILLED if order.status == NEW else order.status
            self.becomes(order, status, "partial_fill", fill)
            self._drop_empty(rivals)
        else:
            self.finish(order, FILLED, fill)

    def _drop_empty(self, rivals: list[Order]) -> None:
        """A leg that was made smaller than the other may have nothing left to do."""
        for rival in rivals:
            if not rival.left and rival.is_open:
                # Not through `finish`, which would take the other one along.
                self._end(rival, CANCELED)

    def _release(self, order: Order) -> None:
        """The legs go to the market, which rejects sales of shares that others hold meanwhile."""
        working = self.register.working(order.symbol)
        others = [one for one in working if one not in order.legs and one is not order]
        free = self.account.held(order.symbol) - shares_held(others)
        for leg in order.legs:
            if leg.status == HELD:
                short = leg.side == SELL and leg.left > free
                self._end(leg, REJECTED) if short else self.becomes(leg, NEW)

    def _is_due(self, order: Order) -> bool:
        return order.times.expires is not None and order.times.expires <= self.now
