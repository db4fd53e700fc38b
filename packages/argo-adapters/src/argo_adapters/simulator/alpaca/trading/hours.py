"""When the exchange is open: the tape's sessions, and the real ones on days the tape has not."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta

from attrs import frozen

from argo_adapters.simulator.market import Market
from argo_adapters.simulator.stamps import DAY, NEW_YORK, SECOND, eastern, midnight, nanoseconds
from argo_core.market.session import Session

_EDGES = time(4), time(9, 30), time(16), time(20)
_AROUND = 60
_SATURDAY = 5
# The library's clock has no word for never.
_FAR = 365 * DAY

OPENS, CLOSES = "opens", "closes"


@frozen
class Day:
    """One session's edges in nanoseconds."""

    pre: int
    open: int
    close: int
    post: int


class Hours:
    """Sessions in order; each edge belongs to what it begins.

    `listed` are those of days which the tape has not; without them every weekday is a whole one.
    """

    def __init__(self, market: Market, listed: Sequence[Session] = ()) -> None:
        taped = [Day(*edges) for edges in market.sessions()]
        if not taped:
            # A tape of pairs alone has no session: its stocks are never traded.
            self.days = tuple(map(_day, listed))
            self._pres = [one.pre for one in self.days]
            return
        first, last = midnight(taped[0].pre), taped[-1].post
        others = [_day(one) for one in listed] or list(_weekdays(first, midnight(last)))
        before = [one for one in others if one.post <= first]
        after = [one for one in others if one.pre > last]
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
        """The first open after `at`; far away where no session is known."""
        return next((one.open for one in self._from(at) if one.open > at), at + _FAR)

    def next_close(self, at: int) -> int:
        """The first close after `at`; far away where no session is known."""
        return next((one.close for one in self._from(at) if one.close > at), at + _FAR)

    def next_edge(self, at: int) -> int:
        """When hours of any kind begin or end next."""
        edges = (
            edge for one in self._from(at) for edge in (one.pre, one.open, one.close, one.post)
        )
        return next((edge for edge in edges if edge > at), at + DAY)

    def expiry(self, at: int, tif: str, *, extended: bool) -> int | None:
        """When an order of that moment ends by itself: with the session under way or the next."""
        if tif != "day":
            return None
        ends = (one.post if extended else one.close for one in self._from(at))
        return next((end for end in ends if end > at), None)

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


def _day(session: Session) -> Day:
    edges = session.pre, session.open, session.close, session.post
    return Day(*(nanoseconds(edge) for edge in edges))


def _weekdays(first: int, last: int) -> Iterator[Day]:
    """Whole sessions on the weekdays from some weeks before to some weeks after."""
    day = eastern(first).date() - timedelta(days=_AROUND)
    until = eastern(last).date() + timedelta(days=_AROUND)
    while day <= until:
        if day.weekday() < _SATURDAY:
            moments = (datetime.combine(day, edge, NEW_YORK) for edge in _EDGES)
            yield Day(*(int(one.timestamp()) * SECOND for one in moments))
        day += timedelta(days=1)
