"""Accounts come to be: registered, then verified by a mail."""

from attrs import frozen

from alpine_service.domain.accounts import letters
from alpine_service.domain.accounts.account import NewAccount, Purpose, Token
from alpine_service.domain.accounts.email_address import read_email
from alpine_service.domain.accounts.principal import Principal
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.session import Visitor
from alpine_service.domain.accounts.throttle import Deed
from alpine_service.domain.accounts.tokens import digest_of
from alpine_service.errors import Conflict, InvalidInput, NotSignedIn
from alpine_service.ports.accounts import Accounts
from alpine_service.services.minting import Mint
from alpine_service.services.new_passwords import NewPasswords
from alpine_service.services.tries import Tries


@frozen
class Registration:
    """Says the same, after the same work, whether or not the address has an account."""

    accounts: Accounts
    new_passwords: NewPasswords
    tries: Tries
    mint: Mint
    public_url: str

    async def register(self, email: str, password: str, visitor: Visitor) -> None:
        """Write to the address: how to go on, or that it has an account already.

        Raises:
            InvalidInput: no address, or no good password.
            TooMany: wait.
        """
        address = read_email(email)
        await self.tries.by_network(Deed.REGISTER, visitor)
        await self.tries.by_account(Deed.REGISTER, address.key)
        hashed = await self.new_passwords.hashed(password, address.typed)
        mint = self.mint
        account = NewAccount(
            mint.id("usr"), address, hashed, Role.SUBSCRIBER, created_at=mint.clock.now()
        )
        minted = mint.token(account.id, Purpose.VERIFY, address)
        await self.accounts.register(
            account,
            minted.token,
            mint.mail(address, letters.verify(self.public_url, minted.secret)),
            mint.mail(address, letters.already_registered(self.public_url)),
            mint.entry(account.id, "account.registered", account.id, visitor),
        )

    async def verify(self, token: str, visitor: Visitor) -> None:
        """The address is theirs.

        Raises:
            InvalidInput: the token is unknown, used or expired.
            TooMany: wait.
        """
        await self.tries.by_network(Deed.TOKEN, visitor)
        found = await find_token(self.accounts, self.mint, token, Purpose.VERIFY)
        entry = self.mint.entry(found.user_id, "account.verified", found.user_id, visitor)
        if not await self.accounts.verify(found, entry):
            raise void_token()

    async def send_again(self, principal: Principal, visitor: Visitor) -> None:
        """Another mail to verify the address; those before it work as well.

        Raises:
            Conflict: it is verified.
            TooMany: wait.
        """
        account = await self.accounts.get(principal.user_id)
        if account is None:
            raise NotSignedIn
        if account.verified_at is not None:
            raise Conflict("the address is verified already")
        await self.tries.by_network(Deed.MAIL, visitor)
        await self.tries.by_account(Deed.MAIL, account.id)
        minted = self.mint.token(account.id, Purpose.VERIFY, account.email)
        letter = letters.verify(self.public_url, minted.secret)
        await self.accounts.issue(
            minted.token,
            [self.mint.mail(account.email, letter)],
            self.mint.entry(account.id, "account.verification_sent", account.id, visitor),
        )


async def find_token(accounts: Accounts, mint: Mint, secret: str, purpose: Purpose) -> Token:
    """What the token in a mail is good for.

    Raises:
        InvalidInput: it is unknown, used or expired; which, nobody is told.
    """
    found = await accounts.token(digest_of(secret), purpose, mint.clock.now())
    if found is None:
        raise void_token()
    return found


def void_token() -> InvalidInput:
    return InvalidInput("token", "it is unknown, used or expired", "ask for another mail")
