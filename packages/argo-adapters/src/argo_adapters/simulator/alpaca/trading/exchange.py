"""The exchange: it takes orders of one account, answers them, and fills them when prices meet.

Nothing happens by itself: `look` brings it up to a moment. A request is answered by the market in
the next look, so a client sees `pending_new` first.
"""

from decimal import Decimal

from argo_adapters.simulator.alpaca.trading.account import Flow
from argo_adapters.simulator.alpaca.trading.asks import Asked, Asks
from argo_adapters.simulator.alpaca.trading.checks import (
    check_bracket,
    check_money,
    check_shares,
    check_wash,
)
from argo_adapters.simulator.alpaca.trading.drawing import drawn
from argo_adapters.simulator.alpaca.trading.floor import Floor
from argo_adapters.simulator.alpaca.trading.hours import CLOSES, OPENS
from argo_adapters.simulator.alpaca.trading.matching import claim
from argo_adapters.simulator.alpaca.trading.order import (
    ACCEPTED,
    BUY,
    CANCELED,
    HELD,
    PENDING_CANCEL,
    PENDING_NEW,
    PENDING_REPLACE,
    REJECTED,
    SELL,
    Order,
)
from argo_adapters.simulator.alpaca.trading.patch import Patch, check_patch, successor
from argo_adapters.simulator.alpaca.trading.records import SplitOf
from argo_adapters.simulator.alpaca.trading.refusals import invalid, not_unique
from argo_adapters.simulator.alpaca.trading.ticket import Ticket
from argo_adapters.simulator.stamps import midnight


class Exchange:
    """What clients ask of it, and what time brings. `to_reject` new orders fail at the market."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.register = floor.register
        self.account = floor.account
        self.asks = Asks()
        self.splits: list[SplitOf] = []
        self.to_reject = 0

    def look(self, now: int) -> None:
        """Bring everything up to `now`: openings, closes, answers, fills."""
        floor = self.floor
        for at, edge in floor.hours.edges(floor.now, now):
            floor.now = at
            if edge == OPENS:
                self._split()
            floor.expire()
            if edge == CLOSES:
                self.account.close(self.worths())
        floor.now = max(floor.now, now)
        floor.expire()
        self._queued()
        self._answer()
        while floor.try_all():
            self._answer()

    def worths(self) -> dict[str, Decimal]:
        """The last prices of what is held."""
        return {symbol: self.floor.quote(symbol).last for symbol in self.account.holdings}

    def buying_power(self) -> Decimal:
        """What may be spent on new orders."""
        return self.account.buying_power(self.worths(), self.register.reserved())

    def submit(self, ticket: Ticket) -> Order:
        """Take the order in, or refuse it."""
        floor, symbol = self.floor, ticket.symbol
        if self.register.is_taken(ticket.client_id):
            not_unique()
        if not floor.prices.knows(symbol):
            invalid(f'asset "{symbol[:20]}" not found')
        quote, working = floor.quote(symbol), self.register.working(symbol)
        check_bracket(ticket, quote)
        if ticket.side == SELL:
            check_shares(symbol, ticket.quantity, self.account.held(symbol), working)
        check_wash(ticket, working)
        price = claim(ticket.limit, ticket.stop, quote)
        if ticket.side == BUY:
            check_money(self.buying_power(), price, ticket.quantity)
        expires = floor.hours.expiry(floor.now, ticket.tif, extended=ticket.extended)
        order = drawn(ticket, self.register, floor.stamp(), expires)
        order.reserved = price if order.side == BUY else Decimal(0)
        for one in (order, *order.legs):
            self.register.enlist(one)
            self.register.begins(one)
        if floor.trades(order):
            self._sent(order)
        else:
            floor.becomes(order, ACCEPTED)
        return order

    def cancel(self, order: Order) -> None:
        """Ask for the order's end; it may still be filled while the market thinks about it."""
        if not order.is_open or order.status == PENDING_CANCEL:
            invalid(f'order is already in "{order.status}" state')
        if order.status in {ACCEPTED, HELD}:
            # The market has not seen it, so nobody needs to be asked.
            self.floor.finish(order, CANCELED)
            return
        self.floor.becomes(order, PENDING_CANCEL)
        self.asks.add(Asked.CANCEL, order)

    def replace(self, order: Order, change: Patch) -> Order:
        """Ask for another order in the place of this one; the other."""
        check_patch(order, change)
        if self.register.is_taken(change.client_id):
            not_unique()
        self._check_means(order, change)
        floor = self.floor
        number, new_id = self.register.next_id("order")
        new = successor(order, change, new_id, number, floor.stamp())
        new.times.expires = floor.hours.expiry(floor.now, new.tif, extended=new.extended)
        self.register.enlist(new)
        if order.status == HELD:
            floor.replace(order, new)
        else:
            floor.becomes(order, PENDING_REPLACE)
            self.asks.add(Asked.REPLACE, order, new, order.filled)
        return new

    def split(self, split: SplitOf) -> None:
        """Remember a split for the opening of its day; orders keep their prices."""
        self.splits.append(split)

    def deposit(self, amount: Decimal) -> None:
        """Money comes in or goes out."""
        self.account.cash += amount
        _, flow_id = self.register.next_id("flow")
        self.account.flows.append(Flow(flow_id, self.floor.stamp(), amount))

    def _check_means(self, order: Order, change: Patch) -> None:
        """Whether there are shares or money for the order as it is to be."""
        wanted = change.quantity or order.left
        if order.status == HELD:
            return
        if order.side == SELL:
            # Its rivals hold the same shares, not further ones.
            kin = [order, *order.rivals()]
            others = [one for one in self.register.working(order.symbol) if one not in kin]
            check_shares(order.symbol, wanted, self.account.held(order.symbol), others)
        else:
            available = self.buying_power() + order.reserved * order.left
            check_money(available, change.limit or change.stop or order.reserved, wanted)

    def _sent(self, order: Order) -> None:
        self.floor.becomes(order, PENDING_NEW)
        self.asks.add(Asked.NEW, order)

    def _queued(self) -> None:
        """Orders that came when the market was closed go there when it opens."""
        for order in self.register.working():
            if order.status == ACCEPTED and self.floor.trades(order):
                self._sent(order)

    def _answer(self) -> None:
        floor = self.floor
        for ask in self.asks.due():
            order, new = ask.order, ask.successor
            if ask.what is Asked.NEW:
                self._accept(order)
            elif order.status == CANCELED and new is None:
                # It went with a relative, which is all that was wanted.
                continue
            elif not order.is_open:
                floor.becomes(order, order.status, f"order_{ask.what}_rejected")
                if new is not None and new.is_open:
                    floor.finish(new, REJECTED)
            elif new is None:
                floor.finish(order, CANCELED)
            elif not new.is_open:
                floor.keep(order)
            else:
                # What was filled while the market thought is wanted no more.
                new.quantity -= order.filled - ask.filled
                floor.replace(order, new)

    def _accept(self, order: Order) -> None:
        if order.status != PENDING_NEW:
            return
        if self.to_reject:
            self.to_reject -= 1
            self.floor.finish(order, REJECTED)
        else:
            self.floor.accept(order)

    def _split(self) -> None:
        for one in self.splits:
            if one.midnight == midnight(self.floor.now):
                self.account.split(one.symbol, one.new / one.old)
