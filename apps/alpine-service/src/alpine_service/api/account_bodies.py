"""What is asked and answered about accounts. Nothing is read from a body that is not named here."""

from datetime import datetime

from attrs import field, frozen

from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.session import Next


@frozen
class Registering:
    """An account to be."""

    email: str = field(repr=False)
    password: str = field(repr=False)


@frozen
class SigningIn:
    """The first step; the second is a code, if there is a second factor."""

    email: str = field(repr=False)
    password: str = field(repr=False)


@frozen
class Coded:
    """A code of an app, or a recovery code."""

    code: str = field(repr=False)


@frozen
class Tokened:
    """What came in a mail."""

    token: str = field(repr=False)


@frozen
class AskingReset:
    """The address of an account whose password is forgotten."""

    email: str = field(repr=False)


@frozen
class Resetting:
    """What came in the mail, and the new password."""

    token: str = field(repr=False)
    password: str = field(repr=False)


@frozen
class Confirming:
    """The password once more."""

    password: str = field(repr=False)


@frozen
class ConfirmingFully:
    """The password once more, and a code if there is a second factor."""

    password: str = field(repr=False)
    code: str | None = field(default=None, repr=False)


@frozen
class ChangingPassword:
    """The current password and the new one, and a code if there is a second factor."""

    current: str = field(repr=False)
    new: str = field(repr=False)
    code: str | None = field(default=None, repr=False)


@frozen
class ChangingEmail:
    """The new address; the password once more, and a code if there is a second factor."""

    email: str = field(repr=False)
    password: str = field(repr=False)
    code: str | None = field(default=None, repr=False)


@frozen
class SessionOpened:
    """The cookie has the session. `next` is `code` if it opens nothing before one was given."""

    next: Next


@frozen
class AccountBody:
    """One's own account."""

    id: str
    email: str = field(repr=False)
    role: Role
    created_at: datetime
    verified_at: datetime | None
    second_factor: bool
    recovery_codes: int
    plan: str


@frozen
class SessionBody:
    """A session; `seen_at` is true to a minute, `is_this` says that it is the one that asks."""

    id: str
    opened_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    device: str
    second_factor: bool
    is_this: bool


@frozen
class SessionList:
    """The open sessions, the one that was seen last first."""

    sessions: list[SessionBody]


@frozen
class SessionsEnded:
    """How many were ended."""

    ended: int


@frozen
class EnrolmentBody:
    """For an authenticator app: the secret to type, or what the picture to scan says."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


@frozen
class RecoveryCodes:
    """Each opens the account once in the place of a code. They are shown now and never again."""

    recovery_codes: list[str] = field(repr=False)
