"""A vendor's own calendar day, from its time zone's offsets as data."""

from bisect import bisect_right
from datetime import date, datetime, timedelta

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.market.moment import aware

_FARTHEST = timedelta(hours=24)


@frozen
class OffsetChange:
    """From `since` on (UTC), the vendor's clocks show UTC + `offset`."""

    since: datetime
    offset: timedelta

    def __attrs_post_init__(self) -> None:
        aware("since", self.since)
        if not -_FARTHEST < self.offset < _FARTHEST:
            raise InvalidInput("offset", f"{self.offset}", "give less than a day")


@frozen
class VendorDays:
    """Days of a vendor, from `changes` in order of time; before the first there is no day."""

    changes: tuple[OffsetChange, ...]

    def __attrs_post_init__(self) -> None:
        starts = [change.since for change in self.changes]
        if not starts or starts != sorted(set(starts)):
            problem = "there is none, or they are out of order"
            raise InvalidInput("changes", problem, "sort them by time, each moment once")

    def day(self, at: datetime) -> date:
        """The date on the vendor's wall.

        Raises:
            InvalidInput: `at` lies before the first change.
        """
        return (at + self.changes[self._place(at)].offset).date()

    def next_midnight(self, at: datetime, day: date) -> datetime:
        """The first moment (UTC) of a day later than `day`; `at` lies in `day` or before its end.

        Raises:
            InvalidInput: `at` lies before the first change.
        """
        tomorrow = day + timedelta(days=1)
        wall = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=at.tzinfo)
        change = self.changes[self._place(at)]
        for later in self.changes[self._place(at) + 1 :]:
            # Setting clocks forward over midnight makes the change itself the first moment.
            if max(wall - change.offset, change.since) < later.since:
                break
            change = later
        return max(wall - change.offset, change.since)

    def _place(self, at: datetime) -> int:
        place = bisect_right(self.changes, at, key=lambda change: change.since) - 1
        if place < 0:
            problem = f"{at} is before the first offset"
            raise InvalidInput("at", problem, f"ask from {self.changes[0].since} on")
        return place
