"""What staff need from outside to look after accounts."""

from datetime import datetime
from typing import Protocol

from alpine_service.domain.accounts.audit import AuditEntry
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.staff import PeopleAsked, PersonShown, TrailAsked, TrailEntry


class People(Protocol):
    """Accounts for staff.

    Each method is one transaction with its audit entry, reading too. Whether the entry's actor may
    do it is decided within, by the role that the actor has then.
    """

    async def listed(self, asked: PeopleAsked, entry: AuditEntry) -> list[PersonShown]:
        """The newest first."""
        ...

    async def one(self, user_id: str, entry: AuditEntry) -> PersonShown:
        """Raises NotThere if there is no such account."""
        ...

    async def change_role(self, user_id: str, role: Role, entry: AuditEntry) -> None:
        """Sessions of the account end, because they were opened for another role.

        Raises:
            NotThere: no such account.
            NotAllowed: the actor may not.
        """
        ...

    async def suspend(self, user_id: str, at: datetime | None, entry: AuditEntry) -> None:
        """Close the account from then on and end its sessions, or open it again for None.

        Raises:
            NotThere: no such account.
            NotAllowed: the actor may not.
        """
        ...

    async def end_sessions(self, user_id: str, entry: AuditEntry) -> int:
        """How many.

        Raises:
            NotThere: no such account.
            NotAllowed: the actor may not.
        """
        ...

    async def trail(self, asked: TrailAsked, entry: AuditEntry) -> list[TrailEntry]:
        """The newest first; this reading is not among them."""
        ...
