"""Showing again who one is, before what could take an account away from its owner."""

from attrs import field, frozen

from alpine_service.domain.accounts.account import Account
from alpine_service.domain.accounts.password import can_be_password, normal
from alpine_service.domain.accounts.principal import Principal
from alpine_service.domain.accounts.session import Visitor
from alpine_service.domain.accounts.throttle import Deed
from alpine_service.errors import InvalidInput, NotSignedIn
from alpine_service.ports.accounts import Accounts, AuditTrail, Passwords
from alpine_service.services.codes import Codes
from alpine_service.services.minting import Mint
from alpine_service.services.tries import Tries


@frozen
class Shown:
    """What somebody who is signed in gives once more; the code if there is a second factor."""

    password: str = field(repr=False)
    code: str | None = field(default=None, repr=False)


@frozen
class Reauthentication:
    """Asks for the password, and for a code where there is a second factor."""

    accounts: Accounts
    trail: AuditTrail
    passwords: Passwords
    codes: Codes
    tries: Tries
    mint: Mint

    async def by_password(
        self, principal: Principal, password: str, visitor: Visitor, where: str = "password"
    ) -> Account:
        """The account, if the password is its own.

        Raises:
            InvalidInput: it is not.
            TooMany: wait.
        """
        account = await self.accounts.get(principal.user_id)
        if account is None:
            raise NotSignedIn
        await self.tries.by_network(Deed.PASSWORD, visitor)
        # Counted for the session: nobody else can use these tries up, and whoever stole it gets no
        # more of them from other networks, of which some people have very many.
        await self.tries.by_account(Deed.PASSWORD, principal.means_id)
        is_right = can_be_password(password) and await self.passwords.verify(
            account.password, normal(password)
        )
        if not is_right:
            await self._note(principal, visitor, "password")
            raise InvalidInput(where, "it is not the account's", "type it again")
        await self.tries.forgive(Deed.PASSWORD, principal.means_id)
        return account

    async def fully(
        self, principal: Principal, shown: Shown, visitor: Visitor, where: str = "password"
    ) -> Account:
        """The account, if the password is its own and so is the code, where it takes one.

        Raises:
            InvalidInput: one of them is not, or the code is missing.
            TooMany: wait.
        """
        account = await self.by_password(principal, shown.password, visitor, where)
        if account.has_factor:
            await self._code(principal, account, shown.code, visitor)
        return account

    async def _code(
        self, principal: Principal, account: Account, code: str | None, visitor: Visitor
    ) -> None:
        if code is None:
            raise InvalidInput("code", "it is missing", "give one of your app, or a recovery code")
        await self.tries.by_account(Deed.CODE, principal.means_id)
        if await self.codes.use(account.id, code) is None:
            await self._note(principal, visitor, "code")
            raise InvalidInput("code", "it is wrong or was used", "wait for the next one")
        await self.tries.forgive(Deed.CODE, principal.means_id)

    async def _note(self, principal: Principal, visitor: Visitor, what: str) -> None:
        await self.trail.note(
            self.mint.entry(
                principal.user_id,
                "account.reauthentication_refused",
                principal.means_id,
                visitor,
                what=what,
            )
        )
