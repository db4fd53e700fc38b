"""What staff do: every deed, and every look at what is somebody else's, is in the audit trail.

Routes let in only staff with a second factor. Here it is decided again what each of them may do, by
the role that they have at that moment.
"""

from attrs import frozen

from alpine_service.domain.accounts.audit import AuditEntry
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.staff import (
    LONGEST_SEARCH,
    PeopleAsked,
    PersonShown,
    TrailAsked,
    TrailEntry,
)
from alpine_service.domain.plans.api_key import KeyShown
from alpine_service.domain.plans.billing import BillingShown
from alpine_service.errors import InvalidInput
from alpine_service.ports.accounts import AuditTrail
from alpine_service.ports.observing import Observer, Weight
from alpine_service.ports.outside import Clock
from alpine_service.ports.people import People
from alpine_service.services.api_keys import ApiKeys
from alpine_service.services.subscriptions import Deed, Subscriptions


@frozen
class Administration:
    """Staff's deeds; all may raise NotThere and NotAllowed as the port `People` says."""

    _people: People
    _trail: AuditTrail
    _keys: ApiKeys
    _subscriptions: Subscriptions
    _clock: Clock
    _observer: Observer

    async def people(self, asked: PeopleAsked, deed: Deed) -> list[PersonShown]:
        """A page of accounts."""
        text = asked.text
        if text is not None and not (0 < len(text) <= LONGEST_SEARCH and text.isprintable()):
            fix = f"give 1 to {LONGEST_SEARCH} characters that can be shown"
            raise InvalidInput("text", "it is empty, too long or cannot be shown", fix)
        # What was searched for may be an address, and stays out of the trail.
        how = "search" if text else "list"
        return await self._people.listed(
            asked, self._entry("staff.read_accounts", "accounts", deed, how=how)
        )

    async def person(self, user_id: str, deed: Deed) -> PersonShown:
        return await self._people.one(user_id, self._entry("staff.read_account", user_id, deed))

    async def change_role(self, user_id: str, role: Role, deed: Deed) -> None:
        """Only an admin, and not the own one."""
        entry = self._entry("account.role_changed", user_id, deed, role=role.value)
        await self._people.change_role(user_id, role, entry)
        self._tell("staff.role_changed", user_id, deed)

    async def suspend(self, user_id: str, deed: Deed) -> None:
        """Close the account: sessions end, keys open nothing within a second."""
        entry = self._entry("account.suspended", user_id, deed)
        await self._people.suspend(user_id, entry.at, entry)
        self._tell("staff.suspended", user_id, deed)

    async def restore(self, user_id: str, deed: Deed) -> None:
        """Open it again; its keys are good again too."""
        await self._people.suspend(user_id, None, self._entry("account.restored", user_id, deed))
        self._tell("staff.restored", user_id, deed)

    async def end_sessions(self, user_id: str, deed: Deed) -> int:
        """All of them; how many."""
        entry = self._entry("session.all_ended", user_id, deed)
        return await self._people.end_sessions(user_id, entry)

    async def keys(self, user_id: str, deed: Deed) -> list[KeyShown]:
        await self._trail.note(self._entry("staff.read_keys", user_id, deed))
        return await self._keys.of_user(user_id)

    async def revoke_key(self, user_id: str, key_id: str, deed: Deed) -> None:
        await self._keys.revoke(user_id, key_id, deed)

    async def billing(self, user_id: str, deed: Deed) -> list[BillingShown]:
        await self._trail.note(self._entry("staff.read_billing", user_id, deed))
        return await self._subscriptions.billing(user_id)

    async def trail(self, asked: TrailAsked, deed: Deed) -> list[TrailEntry]:
        """A page of the audit trail."""
        asked_of = {
            name: value
            for name, value in (("of", asked.actor), ("what", asked.deed), ("on", asked.subject))
            if value is not None
        }
        entry = self._entry("staff.read_trail", "audit", deed, **asked_of)
        return await self._people.trail(asked, entry)

    def _entry(self, name: str, subject: str, deed: Deed, **details: str) -> AuditEntry:
        return AuditEntry(self._clock.now(), deed.actor, name, subject, details, deed.address)

    def _tell(self, what: str, user_id: str, deed: Deed) -> None:
        self._observer.tell(what, Weight.WARNING, user=user_id, by=deed.actor)
