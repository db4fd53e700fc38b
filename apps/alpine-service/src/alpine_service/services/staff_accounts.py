"""What staff and the operator's command do to accounts."""

from attrs import frozen

from alpine_service.domain.accounts.account import NewAccount
from alpine_service.domain.accounts.email_address import read_email
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.session import Visitor
from alpine_service.errors import Conflict, NotThere
from alpine_service.ports.accounts import Accounts, SessionStore
from alpine_service.services.minting import Mint
from alpine_service.services.new_passwords import NewPasswords


@frozen
class StaffAccounts:
    """`by` is the id of whoever does it, or `operator`; who may, is decided before."""

    accounts: Accounts
    sessions: SessionStore
    new_passwords: NewPasswords
    mint: Mint

    async def add_user(self, email: str, password: str, role: Role, by: str) -> str:
        """A verified account; its id. Staff can do nothing with theirs before a second factor.

        Raises:
            InvalidInput: no address, or no good password.
            Conflict: the address has an account.
        """
        address = read_email(email)
        hashed = await self.new_passwords.hashed(password, address.typed)
        now = self.mint.clock.now()
        account = NewAccount(self.mint.id("usr"), address, hashed, role, now, verified_at=now)
        entry = self.mint.entry(by, "account.added", account.id, None, role=role.value)
        if not await self.accounts.add(account, entry):
            raise Conflict("the address has an account already")
        return account.id

    async def change_role(
        self, user_id: str, role: Role, by: str, visitor: Visitor | None = None
    ) -> None:
        """Another role; the account's sessions end.

        Raises:
            NotThere: no such account.
        """
        entry = self.mint.entry(by, "account.role_changed", user_id, visitor, role=role.value)
        if not await self.accounts.change_role(user_id, role, entry):
            raise NotThere("account")

    async def suspend(self, user_id: str, by: str, visitor: Visitor | None = None) -> None:
        """Close the account: its sessions end, and nothing of it opens anything.

        Raises:
            NotThere: no such account.
        """
        entry = self.mint.entry(by, "account.suspended", user_id, visitor)
        if not await self.accounts.suspend(user_id, entry.at, entry):
            raise NotThere("account")

    async def restore(self, user_id: str, by: str, visitor: Visitor | None = None) -> None:
        """Open it again.

        Raises:
            NotThere: no such account.
        """
        entry = self.mint.entry(by, "account.restored", user_id, visitor)
        if not await self.accounts.suspend(user_id, None, entry):
            raise NotThere("account")

    async def end_sessions(self, user_id: str, by: str, visitor: Visitor | None = None) -> int:
        """End all sessions of somebody; how many."""
        entry = self.mint.entry(by, "session.all_ended", user_id, visitor)
        return await self.sessions.end_others(user_id, None, entry)
