"""What a limiter does about a vendor that complains: it pauses, or slows down and recovers."""

import math
from collections.abc import Iterable, Iterator
from copy import copy

from attrs import frozen

from argo_core.resilience.bucket import Bucket

# However often a vendor complains, this share of the configured rate remains.
LEAST_SHARE = 1 / 64
STEP_S = 1.0

# Twenty additions of 0.05 are 1 to within less than this.
_WHOLE = 1 - 1e-9


@frozen
class Paused:
    """The vendor asked for quiet: nothing of this source passes before `until`."""

    until: float


@frozen
class Slowed:
    """The vendor complained: all rates are down to `share` of what is configured."""

    share: float


def recovery(at: float, portion: float, regain: float) -> Iterator[tuple[float, float]]:
    """When the share grows, first `at`, and to what, until it is whole; it is `portion` now."""
    while portion < 1:
        portion += regain
        if portion > _WHOLE:
            portion = 1.0
        yield at, portion
        at += STEP_S


def ready_at(bucket: Bucket, cost: int, steps: Iterable[tuple[float, float]]) -> float:
    """When the bucket will hold this cost if its rate grows by these steps, tried on a copy."""
    ahead, since = copy(bucket), -math.inf
    for at, portion in steps:
        if ahead.ready_at(cost) < at:
            break
        ahead.change(at, portion)
        since = at
    return max(since, ahead.ready_at(cost))
