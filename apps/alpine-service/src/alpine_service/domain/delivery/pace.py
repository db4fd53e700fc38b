"""How much is sent to one endpoint, and how a courier's hands are shared out among endpoints."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from attrs import frozen


@frozen
class Pace:
    """At most `at_once` under way, and `per_s` a second after a burst of `burst`."""

    at_once: int = 32
    per_s: float = 100.0
    burst: int = 200

    def allowance(self, paced_until: datetime | None, now: datetime) -> int:
        """How many may be sent now; `paced_until` is what `spend` gave last.

        The generic cell rate algorithm: the theoretical arrival time may run ahead of the clock by
        the burst.
        """
        ahead_s = max(0.0, (paced_until - now).total_seconds()) if paced_until else 0.0
        # A hair more, because a time is cut to whole microseconds on its way.
        return max(0, int(self.burst - ahead_s * self.per_s + 1e-3))

    def spend(self, paced_until: datetime | None, now: datetime, count: int) -> datetime:
        """The theoretical arrival time once so many were sent now."""
        begin = max(paced_until, now) if paced_until else now
        return begin + timedelta(seconds=count / self.per_s)


PACE = Pace()


def share(room: int, wants: Sequence[int]) -> list[int]:
    """How many each gets of `room`: nobody more than wanted, and nobody less than an equal part.

    The max-min fair division; the odd ones go to those that come first.
    """
    given = [0] * len(wants)
    open_ = [index for index, want in enumerate(wants) if want > 0]
    while room > 0 and open_:
        # Less than one for each: one for those that come first.
        each, takers = max(1, room // len(open_)), open_[:room]
        for index in takers:
            part = min(wants[index] - given[index], each)
            given[index] += part
            room -= part
        open_ = [index for index in open_ if given[index] < wants[index]]
    return given
