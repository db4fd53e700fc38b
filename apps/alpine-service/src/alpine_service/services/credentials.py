"""Changing what one signs in with: the password, the e-mail address."""

from attrs import frozen

from alpine_service.domain.accounts import letters
from alpine_service.domain.accounts.account import Purpose
from alpine_service.domain.accounts.email_address import read_email
from alpine_service.domain.accounts.principal import Principal
from alpine_service.domain.accounts.session import Next, Opened, Visitor
from alpine_service.domain.accounts.throttle import Deed, network_digest
from alpine_service.errors import Conflict, InvalidInput
from alpine_service.ports.accounts import Accounts, AuditTrail
from alpine_service.services.login import opened
from alpine_service.services.minting import Mint
from alpine_service.services.new_passwords import NewPasswords
from alpine_service.services.reauthentication import Reauthentication, Shown
from alpine_service.services.registration import find_token, void_token
from alpine_service.services.tries import Tries

_NOBODY = "nobody"


@frozen
class Credentials:
    """Every change is told by mail to whoever could do it until now."""

    accounts: Accounts
    trail: AuditTrail
    new_passwords: NewPasswords
    reauthentication: Reauthentication
    tries: Tries
    mint: Mint
    public_url: str

    async def ask_reset(self, email: str, visitor: Visitor) -> None:
        """Write to the address how to choose a new password, if it has an account.

        Raises:
            InvalidInput: no address.
            TooMany: wait.
        """
        address = read_email(email)
        await self.tries.by_network(Deed.RESET, visitor)
        await self.tries.by_account(Deed.RESET, address.key)
        account, _ = await self.accounts.find(address.key, network_digest(visitor.address))
        if account is None or account.suspended_at is not None:
            subject = account.id if account is not None else _NOBODY
            entry = self.mint.entry(_NOBODY, "password.reset_refused", subject, visitor)
            await self.trail.note(entry)
            return
        minted = self.mint.token(account.id, Purpose.RESET, account.email)
        letter = letters.reset(self.public_url, minted.secret)
        await self.accounts.issue(
            minted.token,
            [self.mint.mail(account.email, letter)],
            self.mint.entry(_NOBODY, "password.reset_asked", account.id, visitor),
        )

    async def reset(self, token: str, password: str, visitor: Visitor) -> None:
        """A new password for whoever got the mail; all sessions end, and nobody is signed in.

        A second factor stays, and is asked for at the next sign-in.

        Raises:
            InvalidInput: the token is void, or the password is no good one.
            TooMany: wait.
        """
        await self.tries.by_network(Deed.TOKEN, visitor)
        found = await find_token(self.accounts, self.mint, token, Purpose.RESET)
        account = await self.accounts.get(found.user_id)
        if account is None or account.suspended_at is not None:
            raise void_token()
        # Before the token is used, so that a bad choice does not cost another mail.
        hashed = await self.new_passwords.hashed(password, account.email.typed)
        is_done = await self.accounts.reset(
            found,
            hashed,
            network_digest(visitor.address),
            self.mint.mail(account.email, letters.password_changed(self.public_url)),
            self.mint.entry(account.id, "password.reset", account.id, visitor),
        )
        if not is_done:
            raise void_token()
        for known in (None, visitor):
            await self.tries.forgive(Deed.LOGIN, account.email.key, known)

    async def change_password(
        self, principal: Principal, shown: Shown, new: str, visitor: Visitor
    ) -> Opened:
        """A session with a new secret, the only one that is left.

        Raises:
            InvalidInput: the current password or the code is wrong, or the new one no good.
            Conflict: it was changed at the same moment.
            TooMany: wait.
        """
        account = await self.reauthentication.fully(principal, shown, visitor, "current")
        hashed = await self.new_passwords.hashed(new, account.email.typed, "new")
        minted = self.mint.session(account, visitor, second_factor=principal.second_factor)
        is_done = await self.accounts.change_password(
            account,
            hashed,
            minted.session,
            self.mint.mail(account.email, letters.password_changed(self.public_url)),
            self.mint.entry(account.id, "password.changed", account.id, visitor),
        )
        if not is_done:
            raise Conflict("the password was changed at the same moment")
        return opened(minted, Next.NOTHING)

    async def ask_email(
        self, principal: Principal, shown: Shown, email: str, visitor: Visitor
    ) -> None:
        """Write to the new address how to go on, and to the old one that it is about to change.

        Raises:
            InvalidInput: no address, the same one, or a wrong password or code.
            TooMany: wait.
        """
        address = read_email(email)
        account = await self.reauthentication.fully(principal, shown, visitor)
        if address == account.email:
            raise InvalidInput("email", "it is the account's already", "give another one")
        await self.tries.by_network(Deed.MAIL, visitor)
        await self.tries.by_account(Deed.MAIL, account.id)
        other, _ = await self.accounts.find(address.key, network_digest(visitor.address))
        entry = self.mint.entry(account.id, "email.change_asked", account.id, visitor)
        tell = self.mint.mail(account.email, letters.email_change_asked(self.public_url))
        # The same address in another spelling is the account's own, not somebody else's.
        if other is not None and other.id != account.id:
            taken = self.mint.mail(address, letters.address_taken())
            await self.accounts.write([taken, tell], entry)
            return
        minted = self.mint.token(account.id, Purpose.CHANGE, address)
        letter = letters.confirm_new_email(self.public_url, minted.secret)
        mails = [self.mint.mail(address, letter), tell]
        await self.accounts.issue(minted.token, mails, entry)

    async def confirm_email(self, token: str, visitor: Visitor) -> None:
        """The new address is theirs, and from now on the account's.

        Raises:
            InvalidInput: the token is void.
            Conflict: another account has the address by now.
            TooMany: wait.
        """
        await self.tries.by_network(Deed.TOKEN, visitor)
        found = await find_token(self.accounts, self.mint, token, Purpose.CHANGE)
        account = await self.accounts.get(found.user_id)
        if account is None:
            raise void_token()
        tell = self.mint.mail(account.email, letters.email_changed())
        entry = self.mint.entry(account.id, "email.changed", account.id, visitor)
        if not await self.accounts.change_email(found, [tell], entry):
            raise void_token()
