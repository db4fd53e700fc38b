"""A stop that follows the best price at a distance, and never goes back."""

from decimal import Decimal

from attrs import evolve

from argo_core.trading.grid import lower, upper
from argo_core.trading.holding import Holding
from argo_core.trading.order import Side


def trailed(holding: Holding, price: Decimal, tick: Decimal, step: Decimal) -> Holding:
    """`holding` after `price` was seen: `best` and `stop` where they are now.

    The stop lies `trail` behind the best price, on the `tick`, rounded away from the price. It
    moves by `step` or more, and by a tick at least: less is not worth a replacement at the broker.
    A holding without a trail stays as it is.
    """
    if holding.trail is None:
        return holding
    if holding.side is Side.BUY:
        best = max(holding.best, price)
        stop = lower(best - holding.trail, tick)
    else:
        best = min(holding.best, price)
        stop = upper(best + holding.trail, tick)
    closer = (stop - holding.stop) * holding.side.sign
    return evolve(holding, best=best, stop=stop if closer >= max(step, tick) else holding.stop)
