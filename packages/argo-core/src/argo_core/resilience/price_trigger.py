"""A price that has moved too far makes stale at once whatever was formed at the old one."""

from decimal import Decimal

from argo_core.resilience.ttl import MOVE


def moved(since: Decimal | None, price: Decimal | None) -> float:
    """The relative move from one price to the next; infinite when only one of them is known.

    >>> moved(Decimal(200), Decimal(199))
    0.0050000000000000044
    """
    if since is None or price is None:
        return 0.0 if since is price else float("inf")
    # Most prices have not moved since the beat before, and dividing decimals is slow.
    if since == price:
        return 0.0
    return abs(float(price / since) - 1.0)


def outdates(formed_at: Decimal | None, price: Decimal | None, move: float = MOVE) -> bool:
    """Whether what was formed at one price is stale now, however young it is.

    An unknown price outdates nothing: it says nothing about a move.
    """
    return formed_at is not None and price is not None and moved(formed_at, price) > move
