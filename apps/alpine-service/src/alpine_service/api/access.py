"""Who may come in: a route's `Access` against the one who asks; no other place decides it."""

from alpine_service.api.route import Access, Door
from alpine_service.domain.accounts.principal import Means, Principal
from alpine_service.domain.accounts.role import Role
from alpine_service.errors import NotAllowed, NotSignedIn, PlanTooLow


def admit(access: Access, principal: Principal | None) -> None:
    """Return if they may.

    Raises:
        NotSignedIn: the door is not open, and nobody known asks.
        PlanTooLow: their plan does not have the channel.
        NotAllowed: anything else; the sentence says what is missing, all of which they know.
    """
    if access.door is Door.OPEN:
        return
    if principal is None:
        raise NotSignedIn
    if access.door is Door.SESSION and principal.means is not Means.SESSION:
        raise NotAllowed("this takes a session, a key will not do")
    if not principal.role.includes(access.role):
        raise NotAllowed(f"this is for the role {access.role}")
    if access.role is not Role.SUBSCRIBER and not principal.second_factor:
        raise NotAllowed("this takes a session that was opened with a second factor")
    if access.verified and not principal.is_verified:
        raise NotAllowed("verify your e-mail address first")
    if access.scope is not None and access.scope not in principal.scopes:
        raise NotAllowed(f"the key does not have the scope {access.scope}")
    if access.channel is not None and access.channel not in principal.entitlement.channels:
        raise PlanTooLow(f"the channel {access.channel}", principal.entitlement.plan)
