"""The paper broker: says what became of orders when it is told quotes and the time; no I/O."""

from datetime import datetime
from decimal import Decimal
from typing import NoReturn

from attrs import evolve

from argo_core.errors import BrokerRefused, InvalidInput
from argo_core.market.quote import Quote
from argo_core.trading.broker_view import (
    BrokerAccount,
    BrokerOrder,
    BrokerPosition,
    BrokerUpdate,
    CashFlow,
    Split,
)
from argo_core.trading.order import GoodTill, OrderRequest, OrderType, Side, Status, positive
from argo_core.trading.paper.book import PaperBook
from argo_core.trading.paper.fills import room, touch
from argo_core.trading.paper.matching import Offer, end, finish_cancels, meet
from argo_core.trading.paper.order import Happening, PaperOrder
from argo_core.trading.paper.refusals import Books
from argo_core.trading.paper.settings import PaperSettings
from argo_core.trading.paper.splitting import split_quote, split_shares
from argo_core.trading.paper.state import PaperState, marked, reserved, shares_held

ZERO = Decimal(0)


class PaperHouse:
    """Made from what another one had in its books, it goes on exactly where that one was.

    What happens is collected and told once, by `on_quote`, `expire`, `close_day` or `said`.
    """

    def __init__(self, settings: PaperSettings, state: PaperState) -> None:
        self._settings = settings
        self._book = PaperBook(state)

    def submit(self, request: OrderRequest, now: datetime) -> BrokerOrder:
        """Take the order, and its bracket's legs; one that is there already stays as it is.

        Raises:
            BrokerRefused: one of the rules in `refusals.py` is against it.
        """
        known = self.order(request.id)
        if known is not None:
            return known
        self._check(request)
        entry = self._book.add(request, Status.WORKING, now)
        self._book.tell(entry)
        if request.bracket is not None:
            stop, target = request.bracket.stop, request.bracket.target
            for type_, price in ((OrderType.STOP, stop), (OrderType.LIMIT, target)):
                if price is not None:
                    self._book.tell(self._book.add_leg(entry, type_, price, now))
        return entry.order

    def cancel(self, broker_id: str, now: datetime) -> None:
        """End an open order, and what ends with it: an entry's legs, a leg's other leg.

        Raises:
            BrokerRefused: it is not open, or there is no such order.
        """
        one = self._open(broker_id)
        if not self._settings.slow_cancels or one.order.status is Status.HELD:
            end(self._book, one, Happening.CANCELLED, now)
        elif one.order.status is Status.WORKING:
            self._book.tell(one.after(Happening.CANCEL_ASKED, now))

    def replace(self, broker_id: str, request: OrderRequest, now: datetime) -> BrokerOrder:
        """End an open order and put another in its place, at the end of the queue.

        `quantity` is what the new one is to fill, whatever the old one has. An entry can be
        replaced as long as nothing of it is filled; its legs follow it, also in quantity.

        Raises:
            BrokerRefused: it is not open, or one of the rules is against the new one.
        """
        known = self.order(request.id)
        if known is not None:
            return known
        old, book = self._open(broker_id), self._book
        legs = book.legs(broker_id)
        if old.order.status is Status.CANCELLING or (legs and old.order.filled):
            self._refuse("not_replaceable", f"{broker_id} cannot be replaced now")
        self._check(request, old)
        new = book.add(request, old.order.status, now)
        new = evolve(new, order=evolve(new.order, parent=old.order.parent, replaces=broker_id))
        ended, new_id = old.after(Happening.REPLACED, now), new.order.broker_id
        book.tell(evolve(ended, order=evolve(ended.order, replaced_by=new_id)))
        book.tell(new)
        for leg in legs:
            order = evolve(leg.order, parent=new_id, quantity=request.quantity, at=now)
            book.tell(evolve(leg, order=order))
        return new.order

    def deposit(self, amount: Decimal, now: datetime) -> CashFlow:
        """Cash that comes in, or goes out where `amount` is negative.

        Raises:
            InvalidInput: it is nothing, or more than is free.
        """
        free = self._free()
        if not amount.is_finite() or amount == 0 or -amount > free:
            fix = f"give an amount other than zero, at most {free} to take out"
            raise InvalidInput("amount", f"{amount} cannot be paid", fix)
        book = self._book
        flow = CashFlow(f"{book.money.account}-flow-{len(book.flows) + 1}", now, amount)
        book.flow(flow)
        return flow

    def on_quote(
        self, quote: Quote, volume: Decimal | None, now: datetime, *, regular: bool = True
    ) -> tuple[BrokerUpdate, ...]:
        """Fill what this quote fills, the oldest order first, and tell what happened.

        `volume` is how many shares were traded since the quote before, None where nobody knows.
        A quote older than the last one is ignored, and one that is older than an order does not
        fill it. Outside the `regular` session only `extended` orders are filled.
        """
        book, last = self._book, self._book.quotes.get(quote.symbol)
        if last is None or quote.at >= last.at:
            book.quote(quote)
            market = touch(quote, self._settings.spread)
            offer = Offer(market, room(self._settings, volume))
            mine = book.of_symbol(quote.symbol)
            for one in mine:
                if one.works and one.placed <= quote.at and (regular or one.extended):
                    offer = meet(book, self._settings.fees, one, offer, now)
            finish_cancels(book, mine, now)
        return self.said()

    def expire(self, now: datetime) -> tuple[BrokerUpdate, ...]:
        """End the open orders that are good for the day, at its close, and tell what happened."""
        for one in tuple(self._book.open.values()):
            fresh = self._book.open.get(one.order.broker_id)
            if fresh is not None and fresh.works and fresh.good_till is GoodTill.DAY:
                end(self._book, fresh, Happening.EXPIRED, now)
        return self.said()

    def close_day(self, now: datetime) -> tuple[BrokerUpdate, ...]:
        """The session's official close: orders expire, and the equity is kept as that day's."""
        updates = self.expire(now)
        self._book.money = evolve(self._book.money, last_equity=self.account().equity)
        return updates

    def split(self, split: Split, now: datetime) -> None:
        """Give `new` shares for every `old` one; a split that was applied before changes nothing.

        The position and the last quote are converted, orders are not: not their prices and not
        their quantities, as with Alpaca. If there are not enough shares any more for all orders to
        sell, these are cancelled.
        """
        book, symbol = self._book, split.symbol
        if split in book.splits:
            return
        positive("split.new", split.new)
        positive("split.old", split.old)
        book.splits |= {split}
        if symbol in book.positions:
            book.hold(symbol, split_shares(book.positions[symbol], split))
        if symbol in book.quotes:
            book.quote(split_quote(book.quotes[symbol], split))
        if shares_held(book.open.values(), symbol) > book.owned(symbol):
            for one in book.of_symbol(symbol):
                if one.order.side is Side.SELL and one.works:
                    book.tell(one.after(Happening.CANCELLED, now))

    def said(self) -> tuple[BrokerUpdate, ...]:
        """What happened since this was last asked."""
        return self._book.said()

    def order(self, id: str) -> BrokerOrder | None:  # noqa: A002 - it is the order's id
        """The order with that client's id."""
        known = self._book.by_client_id(id)
        return None if known is None else known.order

    def orders(self, since: datetime | None = None) -> tuple[BrokerOrder, ...]:
        """Every open order, and those that changed after `since`, the oldest first."""
        if since is None:
            return tuple(one.order for one in self._book.open.values())
        every = (one.order for one in self._book.orders.values())
        return tuple(one for one in every if one.at > since or one.status.is_open)

    def positions(self) -> tuple[BrokerPosition, ...]:
        """What is held, by symbol."""
        return tuple(
            BrokerPosition(symbol, one.quantity, one.average)
            for symbol, one in sorted(self._book.positions.items())
            if one.quantity
        )

    def account(self) -> BrokerAccount:
        """Equity is cash and what is held, at the middle of its last quote if there was one."""
        money = self._book.money
        equity = money.cash + marked(self._book.positions, self._book.quotes, self._settings)
        return BrokerAccount(
            money.account, money.cash, equity, money.last_equity, buying_power=self._free()
        )

    def flows(self, since: datetime) -> tuple[CashFlow, ...]:
        """What came in or went out after `since`."""
        return tuple(one for one in self._book.flows if one.at > since)

    def dump(self) -> PaperState:
        """All that is known, of which another one can be made. What was not told yet is lost."""
        return self._book.dump()

    def changes(self) -> PaperState:
        """What is new or other since this was last asked, to be laid over what was kept before."""
        return self._book.changes()

    def _free(self) -> Decimal:
        book = self._book
        free = book.money.cash - reserved(book.open.values(), book.quotes, self._settings)
        # Prices may have risen above what market orders have reserved.
        return max(ZERO, free)

    def _check(self, request: OrderRequest, old: PaperOrder | None = None) -> None:
        book = self._book
        orders = tuple(book.open.values())
        books = Books(self._settings, book.money.cash, orders, book.positions, book.quotes)
        refusal = books.refusal(request, old)
        if refusal is not None:
            self._refuse(refusal.code, refusal.problem)

    def _open(self, broker_id: str) -> PaperOrder:
        if broker_id not in self._book.orders:
            self._refuse("not_found", f"there is no order {broker_id[:80]}")
        if broker_id not in self._book.open:
            status = self._book.orders[broker_id].order.status
            self._refuse("not_open", f"{broker_id} is {status} already")
        return self._book.open[broker_id]

    def _refuse(self, code: str, problem: str) -> NoReturn:
        raise BrokerRefused(self._settings.name, problem, code)
