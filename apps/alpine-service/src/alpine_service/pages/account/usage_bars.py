"""Requests of the last days, as bars."""

from collections.abc import Sequence
from datetime import date, timedelta

from attrs import frozen

from alpine_service.domain.plans.use import Counted, Used

DAYS = 14
_ORDER = (Counted.KEYS, Counted.SESSIONS, Counted.TEST)


@frozen
class Spent:
    """What was used today of one number that the plan gives."""

    means: Counted
    count: int
    limit: int

    @property
    def part(self) -> float:
        """Between 0 and 1."""
        return min(1.0, self.count / self.limit) if self.limit else 0.0

    @property
    def is_used_up(self) -> bool:
        return self.count >= self.limit > 0


@frozen
class Day:
    """Requests of one day of UTC; `part` compares it with the day that has the most."""

    day: date
    by: dict[Counted, int]
    part: float

    @property
    def total(self) -> int:
        return sum(self.by.values())


def first_day(today: date) -> date:
    """From when on requests are shown."""
    return today - timedelta(days=DAYS - 1)


def days_of(used: Sequence[Used], today: date) -> Sequence[Day]:
    """Each of the last days, the newest first; those without a request as well."""
    counts = {(each.day, each.means): each.count for each in used}
    rows = [
        (day, {means: counts.get((day, means), 0) for means in Counted})
        for day in (today - timedelta(days=back) for back in range(DAYS))
    ]
    most = max((sum(by.values()) for _, by in rows), default=0) or 1
    return [Day(day, by, sum(by.values()) / most) for day, by in rows]


def spent_today(today: Day, limit: int) -> Sequence[Spent]:
    """Each of the numbers that are counted apart."""
    return [Spent(means, today.by[means], limit) for means in _ORDER]
