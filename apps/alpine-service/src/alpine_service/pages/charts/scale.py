"""From values to places: a linear scale, and ticks where people would put them."""

import math
from collections.abc import Iterable
from itertools import pairwise

from attrs import frozen

_STEPS = (1, 2, 5, 10)
# A decimal of the record may have any number of digits.
_LARGEST = 1e100
# What differs by less is the same: a picture's size divided by it would be no number.
LEAST = 1e-100


@frozen
class Span:
    """From `low` to `high`; a value has a place in it from 0 to 1."""

    low: float
    high: float

    def place(self, value: float) -> float:
        """Where the value is; values outside are at the nearer end."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    def has(self, value: float) -> bool:
        return self.low <= value <= self.high


def is_drawable(*values: float) -> bool:
    """Whether the values are numbers of a size that can be computed with."""
    return all(abs(value) <= _LARGEST for value in values)


def span_of(values: Iterable[float], *, margin: float = 0.0) -> Span:
    """What holds all values and, on both sides, that part of their extent more.

    Equal values get room around them, as nothing can be drawn within nothing; without any it is
    from 0 to 1.
    """
    found = [each for each in values if is_drawable(each)]
    if not found:
        return Span(0.0, 1.0)
    low, high = min(found), max(found)
    room = (high - low) * margin
    if high - low <= max(abs(high) * 1e-12, LEAST):
        # Room that is felt at the size of the value, however large it is.
        room = max(abs(high) * 0.01, 100 * LEAST) if high else 1.0
    return Span(low - room, high + room)


def nice_step(extent: float, most: int) -> float:
    """The least of 1, 2 and 5 times a power of ten that goes into the extent `most` times or less.

    `extent` is above 0.
    """
    power = 10.0 ** math.floor(math.log10(extent / most))
    return next(step * power for step in _STEPS if extent / (step * power) <= most + 1e-9)


def ticks(span: Span, most: int = 5) -> tuple[float, ...]:
    """Round values within the span: multiples of a nice step, `most` + 1 or fewer."""
    step = nice_step(span.high - span.low, most)
    first, last = math.ceil(span.low / step - 1e-9), math.floor(span.high / step + 1e-9)
    # A value beside which the step is lost in rounding would come twice.
    found = {min(span.high, max(span.low, each * step)) for each in range(first, last + 1)}
    return tuple(sorted(found))


def digits_for(values: Iterable[float]) -> int:
    """How many decimals tell the values apart, at most 8."""
    gaps = [abs(later - earlier) for earlier, later in pairwise(values)]
    least = min((gap for gap in gaps if gap > 0), default=1.0)
    return min(8, max(0, -math.floor(math.log10(least) + 1e-9)))
