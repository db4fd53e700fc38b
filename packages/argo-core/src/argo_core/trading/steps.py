"""What is to be done next, by comparing what is with what shall be.

Nothing is remembered between two looks but the book. So whatever was lost, came twice or was cut
off by a crash, the next look finds it and goes on from there.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from attrs import evolve

from argo_core.market.instrument import Symbol
from argo_core.trading.book import Book
from argo_core.trading.book_order import BookOrder
from argo_core.trading.holding import ExitReason, Holding
from argo_core.trading.order import (
    GoodTill,
    Leg,
    OrderRequest,
    OrderType,
    Side,
    Status,
    order_id,
)
from argo_core.trading.state import TradingState
from argo_core.trading.step import Cancel, Pace, Replace, Step, Submit, Want

ZERO = Decimal(0)
REFUSALS = 2
"""So many refusals in a row, and what was asked for is given up."""
_MOST_DOUBLINGS = 16


class Steps:
    """Finds the next steps for a symbol; `account` is what makes its order ids ours.

    `disputed` is how many shares the broker says there are, where that is not what our book says:
    less of both is protected and sold, for more might not be there.
    """

    def __init__(self, account: str, pace: Pace) -> None:
        self.disputed: Mapping[Symbol, Decimal] = {}
        self._account = account
        self._pace = pace

    def next(
        self, book: Book, symbol: Symbol, now: datetime, *, open_now: bool
    ) -> tuple[Step, ...]:
        """What to do for that symbol; `open_now` says that its market is in regular session.

        Empty when all is as it shall be, or when an answer has to come first.
        """
        orders = book.open_orders(symbol)
        if any(one.status is Status.INTENDED for one in orders):
            return ()
        quantity, holding = self._there(book, symbol), book.holdings.get(symbol)
        entries = tuple(one for one in orders if one.leg.opens)
        others = tuple(one for one in orders if not one.leg.opens)
        if entries:
            return self._entry(book, entries, holding, now)
        if not quantity:
            return self._cancels(others, now)
        if holding is None or holding.side.sign * quantity < 0:
            # More was sold than was there, or nobody knows what for: it is ours and has to go.
            return self._close(book, symbol, others, now) if open_now else ()
        if holding.exit is not None and (open_now or any(one.leg is Leg.EXIT for one in others)):
            return self._close(book, symbol, others, now)
        # While the market is shut nothing could be sold, so what protects the position stays.
        return self._protect(book, holding, others, now, open_now=open_now)

    def _entry(
        self, book: Book, entries: tuple[BookOrder, ...], holding: Holding | None, now: datetime
    ) -> tuple[Step, ...]:
        """An entry that waits too long, or is not wanted any more, is cancelled."""
        unwanted = book.state is not TradingState.ACTIVE or (
            holding is not None and holding.exit is not None
        )
        late = tuple(
            one
            for one in entries
            if unwanted or book.is_to_end(one) or now - one.placed_at >= self._pace.entry
        )
        return self._cancels(late, now)

    def _close(
        self,
        book: Book,
        symbol: Symbol,
        others: tuple[BookOrder, ...],
        now: datetime,
    ) -> tuple[Step, ...]:
        """Free the shares from the orders that hold them, then sell them all at once."""
        quantity = self._there(book, symbol)
        side = Side.SELL if quantity > 0 else Side.BUY
        right = tuple(
            one
            for one in others
            if one.leg is Leg.EXIT and (one.request.side, one.remaining) == (side, abs(quantity))
        )
        # Whatever else is open could sell the same shares once more.
        wrong = tuple(one for one in others if one not in right[:1])
        if wrong:
            return self._cancels(wrong, now)
        if right or self._resting(book, symbol, Leg.EXIT, now):
            return ()
        return (self._submit(book, symbol, Leg.EXIT, side, quantity=abs(quantity)),)

    def _protect(
        self,
        book: Book,
        holding: Holding,
        others: tuple[BookOrder, ...],
        now: datetime,
        *,
        open_now: bool,
    ) -> tuple[Step, ...]:
        """Have one stop at the broker for just what is held, at the holding's price."""
        leaving = {one.replaces for one in others}
        if any(one.id in leaving for one in others):
            # Of two that replace each other the broker decides which is the one.
            return ()
        stops = tuple(
            one
            for one in others
            if one.leg is Leg.STOP
            and one.status is not Status.CANCELLING
            and one.request.side is holding.side.opposite
        )
        if not stops:
            return self._stopless(book, holding, others, now, open_now=open_now)
        quantity = abs(self._there(book, holding.symbol))
        kept = max(
            stops, key=lambda one: (one.status is not Status.HELD, one.remaining == quantity)
        )
        wrong = tuple(
            one
            for one in others
            if one is not kept
            and not (_goes_with(one, kept) and one.request.limit == holding.target)
        )
        if wrong:
            return self._cancels(wrong, now)
        if kept.status is Status.HELD:
            entry = book.orders.get(kept.parent or "", kept)
            late = now - max(kept.updated_at, entry.updated_at) >= self._pace.held
            return self._cancels(others, now) if late else ()
        return self._adjusted(book, kept, holding, now)

    def _stopless(
        self,
        book: Book,
        holding: Holding,
        others: tuple[BookOrder, ...],
        now: datetime,
        *,
        open_now: bool,
    ) -> tuple[Step, ...]:
        """A stop of our own, once nothing else holds the shares that it needs.

        A position that the broker will not have protected is not kept.
        """
        symbol, side = holding.symbol, holding.side.opposite
        if others:
            return self._cancels(others, now)
        refused = refused_in_a_row(book, holding.signal_id, Leg.STOP)
        if open_now and len(refused) >= REFUSALS:
            why = f"its stop was refused {len(refused)} times: {refused[-1].problem}"
            return (Want(symbol, ExitReason.STOP, why),)
        if self._resting(book, symbol, Leg.STOP, now) or self._awaits_legs(book, holding, now):
            return ()
        quantity = abs(self._there(book, symbol))
        return (self._submit(book, symbol, Leg.STOP, side, quantity=quantity, stop=holding.stop),)

    def _adjusted(
        self, book: Book, stop: BookOrder, holding: Holding, now: datetime
    ) -> tuple[Step, ...]:
        """The stop follows what is held, and the price that trails."""
        request, quantity = stop.request, abs(self._there(book, holding.symbol))
        # One that is being filled does what it is there for, as long as that is not too much.
        fits = stop.remaining <= quantity if stop.filled else stop.remaining == quantity
        if fits and (stop.filled or request.stop == holding.stop):
            return ()
        if stop.parent is not None and stop.remaining < quantity:
            # Legs never grow beyond their entry; one of our own takes their place.
            return self._cancels((stop,), now)
        if self._resting(book, holding.symbol, Leg.STOP, now):
            return ()
        name = self._name(book, stop.signal_id, Leg.STOP)
        changed = evolve(request, id=name, quantity=quantity, stop=holding.stop, bracket=None)
        return (Replace(stop, changed),)

    def _there(self, book: Book, symbol: Symbol) -> Decimal:
        """Shares that are held beyond dispute."""
        ours = book.quantity(symbol)
        theirs = self.disputed.get(symbol, ours)
        return min(ours, theirs, key=abs) if ours * theirs > 0 else ZERO

    def _cancels(self, orders: tuple[BookOrder, ...], now: datetime) -> tuple[Step, ...]:
        """Ask each to end; those that were asked are asked again when nothing came of it."""
        return tuple(
            Cancel(one)
            for one in orders
            if one.asked_at is None or now - one.asked_at >= self._pace.again
        )

    def _resting(self, book: Book, symbol: Symbol, leg: Leg, now: datetime) -> bool:
        refused = book.refused.get((symbol, leg))
        if refused is None:
            return False
        doublings = min(refused.times - 1, _MOST_DOUBLINGS)
        rest = min(self._pace.rest * (1 << doublings), self._pace.longest)
        return now - refused.at < rest

    def _awaits_legs(self, book: Book, holding: Holding, now: datetime) -> bool:
        """Whether the entry's legs must be at the broker, though nothing was heard of them."""
        entry = next(
            (
                one
                for one in reversed(book.orders.values())
                if one.leg.opens and one.request.symbol == holding.symbol
            ),
            None,
        )
        if entry is None or entry.request.bracket is None or entry.status is not Status.FILLED:
            return False
        if any(one.parent == entry.id for one in book.orders.values()):
            return False
        filled = entry.updated_at
        looked = book.accounted_at is not None and book.accounted_at > filled
        return not looked and now - filled < self._pace.legs

    def _submit(
        self,
        book: Book,
        symbol: Symbol,
        leg: Leg,
        side: Side,
        *,
        quantity: Decimal,
        stop: Decimal | None = None,
    ) -> Submit:
        signal_id, index = _signal(book, symbol)
        request = OrderRequest(
            id=self._name(book, signal_id, leg),
            symbol=symbol,
            side=side,
            quantity=quantity,
            type=OrderType.MARKET if stop is None else OrderType.STOP,
            stop=stop,
            good_till=GoodTill.DAY if stop is None else GoodTill.CANCELLED,
        )
        return Submit(request, leg, signal_id, index)

    def _name(self, book: Book, signal_id: str, leg: Leg) -> str:
        return order_id(self._account, signal_id, leg, book.revisions.get((signal_id, leg), 0))


def refused_in_a_row(book: Book, signal_id: str, leg: Leg) -> tuple[BookOrder, ...]:
    """The newest of the signal's orders of that kind, as far back as none of them worked."""
    found: list[BookOrder] = []
    for one in reversed(book.orders.values()):
        if (one.signal_id, one.leg) == (signal_id, leg) and one.replaces is None:
            if one.status is not Status.REJECTED:
                break
            found.append(one)
    return tuple(reversed(found))


def _goes_with(order: BookOrder, stop: BookOrder) -> bool:
    """Whether it is the target of the same bracket: the broker never fills both."""
    same = stop.parent is not None and order.parent == stop.parent
    return order.leg is Leg.TARGET and same


def _signal(book: Book, symbol: Symbol) -> tuple[str, int | None]:
    """The signal that the position goes back to."""
    holding = book.holdings.get(symbol)
    if holding is not None:
        return holding.signal_id, holding.signal_index
    newest = next((one for one in reversed(book.fills) if one.symbol == symbol), None)
    order = book.orders.get(newest.order_id) if newest else None
    return (order.signal_id, order.signal_index) if order else (f"unheld-{symbol}", None)
