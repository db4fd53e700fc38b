"""What a risk officer looks for once nothing is going on: the broker's truth against our book."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from attrs import frozen

from argo_core.execution.trader import Trader
from argo_core.market.instrument import Symbol
from argo_core.trading.book import Book
from argo_core.trading.broker_view import BrokerOrder
from argo_core.trading.order import Leg, Status
from argo_core.trading.state import Cause

# An exit that was sent so short a time ago is filled by the next price.
JUST_SENT = timedelta(seconds=5)


@frozen
class Truth:
    """What the broker really has at that moment."""

    at: datetime
    orders: tuple[BrokerOrder, ...]
    positions: Mapping[Symbol, Decimal]
    cash: Decimal

    @property
    def open(self) -> tuple[BrokerOrder, ...]:
        return tuple(one for one in self.orders if one.status.is_open)


def complaints(trader: Trader, truth: Truth) -> list[str]:
    """What a risk officer would find, after the calm."""
    book, found = trader.book, list[str]()
    ours = {symbol: one.quantity for symbol, one in book.held().items()}
    if ours != dict(truth.positions):
        found.append(f"positions: ours {ours}, the broker's {dict(truth.positions)}")
    if trader.is_over:
        found.append(f"it has stopped: {trader.failed!r}")
    if book.cash != truth.cash:
        found.append(f"cash: ours {book.cash}, the broker's {truth.cash}")
    if Cause.DRIFT in book.causes or Cause.STARTING in book.causes:
        found.append(f"still held back: {book.causes}")
    known, there = {one.id for one in book.open_orders()}, {one.id for one in truth.open}
    if known != there:
        found.append(f"open are {known} with us and {there} at the broker")
    found += _unprotected(trader.book, truth)
    entries = [one for one in truth.orders if one.parent is None and one.replaces is None]
    names = [one.id for one in entries]
    if len(set(names)) < len(names):
        found.append("an order id is there twice")
    return found + _doubled(trader.book, truth)


def _unprotected(book: Book, truth: Truth) -> list[str]:
    found = list[str]()
    for symbol in {*truth.positions, *(one.symbol for one in truth.open)}:
        held = truth.positions.get(symbol, Decimal(0))
        working = [one for one in truth.open if one.symbol == symbol]
        stops = [
            one
            for one in working
            if one.stop is not None and one.status in {Status.WORKING, Status.CANCELLING}
        ]
        if held < 0:
            found.append(f"{symbol}: {held} shares")
        if held and any(_closes(one, held, truth) for one in working):
            continue
        if held and (len(stops) != 1 or stops[0].quantity - stops[0].filled != held):
            plan = book.holdings.get(symbol)
            found.append(f"{symbol}: {held} shares, open {working}, plan {plan}")
        if not held and working:
            found.append(f"{symbol}: flat, and open are {working}")
    return found


def _closes(order: BrokerOrder, held: Decimal, truth: Truth) -> bool:
    """Whether it was just sent to sell all that is held, which the next price does."""
    is_new = truth.at - order.at <= JUST_SENT
    is_exit = order.stop is None and order.limit is None
    return is_new and is_exit and order.quantity - order.filled == held


def _doubled(book: Book, truth: Truth) -> list[str]:
    """Of every signal one entry at most, and never more of it filled than was judged."""
    by_signal: dict[str, int] = {}
    for one in book.orders.values():
        if one.leg is Leg.ENTRY and any(said.id == one.id for said in truth.orders):
            by_signal[one.signal_id] = by_signal.get(one.signal_id, 0) + 1
    return [f"{name}: {count} entries" for name, count in by_signal.items() if count > 1]
