"""An account as it is stored, and the tokens that mails carry for it."""

from datetime import datetime, timedelta
from enum import StrEnum

from attrs import field, frozen

from alpine_service.domain.accounts.email_address import EmailAddress
from alpine_service.domain.accounts.role import Role


class Purpose(StrEnum):
    """What a token in a mail is good for."""

    VERIFY = "verify"
    RESET = "reset"
    CHANGE = "change"


LIVES = {
    Purpose.VERIFY: timedelta(hours=24),
    Purpose.RESET: timedelta(minutes=30),
    Purpose.CHANGE: timedelta(hours=24),
}


@frozen
class Account:
    """`password` is a hash. `has_factor` says that a second factor was confirmed."""

    id: str
    email: EmailAddress
    password: str = field(repr=False)
    role: Role
    created_at: datetime
    verified_at: datetime | None
    suspended_at: datetime | None
    has_factor: bool


@frozen
class NewAccount:
    """An account to be stored; `verified_at` None until its address is shown to be theirs."""

    id: str
    email: EmailAddress
    password: str = field(repr=False)
    role: Role
    created_at: datetime
    verified_at: datetime | None = None


@frozen
class Token:
    """A token to be stored, or found. `email` is where its mail went: it speaks for no other."""

    digest: bytes = field(repr=False)
    user_id: str
    purpose: Purpose
    email: EmailAddress
    expires_at: datetime
