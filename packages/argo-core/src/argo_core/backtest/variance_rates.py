"""How much more a price moves in the regular session than around it, from recorded bars."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from attrs import frozen

from argo_core.market.bar import MINUTE, Bar
from argo_core.market.instrument import Instrument
from argo_core.market.minutes import broken
from argo_core.market.session import Phase, SessionTable


@frozen
class Moves:
    """Squared log moves from one traded minute to the next, and the seconds they took."""

    count: int = 0
    squares: float = 0.0
    seconds: float = 0.0

    def __add__(self, other: "Moves") -> "Moves":
        return Moves(
            self.count + other.count,
            self.squares + other.squares,
            self.seconds + other.seconds,
        )

    @property
    def rate(self) -> float:
        """Variance of the log price per second; not a number where there was no time."""
        return self.squares / self.seconds if self.seconds > 0 else math.nan


def moves_by_phase(
    bars: Sequence[Bar], instrument: Instrument, table: SessionTable, *, largest: float = math.inf
) -> Mapping[Phase, Moves]:
    """The log moves between closes that lie within one phase and are no larger than `largest`.

    The minute that begins at a close is left out with those across a boundary: the closing auction
    is printed in it, after hours by the clock and the end of the regular session by its price.
    """
    closes = frozenset(one.close for one in table.sessions)
    found: dict[Phase, Moves] = {}
    for one, other in pairwise(bars):
        since = one.start + MINUTE
        phase = table.phase(instrument, since)
        if (
            phase is not table.phase(instrument, other.start)
            or broken(one.start, other.start)
            or {one.start, other.start} & closes
        ):
            continue
        move = math.log(other.close) - math.log(one.close)
        if abs(move) <= largest:
            seconds = (other.start - one.start).total_seconds()
            found[phase] = found.get(phase, Moves()) + Moves(1, move * move, seconds)
    return found
