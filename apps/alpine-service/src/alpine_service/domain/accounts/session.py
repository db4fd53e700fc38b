"""Sessions: how long they live, and what is shown of them.

::

    password ──► (no second factor) ──────────────► open ──► ended
        └──────► pending ── a right code, in time ──► open
                    └── five wrong ones, or ten minutes ──► ended

A session never becomes another: a pending one that is completed is ended, and one with a new secret
is opened in its place, and so it is at every change of what it may do.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from attrs import field, frozen

from alpine_service.domain.accounts.role import Role

# More than one person has programs and machines; the one that was seen longest ago ends first.
MOST_PER_ACCOUNT = 20
MOST_ATTEMPTS = 5
PENDING = timedelta(minutes=10)
# How often it is written down that a session was seen.
SEEN_EVERY = timedelta(minutes=1)


class Next(StrEnum):
    """What somebody who gave the right password has to do."""

    NOTHING = "nothing"
    CODE = "code"


@frozen
class Limits:
    """A session ends after `idle` without a request, and after `absolute` in any case."""

    idle: timedelta
    absolute: timedelta


# NIST SP 800-63B asks for these of whoever may do harm to others (its level 2).
STAFF_LIMITS = Limits(idle=timedelta(minutes=30), absolute=timedelta(hours=12))
# A subscriber can only read, and harm only their own account, for most of which the password is
# asked for again; so a session lasts for days of work (NIST's level 1 has 30 days).
SUBSCRIBER_LIMITS = Limits(idle=timedelta(hours=12), absolute=timedelta(days=30))


def limits_of(role: Role) -> Limits:
    return SUBSCRIBER_LIMITS if role is Role.SUBSCRIBER else STAFF_LIMITS


@frozen
class Visitor:
    """Where a request comes from: the client's address, and words for its program."""

    address: str
    device: str = ""


@frozen
class NewSession:
    """A session to be stored. `digest` is that of its secret, which is not in here."""

    id: str
    digest: bytes = field(repr=False)
    user_id: str
    is_pending: bool
    second_factor: bool
    opened_at: datetime
    idle: timedelta
    expires_at: datetime
    visitor: Visitor


@frozen
class PendingTry:
    """A try of a code was counted; `left` are those that remain after it."""

    user_id: str
    left: int


@frozen
class SessionShown:
    """A session as its owner sees it; `seen_at` is true to a minute."""

    id: str
    opened_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    device: str
    second_factor: bool


@frozen
class Opened:
    """The secret goes into the cookie, and `next` says whether it opens anything yet."""

    secret: str = field(repr=False)
    next: Next
    lives: timedelta
