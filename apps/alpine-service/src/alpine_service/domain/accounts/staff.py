"""What staff may do to accounts, and accounts as staff see them."""

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from alpine_service.domain.accounts.role import Role
from alpine_service.errors import NotAllowed

LONGEST_SEARCH = 254


@frozen
class Standing:
    """Somebody's role at the moment of a deed, which may be another than when they came."""

    user_id: str
    role: Role
    is_suspended: bool


@frozen
class PersonShown:
    """An account as staff see it."""

    id: str
    email: str = field(repr=False)
    role: Role
    created_at: datetime
    verified_at: datetime | None
    suspended_at: datetime | None
    has_factor: bool
    plan: str | None
    state: str | None
    until: datetime | None


@frozen
class Place:
    """Where a page of accounts begins: behind this one, the newest first."""

    created_at: datetime
    user_id: str


@frozen
class PeopleAsked:
    """Which accounts: whose address has `text` in it or whose id it is, of a role."""

    text: str | None = field(default=None, repr=False)
    role: Role | None = None
    behind: Place | None = None
    limit: int = 50


@frozen
class TrailAsked:
    """Which deeds, the newest first, before a number."""

    actor: str | None = None
    deed: str | None = None
    subject: str | None = None
    before: int | None = None
    limit: int = 50


@frozen
class TrailEntry:
    """A deed with its place in the trail."""

    number: int
    at: datetime
    actor: str
    deed: str
    subject: str
    details: Mapping[str, str]
    address: str | None


def check_role_change(actor: Standing, target: Standing) -> None:
    """Only an admin changes roles, and not the own one: so there is always an admin left.

    Raises:
        NotAllowed: somebody else has to do it.
    """
    if actor.is_suspended or actor.role is not Role.ADMIN:
        raise NotAllowed("only an admin changes roles")
    if actor.user_id == target.user_id:
        raise NotAllowed("nobody changes the own role; another admin can")


def check_power(actor: Standing, target: Standing) -> None:
    """Staff close and open accounts of subscribers, admins those of staff too; nobody the own one.

    Raises:
        NotAllowed: somebody else has to do it.
    """
    if actor.is_suspended or not actor.role.includes(Role.SUPPORT):
        raise NotAllowed("this is for staff")
    if actor.user_id == target.user_id:
        raise NotAllowed("nobody does this to the own account")
    if target.role is not Role.SUBSCRIBER and actor.role is not Role.ADMIN:
        raise NotAllowed("only an admin does this to staff")
