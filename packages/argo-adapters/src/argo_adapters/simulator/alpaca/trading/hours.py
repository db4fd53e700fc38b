"""When the exchange is open: the tape's sessions, and the real ones on days the tape has not."""

from bisect import bisect_right
from collections.abc import Iterator

from attrs import frozen

from argo_adapters.calendar.session_table import load_session_table
from argo_adapters.simulator.market import Market
from argo_adapters.simulator.stamps import midnight, nanoseconds

OPENS, CLOSES = "opens", "closes"


@frozen
class Day:
    """One session's edges in nanoseconds."""

    pre: int
    open: int
    close: int
    post: int


class Hours:
    """Sessions in order; each edge belongs to what it begins."""

    def __init__(self, market: Market) -> None:
        taped = [Day(*edges) for edges in market.sessions()]
        first, last = midnight(taped[0].pre), taped[-1].post
        listed = [
            Day(*(nanoseconds(edge) for edge in (one.pre, one.open, one.close, one.post)))
            for one in load_session_table().sessions
        ]
        before = [one for one in listed if one.post <= first]
        after = [one for one in listed if one.pre > last]
        self.days = (*before, *taped, *after)
        self._pres = [one.pre for one in self.days]

    def day(self, at: int) -> Day | None:
        """The session whose day has begun last, None before the first."""
        place = bisect_right(self._pres, at) - 1
        return self.days[place] if place >= 0 else None

    def regular(self, at: int) -> bool:
        """Whether it is between the open and the close."""
        day = self.day(at)
        return day is not None and day.open <= at < day.close

    def extended(self, at: int) -> bool:
        """Whether it is regular hours or the extended hours around them."""
        day = self.day(at)
        return day is not None and at < day.post

    def next_open(self, at: int) -> int:
        """The first open after `at`."""
        return next(one.open for one in self._from(at) if one.open > at)

    def next_close(self, at: int) -> int:
        """The first close after `at`."""
        return next(one.close for one in self._from(at) if one.close > at)

    def edges(self, after: int, until: int) -> Iterator[tuple[int, str]]:
        """Opens and closes later than `after` and not later than `until`, in order."""
        for one in self._from(after):
            if one.pre > until:
                return
            for at, what in ((one.open, OPENS), (one.close, CLOSES)):
                if after < at <= until:
                    yield at, what

    def _from(self, at: int) -> Iterator[Day]:
        place = max(0, bisect_right(self._pres, at) - 1)
        return (self.days[index] for index in range(place, len(self.days)))
