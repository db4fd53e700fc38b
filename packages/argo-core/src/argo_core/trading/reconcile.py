"""Our book against the broker's, in the order orders, fills, positions, cash.

The view of the book is taken before the broker is asked, and positions and cash are compared after
the fills that the broker's orders tell have been added to it. What can have changed between two
reads, by what remains of an order that is open or in flight, is excused once: it counts when the
next reconciliation finds it again.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from attrs import field, frozen

from argo_core.market.instrument import Symbol
from argo_core.trading.book_view import BookView
from argo_core.trading.broker_view import BrokerAccount, BrokerOrder, BrokerPosition
from argo_core.trading.comparing import (
    cash_differences,
    order_differences,
    position_differences,
    with_fills,
)
from argo_core.trading.drift import Difference, DriftKind
from argo_core.trading.matching import leg_of, matched
from argo_core.trading.order import Leg
from argo_core.trading.swing import Swing


@frozen(kw_only=True)
class Tolerance:
    """How far the books may differ: averages as a fraction, money in quote currency.

    `fee` is for every fill whose fees the broker has not told yet.
    """

    average: Decimal = Decimal("0.0001")
    cash: Decimal = Decimal("0.01")
    fee: Decimal = Decimal("0.05")


_USUAL = Tolerance()


@frozen
class Reconciliation:
    """What the comparison found.

    `updates` are orders whose status or fills moved: tell the book. Those in `adopted`, by id, are
    legs of our brackets that are seen for the first time. `missing` are ids that are open with us
    and unknown there: ask for each twice before it counts as lost. `unknown_orders` are open there
    and not ours. `differences` count; `excused` ones do if the next reconciliation finds them too.
    """

    updates: tuple[BrokerOrder, ...] = ()
    missing: tuple[str, ...] = ()
    unknown_orders: tuple[BrokerOrder, ...] = ()
    differences: tuple[Difference, ...] = ()
    excused: tuple[Difference, ...] = ()
    adopted: Mapping[str, Leg] = field(factory=dict)

    @property
    def equal(self) -> bool:
        """The broker's books and ours, once it was told the updates, say the same."""
        return not self.differences and not self.missing

    @property
    def certain(self) -> bool:
        """They are equal, and nothing had to be excused."""
        return self.equal and not self.excused

    @property
    def about(self) -> frozenset[tuple[DriftKind, Symbol | None, str | None]]:
        """What differed, excused or not."""
        return frozenset(one.about for one in (*self.differences, *self.excused))


def reconcile(
    book: BookView,
    orders: Sequence[BrokerOrder],
    positions: Sequence[BrokerPosition],
    account: BrokerAccount,
    *,
    before: Reconciliation | None = None,
    tolerance: Tolerance = _USUAL,
) -> Reconciliation:
    """Compare. `before` is the last reconciliation, None at the start.

    The books of another account are not compared at all: none of its orders is ours.
    """
    if book.account and book.account != account.id:
        other = Difference(DriftKind.ACCOUNT, book.account, account.id)
        return Reconciliation(differences=(other,))
    found = matched(book, account.id, orders)
    fills = tuple(fill for one in found.shared if (fill := one.fill) is not None)
    swing = Swing.of(found)
    ours = with_fills(book.positions, fills)
    cash = book.cash + sum((fill.cash for fill in fills), Decimal(0))
    unsure = tolerance.cash + tolerance.fee * (book.fills + len(fills))
    every = (
        *order_differences(found),
        *position_differences(ours, positions, swing, tolerance.average),
        *cash_differences(cash, account.cash, swing, unsure),
    )
    known = frozenset() if before is None else before.about
    excused = tuple(one for one in every if one.excusable and one.about not in known)
    news = tuple(one for one in found.shared if one.is_news)
    return Reconciliation(
        updates=tuple(one.said for one in news),
        missing=tuple(
            own.id for own in found.ours if own.status.is_open and own.id not in book.in_flight
        ),
        unknown_orders=tuple(one for one in found.theirs if one.status.is_open),
        differences=tuple(one for one in every if one not in excused),
        excused=excused,
        adopted={one.said.id: leg_of(one.said) for one in news if one.adopted},
    )
