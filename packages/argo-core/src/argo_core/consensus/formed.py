"""An opinion together with the price at which it was asked for, as caches hold it."""

from decimal import Decimal

from attrs import frozen

from argo_core.consensus.opinion import Opinion


@frozen
class Formed:
    """`price` is what the symbol cost when the vendor was asked, None where nobody knew.

    A price that has since moved too far from it makes the opinion stale at once.
    """

    opinion: Opinion
    price: Decimal | None
