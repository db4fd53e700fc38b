"""What a reader chooses about looks, kept in cookies so that pages arrive in it."""

from aiohttp import web
from attrs import frozen

from alpine_service.api.keys import PLATFORM
from alpine_service.api.route import ANYBODY
from alpine_service.errors import InvalidInput
from alpine_service.pages.forms import read_form
from alpine_service.pages.frame import DENSITY_COOKIE, THEME_COOKIE, Density, Theme
from alpine_service.pages.page import form, go, local_path

_YEAR_S = 365 * 86_400


@frozen
class Choosing:
    """What is chosen, and the page to come back to."""

    back: str
    theme: str | None = None
    density: str | None = None


async def choose(request: web.Request) -> web.Response:
    asked = await read_form(request, Choosing)
    response = go(local_path(asked.back, "/"))
    is_secure = request.app[PLATFORM].public_url.startswith("https:")
    for cookie, kind, chosen in (
        (THEME_COOKIE, Theme, asked.theme),
        (DENSITY_COOKIE, Density, asked.density),
    ):
        if chosen is None:
            continue
        if chosen not in {each.value for each in kind}:
            raise InvalidInput(cookie, "there is no such choice", "use the form as it is")
        response.set_cookie(
            cookie, chosen, max_age=_YEAR_S, path="/", samesite="Lax", secure=is_secure
        )
    return response


ROUTES = (form("/looks", choose, "Choose how pages look", ANYBODY, Choosing),)
