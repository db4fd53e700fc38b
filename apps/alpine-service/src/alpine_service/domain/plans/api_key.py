"""API keys as their owners and staff see them, and the rules of making them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from attrs import field, frozen

from alpine_service.domain.accounts.principal import Principal
from alpine_service.domain.accounts.scope import Scope
from alpine_service.errors import InvalidInput

LONGEST_NAME = 80
# Time to change a key at all places; longer, and nobody remembers that it is still good.
LONGEST_OVERLAP = timedelta(days=7)
# Nobody can say what is in ten years; who wants longer, takes a key without an end.
LONGEST_LIFE = timedelta(days=3_650)
# Dead keys stay in the list for so long, to look up what one was.
KEPT_DEAD = timedelta(days=30)


@frozen
class NewKey:
    """A key that is to be stored; of its text only the digest."""

    id: str
    user_id: str
    digest: bytes = field(repr=False)
    is_test: bool
    name: str
    hint: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None


@frozen
class KeyShown:
    """A key without its secret. `last_used_at` is to the minute."""

    id: str
    user_id: str
    name: str
    hint: str
    is_test: bool
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    replaced_by: str | None
    last_used_at: datetime | None
    last_address: str | None

    def is_live(self, now: datetime) -> bool:
        """Whether it opens anything."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@frozen
class KeyFound:
    """Whom a live key stands for, and what is needed to remember that."""

    principal: Principal
    expires_at: datetime | None
    last_used_at: datetime | None


def check_name(name: str) -> str:
    """The name without blanks around it.

    Raises:
        InvalidInput: it is empty, too long, or has what cannot be shown.
    """
    trimmed = name.strip()
    if not 0 < len(trimmed) <= LONGEST_NAME or not trimmed.isprintable():
        fix = f"give 1 to {LONGEST_NAME} characters that can be shown"
        raise InvalidInput("name", "it is no name", fix)
    return trimmed


def check_scopes(scopes: Sequence[Scope]) -> frozenset[Scope]:
    """Raises InvalidInput if there are none."""
    if not scopes:
        raise InvalidInput("scopes", "there is none", f"give one or more of {', '.join(Scope)}")
    return frozenset(scopes)


def check_expiry(expires_at: datetime | None, now: datetime) -> datetime | None:
    """Raises InvalidInput if it is over before it begins, or beyond all plans."""
    if expires_at is not None and not now < expires_at <= now + LONGEST_LIFE:
        fix = f"give a time within {LONGEST_LIFE.days} days, or leave it out"
        raise InvalidInput("expires_at", "it is past or too far", fix)
    return expires_at


def check_overlap(until: datetime | None, now: datetime) -> datetime:
    """When a key that another replaces ends: at once for None.

    Raises:
        InvalidInput: later than an overlap may be.
    """
    end = now if until is None else until
    if not now <= end <= now + LONGEST_OVERLAP:
        fix = f"give a time within {LONGEST_OVERLAP.days} days, or leave it out"
        raise InvalidInput("old_until", "it is past or too far", fix)
    return end
