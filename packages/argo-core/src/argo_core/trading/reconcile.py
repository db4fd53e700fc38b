"""Our book against the broker's, in the order orders, fills, positions, cash.

The view of the book is taken before the broker is asked, and positions are compared after the fills
that the broker's orders tell have been applied to it. What can have changed between two reads, by
an order that is open or in flight, is excused once, up to what remains of the order: it counts when
the next reconciliation finds it again.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from attrs import field, frozen

from argo_core.trading.book_view import BookView
from argo_core.trading.broker_view import BrokerAccount, BrokerOrder, BrokerPosition
from argo_core.trading.drift import Difference
from argo_core.trading.order import Leg


@frozen(kw_only=True)
class Tolerance:
    """How far the books may differ: averages as a fraction, money in quote currency.

    `fee` is for every fill whose fees the broker has not told yet.
    """

    average: Decimal = Decimal("0.0001")
    cash: Decimal = Decimal("0.01")
    fee: Decimal = Decimal("0.05")


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


def reconcile(
    book: BookView,
    orders: Sequence[BrokerOrder],
    positions: Sequence[BrokerPosition],
    account: BrokerAccount,
    *,
    before: Reconciliation | None = None,
    tolerance: Tolerance = Tolerance(),
) -> Reconciliation:
    """Compare. `before` is the last reconciliation, None at the start."""
    return Reconciliation()
