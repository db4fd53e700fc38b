"""Ids, secrets and what carries them, made of chance and time."""

from attrs import field, frozen

from alpine_service.domain.accounts.account import LIVES, Account, Purpose, Token
from alpine_service.domain.accounts.audit import AuditEntry
from alpine_service.domain.accounts.email_address import EmailAddress
from alpine_service.domain.accounts.session import PENDING, NewSession, Visitor, limits_of
from alpine_service.domain.accounts.tokens import (
    ID_BYTES,
    SECRET_BYTES,
    digest_of,
    make_id,
    make_secret,
)
from alpine_service.domain.letters.letter import Letter
from alpine_service.ports.mail import Mail
from alpine_service.ports.outside import Chance, Clock


@frozen
class MintedToken:
    """The secret goes into a mail, the token into the store."""

    secret: str = field(repr=False)
    token: Token


@frozen
class MintedSession:
    """The secret goes into a cookie, the session into the store."""

    secret: str = field(repr=False)
    session: NewSession


@frozen
class Mint:
    """Makes what nobody can guess."""

    clock: Clock
    chance: Chance

    def id(self, prefix: str) -> str:
        return make_id(prefix, self.chance.draw(ID_BYTES))

    def secret(self) -> str:
        return make_secret(self.chance.draw(SECRET_BYTES))

    def token(self, user_id: str, purpose: Purpose, email: EmailAddress) -> MintedToken:
        secret = self.secret()
        expires_at = self.clock.now() + LIVES[purpose]
        return MintedToken(secret, Token(digest_of(secret), user_id, purpose, email, expires_at))

    def session(
        self, account: Account, visitor: Visitor, *, second_factor: bool, is_pending: bool = False
    ) -> MintedSession:
        """A session with a new secret; how long it lives follows from the account's role."""
        secret, now = self.secret(), self.clock.now()
        limits = limits_of(account.role)
        return MintedSession(
            secret,
            NewSession(
                id=self.id("ses"),
                digest=digest_of(secret),
                user_id=account.id,
                is_pending=is_pending,
                second_factor=second_factor,
                opened_at=now,
                idle=PENDING if is_pending else limits.idle,
                expires_at=now + (PENDING if is_pending else limits.absolute),
                visitor=visitor,
            ),
        )

    def mail(self, to: EmailAddress, letter: Letter) -> Mail:
        return Mail(
            self.id("mai"), to.typed, letter.subject, letter.text, letter.html, letter.headers
        )

    def entry(
        self, actor: str, deed: str, subject: str, visitor: Visitor | None, **details: str
    ) -> AuditEntry:
        address = visitor.address if visitor is not None else None
        return AuditEntry(self.clock.now(), actor, deed, subject, details, address)
