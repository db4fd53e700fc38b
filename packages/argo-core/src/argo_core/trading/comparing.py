"""Orders, positions and cash beside each other: every difference there is."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from argo_core.market.instrument import Symbol
from argo_core.trading.book_view import OwnOrder
from argo_core.trading.broker_view import BrokerOrder, BrokerPosition
from argo_core.trading.drift import Difference, DriftKind
from argo_core.trading.matching import Matched, NewFill, Shared
from argo_core.trading.position import Position
from argo_core.trading.swing import Swing

FLAT = Position()


def order_differences(orders: Matched) -> Iterator[Difference]:
    """Of each order of ours, then of those there that are not ours."""
    for one in orders.shared:
        yield from _of_order(one)
    for order in orders.theirs:
        if order.status.is_open:
            kind = DriftKind.UNKNOWN_ORDER
            yield Difference(kind, "unknown", _spoken(order), order.symbol, order.id)


def position_differences(
    ours: Mapping[Symbol, Position],
    theirs: Sequence[BrokerPosition],
    swing: Swing,
    tolerance: Decimal,
) -> Iterator[Difference]:
    """By symbol; an average is compared where the quantities are equal."""
    there = {one.symbol: one for one in theirs}
    for symbol in sorted(ours.keys() | there.keys()):
        own, said = ours.get(symbol, FLAT), there.get(symbol)
        quantity = Decimal(0) if said is None else said.quantity
        if quantity != own.quantity:
            kind = DriftKind.QUANTITY if own.quantity else DriftKind.UNKNOWN_POSITION
            excused = swing.may_be(symbol, quantity - own.quantity)
            yield Difference(kind, _plain(own.quantity), _plain(quantity), symbol, None, excused)
        elif said is not None and abs(said.average - own.average) > tolerance * own.average:
            kind, excused = DriftKind.AVERAGE, symbol in swing.moved
            yield Difference(kind, _plain(own.average), _plain(said.average), symbol, None, excused)


def cash_differences(
    ours: Decimal, theirs: Decimal, swing: Swing, tolerance: Decimal
) -> Iterator[Difference]:
    """One at most."""
    change = theirs - ours
    if abs(change) > tolerance:
        excused = swing.may_pay(change)
        yield Difference(DriftKind.CASH, _plain(ours), _plain(theirs), excusable=excused)


def with_fills(
    positions: Mapping[Symbol, Position], fills: Sequence[NewFill]
) -> dict[Symbol, Position]:
    """Positions after these fills, in their order."""
    found = dict(positions)
    for one in fills:
        held = found.get(one.symbol, FLAT)
        found[one.symbol] = held.after(one.side, one.quantity, one.price, one.fee)
    return found


def _of_order(one: Shared) -> Iterator[Difference]:
    own, said = one.own, one.said
    name, symbol = said.id, said.symbol
    if one.has_risen:
        # The reply that it ended may have been faster than the list that we read.
        ours = "ended" if own is None else own.status
        yield Difference(DriftKind.RISEN, ours, said.status, symbol, name, excusable=True)
    if own is None:
        return
    if not one.is_same or (said.parent is None and own.quantity != said.quantity):
        yield Difference(DriftKind.ORDER, _spoken(own), _spoken(said), own.symbol, name)
    elif one.told < one.known:
        # The stream may have been faster than the list that we read.
        ours, theirs, lags = _plain(one.known), _plain(one.told), said.status.is_open
        yield Difference(DriftKind.FILL_BACKWARDS, ours, theirs, symbol, name, lags)


def _spoken(order: OwnOrder | BrokerOrder) -> str:
    return f"{order.side} {_plain(order.quantity)} {order.symbol}"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
