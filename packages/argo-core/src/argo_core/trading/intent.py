"""From what a signal says to what is wanted, seeing what is held."""

from decimal import Decimal
from enum import StrEnum

from attrs import frozen

from argo_core.consensus.reasons import Direction
from argo_core.errors import InvalidInput
from argo_core.signals.signal import Signal
from argo_core.trading.order import Side

CLOSE_ON = frozenset({Direction.SELL})
"""What closes a long position unless the operator chose otherwise."""

_CHOICES = frozenset({Direction.SELL, Direction.HOLD})


class Wish(StrEnum):
    """What should become of a symbol."""

    OPEN = "open"
    CLOSE = "close"
    NOTHING = "nothing"


@frozen
class Intent:
    """What a signal asks for, and why. `side` is the order's way, None where there is none."""

    wish: Wish
    side: Side | None
    why: str


def intent_of(
    signal: Signal,
    held: Decimal,
    *,
    short_selling: bool = False,
    close_on: frozenset[Direction] = CLOSE_ON,
) -> Intent:
    """What to do about a signal with `held` shares, negative when sold short.

    A position is never turned by one signal: it is closed, and the next one finds nothing held.
    `close_on` are the directions that close what is held; BUY closes what was sold short anyway.

    Raises:
        InvalidInput: `close_on` has something else than SELL and HOLD.
    """
    if not close_on <= _CHOICES:
        problem = f"{', '.join(sorted(close_on - _CHOICES))} closes nothing that was bought"
        raise InvalidInput("close_on", problem, "choose from SELL and HOLD")
    if held == 0:
        return _when_flat(signal.direction, short_selling=short_selling)
    closing = close_on if held > 0 else (close_on & {Direction.HOLD}) | {Direction.BUY}
    position = "long" if held > 0 else "short"
    if signal.direction in closing:
        side = Side.SELL if held > 0 else Side.BUY
        return Intent(Wish.CLOSE, side, f"{signal.direction} closes the {position} position")
    return Intent(Wish.NOTHING, None, f"{signal.direction} leaves the {position} position as it is")


def _when_flat(direction: Direction, *, short_selling: bool) -> Intent:
    if direction is Direction.BUY:
        return Intent(Wish.OPEN, Side.BUY, "BUY opens a long position")
    if direction is Direction.SELL and short_selling:
        return Intent(Wish.OPEN, Side.SELL, "SELL opens a short position")
    if direction is Direction.SELL:
        return Intent(Wish.NOTHING, None, "nothing is held, and selling short is switched off")
    return Intent(Wish.NOTHING, None, "nothing is held that HOLD could withdraw")
