"""How a quote fills an order, and what follows for the orders that hang together with it."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from attrs import evolve, frozen

from argo_core.trading.broker_view import Execution
from argo_core.trading.order import Status
from argo_core.trading.paper.book import FLAT, PaperBook
from argo_core.trading.paper.fees import FeeSchedule
from argo_core.trading.paper.fills import Touch, is_triggered, price_of_fill
from argo_core.trading.paper.order import Happening, PaperOrder
from argo_core.trading.paper.state import shares_held

ZERO = Decimal(0)


@frozen
class Offer:
    """What a quote has to give: its prices, for so many shares."""

    market: Touch
    shares: Decimal


def meet(
    book: PaperBook, fees: FeeSchedule, seen: PaperOrder, offer: Offer, now: datetime
) -> Offer:
    """Fill what the offer fills of an order as it was `seen`; what is left of the offer."""
    one = book.open.get(seen.order.broker_id)
    if one is None:
        # The fill of the bracket's other leg has ended it a moment ago.
        return offer
    price = price_of_fill(one, offer.market)
    quantity = ZERO if price is None else min(one.remaining, offer.shares)
    waited = evolve(one, rested=True, triggered=is_triggered(one, offer.market))
    if price is not None and quantity > 0:
        _fill(book, fees, waited, (quantity, price), now)
    elif waited != one:
        book.keep(waited)
    return evolve(offer, shares=offer.shares - quantity)


def end(book: PaperBook, one: PaperOrder, happening: Happening, now: datetime) -> None:
    """End an open order, and what ends with it: an entry's legs, or a leg's other leg."""
    others = tuple(book.related(one))
    book.tell(one.after(happening, now))
    for other in others:
        book.tell(other.after(happening if other.works else Happening.CANCELLED, now))


def finish_cancels(book: PaperBook, seen: Iterable[PaperOrder], now: datetime) -> None:
    """End what was being cancelled and is still open after a quote had its chance."""
    for one in seen:
        fresh = book.open.get(one.order.broker_id)
        if fresh is not None and fresh.order.status is Status.CANCELLING:
            end(book, fresh, Happening.CANCELLED, now)


def _fill(
    book: PaperBook,
    fees: FeeSchedule,
    one: PaperOrder,
    what: tuple[Decimal, Decimal],
    now: datetime,
) -> None:
    order, (quantity, price) = one.order, what
    total = fees.total(order.side, order.filled + quantity, one.spent + quantity * price)
    fee = total - order.fees
    number = book.money.executions + 1
    cash = book.money.cash - order.side.sign * quantity * price - fee
    book.money = evolve(book.money, cash=cash, executions=number)
    position = book.positions.get(order.symbol, FLAT)
    book.hold(order.symbol, position.after(order.side, quantity, price, fee))
    filled = one.filled(quantity, price, total, now)
    book.tell(filled, Execution(f"{book.money.account}-x{number}", quantity, price, now, fee))
    for other in book.related(filled):
        if other.order.status is Status.HELD:
            _release(book, filled, other, now)
        else:
            _yield_to(book, filled, other, now)


def _release(book: PaperBook, entry: PaperOrder, leg: PaperOrder, now: datetime) -> None:
    """A complete entry's leg goes live, for no more shares than are there and free."""
    if entry.remaining:
        return
    others = shares_held(book.open.values(), leg.order.symbol, leg.group)
    # What it was filled with a moment ago, at least, no other order can hold.
    free = book.owned(leg.order.symbol) - others
    live = leg.after(Happening.RELEASED, now)
    book.tell(live.cut_to(min(free, leg.remaining), now))


def _yield_to(book: PaperBook, filled: PaperOrder, other: PaperOrder, now: datetime) -> None:
    """The two legs sell the same shares: what one has sold, the other does not sell as well."""
    if not filled.remaining:
        book.tell(other.after(Happening.CANCELLED, now))
    elif other.remaining > filled.remaining:
        book.tell(other.cut_to(filled.remaining, now))
