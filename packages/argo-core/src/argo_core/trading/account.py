"""The account as the risk rules see it, made of the book."""

from collections.abc import Mapping
from decimal import Decimal

from argo_core.market.instrument import Symbol
from argo_core.trading.book import Book
from argo_core.trading.book_order import BookOrder
from argo_core.trading.views import AccountView, OpenOrder

# Nothing is bought at the market, so an order without any price is one that ends a position.
MARKLESS = Decimal(1)


def account_view(book: Book, sectors: Mapping[Symbol, str]) -> AccountView:
    """Equity at the marks, what is held and ordered, and what happened within the last day.

    Buying power is cash: nothing is bought on margin, and where the broker grants less than that,
    less counts. What open orders reserve is not taken off yet.
    """
    orders = tuple(_open(book, one) for one in book.open_orders())
    reserved = sum((one.remaining * one.price for one in orders if one.opens), Decimal(0))
    granted = book.account.buying_power + reserved if book.account else Decimal(0)
    held = book.held()
    return AccountView(
        state=book.state,
        equity=book.equity,
        opened=book.opened,
        flows=book.flowed,
        high=max(book.high, Decimal(0)),
        buying_power=min(book.cash, granted),
        positions={symbol: one.quantity for symbol, one in held.items()},
        marks={symbol: book.marks.get(symbol, one.average) for symbol, one in held.items()},
        sectors=sectors,
        orders=orders,
        placed=tuple(book.placed),
        closed=tuple(book.closed),
    )


def _open(book: Book, order: BookOrder) -> OpenOrder:
    """What takes any price counts at the mark, or at what is held cost."""
    request = order.request
    price = request.limit or request.stop or book.marks.get(request.symbol)
    if price is None:
        held = book.held().get(request.symbol)
        price = held.average if held and held.average > 0 else MARKLESS
    return OpenOrder(request.symbol, request.side, order.remaining, price, order.leg.opens)
