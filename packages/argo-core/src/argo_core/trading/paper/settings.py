"""What the paper broker assumes where nobody can know."""

from decimal import Decimal

from attrs import field, frozen

from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.trading.paper.fees import FeeSchedule


def _positive(_instance: object, attribute: object, value: Decimal) -> None:
    if not value.is_finite() or value <= 0:
        name = getattr(attribute, "name", "paper")
        raise InvalidInput(f"paper.{name}", f"{value} is not positive", "give a positive decimal")


def _share(_instance: object, attribute: object, value: Decimal) -> None:
    if not value.is_finite() or not 0 <= value <= 1:
        name = getattr(attribute, "name", "paper")
        raise InvalidInput(f"paper.{name}", f"{value} is no share", "give one from 0 to 1")


@frozen
class PaperSettings:
    """`capital` is what a new account begins with.

    At most the share `participation` of what was traded between two quotes is filled, or
    `quote_size` shares where nobody knows that (a round lot, which a quote has at least). Where a
    quote lacks a side, it is assumed half of `spread`, a share of the price, away from the last
    price. Market and stop orders to buy reserve `cushion`, a share of the price, on top of it.

    `symbols` are those that may be traded; None allows every one that was ever quoted. With
    `slow_cancels` a cancel takes effect after the next quote only, which may still fill the order.
    """

    name: str = "paper"
    capital: Decimal = field(default=Decimal(100_000), validator=_positive)
    participation: Decimal = field(default=Decimal("0.10"), validator=_share)
    quote_size: Decimal = field(default=Decimal(100), validator=_positive)
    spread: Decimal = field(default=Decimal("0.001"), validator=_share)
    cushion: Decimal = field(default=Decimal("0.03"), validator=_share)
    fees: FeeSchedule = field(factory=FeeSchedule)
    symbols: frozenset[Symbol] | None = None
    slow_cancels: bool = False
