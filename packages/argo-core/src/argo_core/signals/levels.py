"""Where a signal is wrong (stop) and where it is done (target): from volatility, never from words.

With the entry price E and the volatility s per square root of a second, a random walk strays
d = s · √horizon (relative) within the horizon. The stop lies d away from E, the target 1.5 d, so
that a signal that is right four times in ten breaks even before costs. d is kept between 0.1 % and
20 %: nearer, the spread would decide; farther, the estimate is broken.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import sqrt

from attrs import frozen

from argo_core.consensus.opinion import finite
from argo_core.consensus.reasons import Direction
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Instrument

TARGET_TO_STOP = Decimal("1.5")
NEAREST, FARTHEST = 0.001, 0.20

# While the volatility is unknown, the distance is the move that refreshes a standing signal.
UNKNOWN = 0.005


@frozen
class Levels:
    """Prices on the instrument's tick, on opposite sides of the entry."""

    stop: Decimal
    target: Decimal


def levels(
    instrument: Instrument,
    direction: Direction,
    entry: Decimal,
    sigma: float | None,
    horizon_s: int,
) -> Levels:
    """Stop and target for a BUY or SELL at `entry`, both rounded away from it to the tick.

    `sigma` is relative volatility per square root of a second, None while unknown.

    Raises:
        InvalidInput: the direction has no levels, or a number is not positive and finite.
    """
    if direction is Direction.HOLD:
        raise InvalidInput("direction", "a HOLD has no levels", "ask for BUY or SELL")
    if not entry.is_finite() or entry <= 0:
        raise InvalidInput("entry", f"{entry} is not a price", "give a positive decimal")
    if horizon_s <= 0 or (sigma is not None and finite("sigma", sigma) < 0):
        raise InvalidInput("horizon_s", f"{horizon_s}, {sigma}", "give a horizon > 0, sigma >= 0")
    stray = UNKNOWN if sigma is None else sigma * sqrt(horizon_s)
    # Six digits are finer than any tick and free of floating-point dust.
    distance = entry * Decimal(f"{min(FARTHEST, max(NEAREST, stray)):.6f}")
    above = _on_tick(instrument, entry + distance * _up(direction), ROUND_CEILING)
    below = _on_tick(instrument, entry - distance * _down(direction), ROUND_FLOOR)
    # A price of one tick leaves no room below itself; the level then is the tick.
    below = max(below, instrument.tick)
    return Levels(below, above) if direction is Direction.BUY else Levels(above, below)


def _up(direction: Direction) -> Decimal:
    return TARGET_TO_STOP if direction is Direction.BUY else Decimal(1)


def _down(direction: Direction) -> Decimal:
    return TARGET_TO_STOP if direction is Direction.SELL else Decimal(1)


def _on_tick(instrument: Instrument, price: Decimal, rounding: str) -> Decimal:
    return (price / instrument.tick).quantize(Decimal(1), rounding=rounding) * instrument.tick
