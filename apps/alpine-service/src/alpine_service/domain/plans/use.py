"""What an account uses of its plan: requests by day of UTC."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from attrs import frozen

from alpine_service.domain.accounts.principal import Means, Principal
from alpine_service.domain.plans.plan import TEST

# For a look back over a quarter.
KEPT_DAYS = 92


class Counted(StrEnum):
    """What is counted apart: a stolen key cannot use up what its owner needs to revoke it."""

    KEYS = "keys"
    TEST = "test"
    SESSIONS = "sessions"


@frozen
class Used:
    """Requests of one day. `count` is what processes took to hand out: at least what was used."""

    day: date
    means: Counted
    count: int


def counted_as(principal: Principal) -> Counted:
    """By what it is counted."""
    if principal.means is Means.SESSION:
        return Counted.SESSIONS
    return Counted.TEST if principal.entitlement.plan == TEST.plan else Counted.KEYS


def left_of_day_s(now: datetime) -> float:
    """Seconds until the next day of UTC begins."""
    tomorrow = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return (tomorrow - now).total_seconds()
