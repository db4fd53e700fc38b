"""The exchange: it takes orders of one account, answers them, and fills them when prices meet.

Nothing happens by itself: `look` brings it up to a moment. A request is answered by the market in
the next look, so a client sees `pending_new` first. Two choices where the documents are silent: an
order that replaces one partly filled starts at nothing filled, with what is then still wanted; and
when one leg of a pair is cancelled the other goes with it.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from attrs import frozen

from argo_adapters.simulator.alpaca.trading import ids
from argo_adapters.simulator.alpaca.trading.account import Account, Flow
from argo_adapters.simulator.alpaca.trading.asks import Asked, Asks
from argo_adapters.simulator.alpaca.trading.checks import (
    check_bracket,
    check_money,
    check_shares,
    check_wash,
)
from argo_adapters.simulator.alpaca.trading.hours import CLOSES, OPENS, Hours
from argo_adapters.simulator.alpaca.trading.matching import claim, meeting, reach
from argo_adapters.simulator.alpaca.trading.order import (
    ACCEPTED,
    BUY,
    CANCELED,
    EXPIRED,
    FILLED,
    HELD,
    NEW,
    PARTIALLY_FILLED,
    PENDING_CANCEL,
    PENDING_NEW,
    PENDING_REPLACE,
    REJECTED,
    REPLACED,
    SELL,
    WORKING,
    Order,
    Times,
)
from argo_adapters.simulator.alpaca.trading.patch import Patch, check_patch, successor, take_over
from argo_adapters.simulator.alpaca.trading.portions import Portions
from argo_adapters.simulator.alpaca.trading.prices import Prices, Quote
from argo_adapters.simulator.alpaca.trading.refusals import invalid, no_order, not_unique
from argo_adapters.simulator.alpaca.trading.ticket import Ticket
from argo_adapters.simulator.stamps import midnight

_MICROSECOND = 1_000
_NOBODY = Quote(Decimal(0), Decimal(0), Decimal(0), Decimal(0))


@frozen
class Fill:
    """One execution, with the order as it was just after it."""

    id: str
    at: int
    order_id: str
    symbol: str
    side: str
    quantity: Decimal
    price: Decimal
    position: Decimal
    total: Decimal
    left: Decimal


@frozen
class SplitOf:
    """`new` shares for `old` ones from the opening of the day that begins at `midnight`."""

    symbol: str
    new: Decimal
    old: Decimal
    day: date
    midnight: int


Tell = Callable[[str, Order, Fill | None], None]


class Exchange:
    """`tell` hears of everything that happens to an order, when it happens."""

    def __init__(
        self,
        prices: Prices,
        hours: Hours,
        account: Account,
        portions: Portions,
        tell: Tell,
        *,
        seed: int,
        now: int,
    ) -> None:
        self.prices = prices
        self.hours = hours
        self.account = account
        self.portions = portions
        self.asks = Asks()
        self.orders: dict[str, Order] = {}
        self.fills: list[Fill] = []
        self.splits: list[SplitOf] = []
        self.now = now
        self.to_reject = 0
        self._tell = tell
        self._seed = seed
        self._stamp = 0
        self._made = 0
        self._by_client: dict[str, Order] = {}
        self._open: dict[str, Order] = {}

    # What time brings.

    def look(self, now: int) -> None:
        """Bring everything up to `now`: openings, closes, answers, fills."""
        for at, edge in self.hours.edges(self.now, now):
            self.now = at
            if edge == OPENS:
                self._split()
            self._expire()
            if edge == CLOSES:
                self.account.close(self.worths())
        self.now = max(self.now, now)
        self._expire()
        self._queued()
        self._answer()
        while sum(self._try(order) for order in list(self._open.values())):
            self._answer()

    def worths(self) -> dict[str, Decimal]:
        """The last prices of what is held."""
        return {symbol: self.quote(symbol).last for symbol in self.account.holdings}

    def quote(self, symbol: str) -> Quote:
        """The prices of this moment."""
        return self.prices.quote(symbol, self.now) or _NOBODY

    def working(self, symbol: str | None = None) -> list[Order]:
        """Open orders that count against shares and money, of one symbol or all."""
        return [one for one in self._open.values() if symbol in {None, one.symbol}]

    def reserved(self) -> Decimal:
        """Money that open purchases claim."""
        claims = (one.reserved * one.left for one in self._open.values() if one.status != HELD)
        return sum(claims, Decimal(0))

    def buying_power(self) -> Decimal:
        """What may be spent on new orders."""
        return self.account.buying_power(self.worths(), self.reserved())

    def stamp(self) -> int:
        """A moment of its own for everything that happens."""
        self._stamp = max(self.now, self._stamp + _MICROSECOND)
        return self._stamp

    # What clients ask.

    def find(self, order_id: str) -> Order:
        """The order of that id, or 404."""
        return self.orders.get(order_id) or no_order()

    def find_by_client(self, client_id: str) -> Order:
        """The order that the client calls so, or 404."""
        return self._by_client.get(client_id) or no_order()

    def submit(self, ticket: Ticket) -> Order:
        """Take the order in, or refuse it."""
        if ticket.client_id in self._by_client:
            not_unique()
        if not self.prices.knows(ticket.symbol):
            invalid(f'asset "{ticket.symbol[:20]}" not found')
        quote, working = self.quote(ticket.symbol), self.working(ticket.symbol)
        check_bracket(ticket, quote)
        if ticket.side == SELL:
            owned = self.account.held(ticket.symbol)
            check_shares(ticket.symbol, ticket.quantity, owned, working)
        check_wash(ticket, working)
        if ticket.side == BUY:
            price = claim(ticket.limit, ticket.stop, quote)
            check_money(self.buying_power(), price, ticket.quantity)
        return self._enter(self._order(ticket, quote))

    def cancel(self, order: Order) -> None:
        """Ask for the order's end; it may still be filled while the market thinks about it."""
        if not order.is_open or order.status == PENDING_CANCEL:
            invalid(f'order is already in "{order.status}" state')
        if order.status in {ACCEPTED, HELD}:
            # The market has not seen it, so nobody needs to be asked.
            self._finish(order, CANCELED)
            return
        self._becomes(order, PENDING_CANCEL)
        self.asks.add(Asked.CANCEL, order)

    def replace(self, order: Order, change: Patch) -> Order:
        """Ask for another order in the place of this one; the other."""
        check_patch(order, change)
        if change.client_id in self._by_client:
            not_unique()
        others = [one for one in self.working(order.symbol) if one is not order]
        wanted = change.quantity or order.left
        if order.status == HELD:
            pass
        elif order.side == SELL:
            # Its rivals hold the same shares, not further ones.
            free = [one for one in others if one not in order.rivals()]
            check_shares(order.symbol, wanted, self.account.held(order.symbol), free)
        else:
            available = self.buying_power() + order.reserved * order.left
            check_money(available, change.limit or change.stop or order.reserved, wanted)
        new = successor(order, change, self._id("order"), self._made, self.stamp())
        if new.side == BUY:
            new.reserved = change.limit or change.stop or order.reserved
        new.times.expires = self._expiry(new.tif, extended=new.extended)
        self._enlist(new)
        if order.status == HELD:
            self._replaced(order, new)
        else:
            new_filled = order.filled
            self._becomes(order, PENDING_REPLACE)
            self.asks.add(Asked.REPLACE, order, new, new_filled)
        return new

    # How an order lives.

    def _order(self, ticket: Ticket, quote: Quote) -> Order:
        order_id, at = self._id("order"), self.stamp()
        order = Order(
            id=order_id,
            number=self._made,
            client_id=ticket.client_id or order_id,
            symbol=ticket.symbol,
            side=ticket.side,
            type=ticket.type,
            tif=ticket.tif,
            quantity=ticket.quantity,
            order_class=ticket.order_class,
            status=PENDING_NEW,
            times=Times(at, at),
            limit=ticket.limit,
            stop=ticket.stop,
            extended=ticket.extended,
            opens=ticket.side == BUY,
        )
        if order.opens:
            order.reserved = claim(ticket.limit, ticket.stop, quote)
        order.times.expires = self._expiry(ticket.tif, extended=ticket.extended)
        return self._with_legs(order, ticket)

    def _with_legs(self, order: Order, ticket: Ticket) -> Order:
        if ticket.take_profit is not None and ticket.order_class != "oco":
            order.legs.append(self._leg(order, "limit", ticket.take_profit, None))
        if (loss := ticket.stop_loss) is not None:
            kind = "stop" if loss.limit is None else "stop_limit"
            order.legs.append(self._leg(order, kind, loss.limit, loss.stop))
        return order

    def _leg(self, order: Order, kind: str, limit: Decimal | None, stop: Decimal | None) -> Order:
        oco = order.order_class == "oco"
        leg_id = self._id("order")
        return Order(
            id=leg_id,
            number=self._made,
            client_id=leg_id,
            symbol=order.symbol,
            side=order.side if oco else SELL if order.side == BUY else BUY,
            type=kind,
            tif=order.tif,
            quantity=order.quantity,
            order_class=order.order_class,
            status=HELD,
            times=Times(order.times.created, order.times.created, expires=order.times.expires),
            limit=limit,
            stop=stop,
            opens=False,
            parent=order,
        )

    def _enter(self, order: Order) -> Order:
        for one in (order, *order.legs):
            self._enlist(one)
            self._open[one.id] = one
        if self._trades(order):
            self._becomes(order, PENDING_NEW)
            self.asks.add(Asked.NEW, order)
        else:
            self._becomes(order, ACCEPTED)
        return order

    def _enlist(self, order: Order) -> None:
        self.orders[order.id] = order
        self._by_client[order.client_id] = order

    def _queued(self) -> None:
        for order in self.working():
            if order.status == ACCEPTED and self._trades(order):
                self._becomes(order, PENDING_NEW)
                self.asks.add(Asked.NEW, order)

    def _answer(self) -> None:
        for ask in self.asks.due():
            order = ask.order
            if ask.what is Asked.NEW:
                self._accept(order)
            elif not order.is_open:
                self._tell(f"order_{ask.what}_rejected", order, None)
                if ask.successor is not None:
                    self._finish(ask.successor, REJECTED)
            elif ask.successor is None:
                self._finish(order, CANCELED)
            else:
                # What was filled while the market thought is wanted no more.
                ask.successor.quantity -= order.filled - ask.filled
                self._replaced(order, ask.successor)

    def _accept(self, order: Order) -> None:
        if order.status != PENDING_NEW:
            return
        if self.to_reject:
            self.to_reject -= 1
            self._finish(order, REJECTED)
            return
        self._becomes(order, NEW)
        if order.order_class == "oco":
            self._release(order)

    def _release(self, order: Order) -> None:
        """The legs go to the market."""
        for leg in order.legs:
            if leg.status == HELD:
                self._becomes(leg, NEW)

    def _replaced(self, old: Order, new: Order) -> None:
        if new.quantity <= 0:
            self._finish(new, REJECTED)
            self._becomes(old, PARTIALLY_FILLED if old.filled else NEW, "order_replace_rejected")
            return
        take_over(old, new)
        old.replaced_by = new.id
        self._open[new.id] = new
        self._finish(old, REPLACED)
        if new.status == PENDING_NEW:
            self._becomes(new, NEW)

    def _try(self, order: Order) -> bool:
        """Fill what can be filled of the order now; whether anything was."""
        if order.status not in WORKING or not self._trades(order):
            return False
        if order.symbol in self.prices.halted:
            return False
        quote = self.quote(order.symbol)
        reach(order, quote)
        price = meeting(order, quote)
        part = self.portions.take(order, self.now) if price else Decimal(0)
        if price and part:
            self._fill(order, part, price)
        return bool(part)

    def _fill(self, order: Order, part: Decimal, price: Decimal) -> None:
        self.account.trade(order.symbol, part * order.sign, price)
        order.filled += part
        order.cost += part * price
        for rival in order.rivals():
            if order.left and rival.is_open:
                rival.quantity -= part
        fill = Fill(
            self._id("execution"),
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
        if not order.left:
            self._finish(order, FILLED, fill)
        elif order.status == NEW:
            self._becomes(order, PARTIALLY_FILLED, "partial_fill", fill)
        else:
            self._becomes(order, order.status, "partial_fill", fill)

    def _becomes(
        self, order: Order, status: str, event: str = "", fill: Fill | None = None
    ) -> None:
        order.status = status
        order.times.updated = fill.at if fill else self.stamp()
        self._tell(event or status, order, fill)

    def _finish(self, order: Order, status: str, fill: Fill | None = None) -> None:
        """The order's end, and what it means for its relatives."""
        self._open.pop(order.id, None)
        self.portions.forget(order)
        name = {REJECTED: "failed"}.get(status, status)
        at = fill.at if fill else self.stamp()
        setattr(order.times, name, at)
        self._becomes(order, status, "fill" if fill else "", fill)
        if status == REPLACED:
            return
        if status == FILLED and order.order_class != "oco":
            self._release(order)
            left_over = order.rivals()
        else:
            left_over = [*order.legs, *order.rivals()]
        for one in left_over:
            if one.is_open:
                due = status == EXPIRED and self._is_due(one)
                self._finish(one, EXPIRED if due else CANCELED)

    def _expire(self) -> None:
        for order in self.working():
            if order.is_open and self._is_due(order):
                self._finish(order, EXPIRED)

    def _is_due(self, order: Order) -> bool:
        return order.times.expires is not None and order.times.expires <= self.now

    def _expiry(self, tif: str, *, extended: bool) -> int | None:
        """The end of the session under way, or of the next one."""
        if tif != "day":
            return None
        day = self.hours.day(self.now)
        if extended and day is not None and self.now < day.post:
            return day.post
        closes = self.hours.next_close(self.now)
        if not extended:
            return closes
        day = self.hours.day(closes)
        return day.post if day else closes

    def _trades(self, order: Order) -> bool:
        hours = self.hours
        return hours.extended(self.now) if order.extended else hours.regular(self.now)

    # What comes from outside the market.

    def split(self, split: SplitOf) -> None:
        """Remember a split for the opening of its day; orders keep their prices."""
        self.splits.append(split)

    def _split(self) -> None:
        for one in self.splits:
            if one.midnight == midnight(self.now):
                self.account.split(one.symbol, one.new / one.old)

    def deposit(self, amount: Decimal) -> None:
        """Money comes in or goes out."""
        self.account.cash += amount
        self.account.flows.append(Flow(self._id("flow"), self.stamp(), amount))

    def _id(self, kind: str) -> str:
        self._made += 1
        return ids.made(self._seed, kind, self._made)
