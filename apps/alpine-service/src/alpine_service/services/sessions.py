"""Sessions that are open: whose they are, and how they end."""

from attrs import frozen

from alpine_service.domain.accounts.principal import Principal
from alpine_service.domain.accounts.session import SessionShown, Visitor
from alpine_service.domain.accounts.tokens import LONGEST_SECRET, digest_of
from alpine_service.errors import NotThere
from alpine_service.ports.accounts import SessionStore
from alpine_service.services.minting import Mint
from alpine_service.services.reauthentication import Reauthentication


@frozen
class Sessions:
    """Knows people by the secret in their cookie."""

    store: SessionStore
    reauthentication: Reauthentication
    mint: Mint

    async def principal(self, secret: str, address: str) -> Principal | None:
        """Who it is; None if it never was a session, has ended, or awaits a code."""
        if len(secret) > LONGEST_SECRET:
            return None
        return await self.store.principal(digest_of(secret), address, self.mint.clock.now())

    async def of(self, principal: Principal) -> list[SessionShown]:
        """The own ones, the one that was seen last first."""
        return await self.store.of_user(principal.user_id, self.mint.clock.now())

    async def log_out(self, principal: Principal, visitor: Visitor) -> None:
        """End the session that asks."""
        own, user = principal.means_id, principal.user_id
        entry = self.mint.entry(user, "session.ended", own, visitor)
        await self.store.end(user, own, entry)

    async def end(
        self, principal: Principal, session_id: str, password: str, visitor: Visitor
    ) -> None:
        """End one of one's own.

        Raises:
            InvalidInput: the password is wrong.
            NotThere: no such session, or somebody else's.
            TooMany: wait.
        """
        await self.reauthentication.by_password(principal, password, visitor)
        entry = self.mint.entry(principal.user_id, "session.ended", session_id, visitor)
        if not await self.store.end(principal.user_id, session_id, entry):
            raise NotThere("session")

    async def end_others(self, principal: Principal, password: str, visitor: Visitor) -> int:
        """End all but the one that asks; how many.

        Raises:
            InvalidInput: the password is wrong.
            TooMany: wait.
        """
        await self.reauthentication.by_password(principal, password, visitor)
        own, user = principal.means_id, principal.user_id
        entry = self.mint.entry(user, "session.others_ended", user, visitor)
        return await self.store.end_others(user, own, entry)
