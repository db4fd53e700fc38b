"""Who asks, looked up anew each time: what was ended or changed meanwhile counts at once."""

from aiohttp import web

from alpine_service.api.credentials import credentials
from alpine_service.api.keys import PLATFORM
from alpine_service.domain.accounts.principal import Principal

ADDRESS = web.RequestKey("address", str)


async def who_asks(request: web.Request) -> Principal | None:
    """Whose session or key the request shows; None for nobody's, which is not refused here.

    Raises:
        InvalidInput, NotSignedIn, NotAllowed: as `credentials` says.
    """
    platform = request.app[PLATFORM]
    shown = credentials(request, platform)
    if shown.key is not None:
        return await platform.api_keys.principal(shown.key, request[ADDRESS])
    if shown.session is not None:
        return await platform.sessions.principal(shown.session, request[ADDRESS])
    return None
