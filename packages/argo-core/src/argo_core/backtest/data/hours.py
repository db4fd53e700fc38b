"""When a stock market's sessions were open, as columns that many bars are compared with at once."""

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from argo_core.backtest.bars.arrays import Ints, ints
from argo_core.errors import InvalidInput

DAY_US = 86_400_000_000


def _bools(values: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    array = np.array(values, dtype=np.bool_)
    array.flags.writeable = False
    return array


@frozen(kw_only=True, eq=False)
class MarketHours:
    """The regular hours of every session from `since` up to, not with, `until`, both in days.

    `day` is a session's date in days since 1970-01-01, rising; it opens at `open_us` and closes at
    `close_us`, microseconds since 1970 UTC; `half` tells the days that close early. A date in the
    span that is not listed has no session. `told` says in a sentence where the hours come from.
    """

    since: int
    until: int
    day: Ints = field(converter=ints, repr=False)
    open_us: Ints = field(converter=ints, repr=False)
    close_us: Ints = field(converter=ints, repr=False)
    half: npt.NDArray[np.bool_] = field(converter=_bools, repr=False)
    told: str

    def __attrs_post_init__(self) -> None:
        columns = (self.day, self.open_us, self.close_us, self.half)
        if any(column.shape != (len(self.day),) for column in columns):
            raise InvalidInput(
                "hours", "its columns differ in length", "give one of each a session"
            )
        ordered = (np.diff(self.day) > 0).all() and (self.open_us < self.close_us).all()
        midnight = self.day * DAY_US
        # A session that begins and ends on its own UTC date lets that date stand for it everywhere.
        within = (self.open_us >= midnight).all() and (self.close_us < midnight + DAY_US).all()
        inside = not len(self.day) or self.since <= self.day[0] <= self.day[-1] < self.until
        if not (ordered and within and inside):
            fix = "sort sessions by date, each within its date in UTC, all within the span"
            raise InvalidInput("hours", "sessions are out of order", fix)

    def place(self, day: Ints) -> Ints:
        """Which session each of those dates is, -1 for a date without one.

        Raises:
            InvalidInput: a date is outside the span.
        """
        if day.size and not self.since <= day.min() <= day.max() < self.until:
            problem = f"there are bars from {dated(int(day.min()))} to {dated(int(day.max()))}"
            known = f"{dated(self.since)} to {dated(self.until - 1)}"
            fix = f"choose a range inside {known}, where sessions are known"
            raise InvalidInput("range", problem, fix)
        if not len(self.day):
            return np.full(day.shape, -1, dtype=np.int64)
        place = np.minimum(np.searchsorted(self.day, day), len(self.day) - 1)
        return np.where(self.day[place] == day, place, -1).astype(np.int64)


def dated(day: int) -> str:
    """The ISO date of that day."""
    return str(np.datetime64(int(day), "D"))


def timed(micros: int) -> str:
    """The ISO moment in UTC, to the second."""
    return f"{np.datetime64(int(micros), 'us').astype('datetime64[s]')}Z"
