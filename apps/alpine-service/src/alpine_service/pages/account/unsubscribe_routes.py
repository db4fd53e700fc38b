"""Where the link at the end of a daily mail leads: to a button, so that no program presses it.

Mail programs that unsubscribe by themselves ask the API instead, by what the mail's headers say.
"""

from aiohttp import web
from attrs import field, frozen

from alpine_service.api.keys import DIGESTS
from alpine_service.api.route import ANYBODY
from alpine_service.errors import InvalidInput
from alpine_service.pages.forms import read_form
from alpine_service.pages.page import form, go, page, show

_PATH = "/digest/unsubscribe"


@frozen
class Unsubscribing:
    """What the link in the mail has."""

    token: str = field(repr=False)


async def ask(request: web.Request) -> web.Response:
    is_done = request.query.get("done") == "unsubscribed"
    token = request.query.get("token", "")
    if not token and not is_done:
        raise InvalidInput("token", "it is missing", "use the link as it is in the mail")
    return await show(request, "account/unsubscribe.html", token=token, is_done=is_done)


async def unsubscribe(request: web.Request) -> web.Response:
    asked = await read_form(request, Unsubscribing)
    await request.app[DIGESTS].unsubscribe(asked.token)
    return go(_PATH, done="unsubscribed")


ROUTES = (
    page(_PATH, ask, "Whether to have no more daily mails", ANYBODY),
    form(_PATH, unsubscribe, "No more daily mails", ANYBODY, Unsubscribing),
)
