"""Which of the broker's orders is which of ours, and how far they are apart."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from attrs import evolve, frozen

from argo_core.market.instrument import Symbol
from argo_core.trading.book_view import BookView, OwnOrder
from argo_core.trading.broker_view import BrokerOrder
from argo_core.trading.order import Leg, OrderType, Side, order_id
from argo_core.trading.order_table import after

ZERO = Decimal(0)


@frozen
class NewFill:
    """Shares that the broker's order has filled and ours has not; `price` is of these alone."""

    symbol: Symbol
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal

    @property
    def cash(self) -> Decimal:
        """What it did to the account's cash."""
        return -self.quantity * self.price * self.side.sign - self.fee


@frozen
class Shared:
    """An order of ours that the broker has too; `own` is None if it is ours by its id alone.

    Then it is either `adopted`, a leg of a bracket of ours that is seen for the first time, or one
    that ended so long ago that our book has forgotten it.
    """

    said: BrokerOrder
    own: OwnOrder | None
    adopted: bool = False

    @property
    def known(self) -> Decimal:
        """Shares that are filled with us."""
        return ZERO if self.own is None else self.own.filled

    @property
    def told(self) -> Decimal:
        """Shares that are filled there; a total without its price is none yet."""
        unpriced = self.said.filled and self.said.average is None
        return self.known if unpriced else self.said.filled

    @property
    def remaining(self) -> Decimal:
        """Shares that may have been filled since the broker was asked."""
        if self.said.status.is_end:
            return ZERO
        return max(ZERO, self.said.quantity - max(self.told, self.known))

    @property
    def is_same(self) -> bool:
        """Whether both mean the same shares in the same direction."""
        own, said = self.own, self.said
        return own is None or (own.symbol, own.side) == (said.symbol, said.side)

    @property
    def has_risen(self) -> bool:
        """Whether it is open there and has ended with us, for good."""
        if not self.said.status.is_open or self.adopted:
            return False
        return self.own is None or after(self.own.status, self.said.status).is_end

    @property
    def is_news(self) -> bool:
        """Whether our book would be another one for being told."""
        if self.own is None or not self.is_same:
            return self.adopted
        moved = after(self.own.status, self.said.status) is not self.own.status
        # A bracket's legs are the broker's: they shrink as one of them is filled.
        shrunk = self.said.parent is not None and self.said.quantity != self.own.quantity
        return moved or shrunk or self.own.broker_id is None or self.told > self.known

    @property
    def fill(self) -> NewFill | None:
        """What the news adds to our position."""
        said, new = self.said, self.told - self.known
        if said.average is None or new <= 0 or not self.is_news:
            return None
        paid, fees = ZERO, ZERO
        if self.own is not None:
            paid, fees = self.own.filled * (self.own.average or ZERO), self.own.fees
        price = (said.filled * said.average - paid) / new
        return NewFill(said.symbol, said.side, new, price, max(ZERO, said.fees - fees))


@frozen
class Matched:
    """Orders that both have, entries before their legs; only we; and only the broker."""

    shared: tuple[Shared, ...]
    ours: tuple[OwnOrder, ...]
    theirs: tuple[BrokerOrder, ...]


def matched(book: BookView, account: str, orders: Sequence[BrokerOrder]) -> Matched:
    """Who has which order. Of one that the broker shows more than once the furthest counts."""
    said = _furthest(_named(account, one) for one in orders)
    mine = book.known | book.in_flight | book.orders.keys()
    # A leg is of its entry's symbol.
    parents = {(one.broker_id, one.symbol) for one in book.orders.values() if one.broker_id}
    parents |= {(one.broker_id, one.symbol) for one in said if one.id in mine}
    shared, theirs = [], []
    for one in said:
        if one.id in mine:
            shared.append(Shared(one, book.orders.get(one.id)))
        elif (one.parent, one.symbol) in parents:
            shared.append(Shared(one, None, adopted=True))
        else:
            theirs.append(one)
    there = {one.id for one in said}
    ours = tuple(own for name, own in sorted(book.orders.items()) if name not in there)
    return Matched(tuple(shared), ours, tuple(theirs))


def leg_of(order: BrokerOrder) -> Leg:
    """What a bracket's leg is for, by its type."""
    return Leg.STOP if order.type is OrderType.STOP else Leg.TARGET


def _named(account: str, order: BrokerOrder) -> BrokerOrder:
    # A leg for which the broker has no client's id gets the same one whenever it is seen.
    name = order.id or order_id(account, order.broker_id, leg_of(order), 0)
    return evolve(order, id=name)


def _furthest(orders: Iterable[BrokerOrder]) -> list[BrokerOrder]:
    found: dict[str, BrokerOrder] = {}
    for one in orders:
        found[one.id] = max(found.get(one.id, one), one, key=_how_far)
    # A leg can only be adopted once its entry's broker id is known.
    return sorted(found.values(), key=lambda one: (one.parent is not None, one.at, one.id))


def _how_far(order: BrokerOrder) -> tuple[Decimal, bool, datetime]:
    return order.filled, order.status.is_end, order.at
