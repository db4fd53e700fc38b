"""One's own account: looked at, taken along, deleted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from attrs import frozen

from alpine_service.domain.accounts import letters
from alpine_service.domain.accounts.account import Account
from alpine_service.domain.accounts.principal import Principal
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.session import Visitor
from alpine_service.domain.accounts.throttle import Deed
from alpine_service.errors import Conflict, NotSignedIn
from alpine_service.ports.accounts import Accounts, AuditTrail, Exporter, Factors, SessionStore
from alpine_service.services.minting import Mint
from alpine_service.services.reauthentication import Reauthentication, Shown
from alpine_service.services.tries import Tries

_MOST_DEEDS = 10_000


@frozen
class AccountShown:
    """An account as its owner sees it."""

    id: str
    email: str
    role: Role
    created_at: datetime
    verified_at: datetime | None
    second_factor: bool
    recovery_codes: int


@frozen
class OwnAccount:
    """What the owner of an account may do with all of it."""

    accounts: Accounts
    factors: Factors
    trail: AuditTrail
    reauthentication: Reauthentication
    exporters: Sequence[Exporter]
    tries: Tries
    mint: Mint

    async def show(self, principal: Principal) -> AccountShown:
        account = await self._account(principal)
        return AccountShown(
            id=account.id,
            email=account.email.typed,
            role=account.role,
            created_at=account.created_at,
            verified_at=account.verified_at,
            second_factor=account.has_factor,
            recovery_codes=await self.factors.codes_left(account.id),
        )

    async def export(self, principal: Principal, visitor: Visitor) -> dict[str, Any]:
        """Everything that is kept of the account, an entry for each area, without secrets.

        Raises:
            TooMany: wait; it is a lot of work.
        """
        await self.tries.by_account(Deed.EXPORT, principal.user_id)
        parts = {each.name: await each.export(principal.user_id) for each in self.exporters}
        user = principal.user_id
        await self.trail.note(self.mint.entry(user, "account.exported", user, visitor))
        return {"at": self.mint.clock.now(), **parts}

    async def delete(self, principal: Principal, shown: Shown, visitor: Visitor) -> None:
        """Everything of the account goes; the audit trail keeps its id and nothing else.

        Staff cannot: somebody else makes them a subscriber first, so that there is always an admin.

        Raises:
            InvalidInput: password or code are wrong.
            Conflict: the account is staff's.
            TooMany: wait.
        """
        account = await self.reauthentication.fully(principal, shown, visitor)
        if account.role is not Role.SUBSCRIBER:
            raise Conflict("the account is staff's; let an admin make it a subscriber's first")
        mail = self.mint.mail(account.email, letters.account_deleted())
        # No visitor, because where they were is theirs, too.
        entry = self.mint.entry(account.id, "account.deleted", account.id, None)
        await self.accounts.delete(account.id, mail, entry)

    async def _account(self, principal: Principal) -> Account:
        account = await self.accounts.get(principal.user_id)
        if account is None:
            raise NotSignedIn
        return account


@frozen
class AccountExporter:
    """The part of accounts in an export."""

    accounts: Accounts
    sessions: SessionStore
    trail: AuditTrail
    mint: Mint
    name: str = "account"

    async def export(self, user_id: str) -> Any:
        """The account, its sessions, and what it did."""
        account = await self.accounts.get(user_id)
        if account is None:
            return None
        sessions = await self.sessions.of_user(user_id, self.mint.clock.now())
        deeds = await self.trail.page(_MOST_DEEDS, about=user_id)
        return {
            "id": account.id,
            "email": account.email.typed,
            "role": account.role.value,
            "created_at": account.created_at,
            "verified_at": account.verified_at,
            "second_factor": account.has_factor,
            "sessions": [
                {
                    "id": each.id,
                    "opened_at": each.opened_at,
                    "seen_at": each.seen_at,
                    "expires_at": each.expires_at,
                    "address": each.address,
                    "device": each.device,
                }
                for each in sessions
            ],
            "deeds": [
                {
                    "at": entry.at,
                    "deed": entry.deed,
                    "by": entry.actor,
                    "subject": entry.subject,
                    "details": dict(entry.details),
                    "address": entry.address,
                }
                for _, entry in deeds
            ],
        }
