"""Signing in: the password, and then the code if there is a second factor."""

from datetime import timedelta

from attrs import frozen

from alpine_service.domain.accounts import letters
from alpine_service.domain.accounts.account import Account
from alpine_service.domain.accounts.email_address import read_email
from alpine_service.domain.accounts.factor import RecoveryProof
from alpine_service.domain.accounts.password import can_be_password, normal
from alpine_service.domain.accounts.session import Next, Opened, PendingTry, Visitor
from alpine_service.domain.accounts.throttle import Deed, network_digest
from alpine_service.domain.accounts.tokens import digest_of
from alpine_service.errors import NotSignedIn
from alpine_service.ports.accounts import Accounts, AuditTrail, Factors, Passwords, SessionStore
from alpine_service.ports.mail import Mail
from alpine_service.services.codes import Codes
from alpine_service.services.minting import Mint, MintedSession
from alpine_service.services.tries import Tries

_NOBODY = "nobody"


@frozen
class Login:
    """Opens sessions. Whoever is refused is told nothing that they did not know."""

    accounts: Accounts
    sessions: SessionStore
    factors: Factors
    trail: AuditTrail
    passwords: Passwords
    codes: Codes
    tries: Tries
    mint: Mint
    public_url: str

    async def by_password(
        self, email: str, password: str, visitor: Visitor, replaces: str | None = None
    ) -> Opened:
        """A session, or one that awaits a code; the one that was shown, if any, is ended.

        Raises:
            InvalidInput: no address.
            NotSignedIn: there is no such account, the password is wrong, or it is suspended.
            TooMany: wait.
        """
        address = read_email(email)
        await self.tries.by_network(Deed.LOGIN, visitor)
        network = network_digest(visitor.address)
        account, is_known = await self.accounts.find(address.key, network)
        known = visitor if is_known else None
        await self.tries.by_account(Deed.LOGIN, address.key, known)
        is_right = await self._is_right(account, password)
        if account is None or not is_right or account.suspended_at is not None:
            subject = account.id if account is not None else _NOBODY
            entry = self.mint.entry(_NOBODY, "session.refused", subject, visitor)
            await self.trail.note(entry)
            raise NotSignedIn("the address or the password is wrong")
        await self.tries.forgive(Deed.LOGIN, address.key, known)
        await self._rehash(account, password)
        minted = self.mint.session(
            account, visitor, second_factor=False, is_pending=account.has_factor
        )
        deed = "session.password_given" if account.has_factor else "session.opened"
        entry = self.mint.entry(account.id, deed, minted.session.id, visitor)
        ended = digest_of(replaces) if replaces is not None else None
        await self.sessions.open(minted.session, ended, entry)
        return opened(minted, Next.CODE if account.has_factor else Next.NOTHING)

    async def by_code(self, secret: str, code: str, visitor: Visitor) -> Opened:
        """A session in the place of the pending one, for a code of the app or a recovery code.

        Raises:
            NotSignedIn: the code is wrong, or no session awaits one.
            TooMany: wait.
        """
        await self.tries.by_network(Deed.CODE, visitor)
        pending = digest_of(secret)
        tried = await self.sessions.attempt(pending, self.mint.clock.now())
        account = await self.accounts.get(tried.user_id) if tried is not None else None
        if tried is None or account is None:
            raise NotSignedIn("no sign-in awaits a code; begin again with the password")
        network = network_digest(visitor.address)
        is_known = await self.accounts.is_known_network(account.id, network)
        known = visitor if is_known else None
        await self.tries.by_account(Deed.CODE, account.id, known)
        proof = await self.codes.use(account.id, code)
        if proof is None:
            await self._refuse(account, tried, visitor)
        minted = self.mint.session(account, visitor, second_factor=True)
        mails: list[Mail] = []
        if isinstance(proof, RecoveryProof):
            left = await self.factors.codes_left(account.id)
            mails = [
                self.mint.mail(account.email, letters.recovery_code_used(self.public_url, left))
            ]
        means = "recovery code" if mails else "code"
        entry = self.mint.entry(
            account.id, "session.opened", minted.session.id, visitor, second_factor=means
        )
        if not await self.sessions.complete(pending, minted.session, mails, entry):
            raise NotSignedIn("no sign-in awaits a code; begin again with the password")
        await self.tries.forgive(Deed.CODE, account.id, known)
        return opened(minted, Next.NOTHING)

    async def _is_right(self, account: Account | None, password: str) -> bool:
        """The same work for everybody, account or not."""
        if not can_be_password(password):
            return False
        hashed = account.password if account is not None else None
        return await self.passwords.verify(hashed, normal(password))

    async def _rehash(self, account: Account, password: str) -> None:
        if self.passwords.is_outdated(account.password):
            hashed = await self.passwords.hash(normal(password))
            await self.accounts.rehash(account, hashed)

    async def _refuse(self, account: Account, tried: PendingTry, visitor: Visitor) -> None:
        entry = self.mint.entry(_NOBODY, "session.code_refused", account.id, visitor)
        if tried.left:
            await self.trail.note(entry)
        else:
            # Whoever has the password and no code is somebody that the owner should hear of.
            letter = letters.codes_refused(self.public_url)
            await self.accounts.write([self.mint.mail(account.email, letter)], entry)
        raise NotSignedIn("the code is wrong or was used")


def opened(minted: MintedSession, after: Next) -> Opened:
    lives: timedelta = minted.session.expires_at - minted.session.opened_at
    return Opened(minted.secret, after, lives)
