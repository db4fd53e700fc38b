"""Prices that stand in the record: the only ones that may be shown to the public."""

from decimal import Decimal
from enum import StrEnum

from attrs import frozen


class PriceKind(StrEnum):
    """Which price it is."""

    SIGNAL = "signal"  # The reference price that a signal was decided at.
    START = "start"  # The price that an outcome starts from.
    END = "end"  # The price that an outcome ended at.


@frozen
class PricePoint:
    """A published price: `log_index` is the entry that says it, of the signal or its outcome.

    A sealed signal's own entry is its commit; the price is in the body behind it.
    """

    symbol: str
    at_us: int
    price: Decimal
    kind: PriceKind
    log_index: int
    signal_index: int
