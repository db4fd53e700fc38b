"""One's own API keys: listed, made, replaced, revoked. The text of a key is on one answer only."""

from datetime import datetime, timedelta

from aiohttp import web
from attrs import evolve, frozen

from alpine_service.api.asking import principal
from alpine_service.api.keys import API_KEYS, PLATFORM
from alpine_service.api.plans import deed
from alpine_service.api.route import SIGNED_IN
from alpine_service.domain.accounts.scope import Scope
from alpine_service.domain.plans.api_key import KeyShown
from alpine_service.errors import NotThere, Refused
from alpine_service.pages.account.again import Pressed, chosen, show_again
from alpine_service.pages.forms import read_form
from alpine_service.pages.page import form, go, page, show
from alpine_service.services.api_keys import Made

_LIST, _NEW, _ONE = "/account/keys", "account/key_new.html", "account/key.html"
_DAY = timedelta(days=1)
LIVES = {"": None, "30": 30 * _DAY, "90": 90 * _DAY, "365": 365 * _DAY}
OVERLAPS = {"": None, "1": timedelta(hours=1), "24": _DAY, "168": 7 * _DAY}
SCOPES = {
    Scope.SIGNALS: "Read signals, proofs, strategies, performance and past events.",
    Scope.STREAM: "Listen to the live stream.",
    Scope.WEBHOOKS: "See and change webhook endpoints and their deliveries.",
    Scope.ACCOUNT: "See the account, its plan and its usage.",
}


@frozen
class MakingKey:
    """A key to be; `lives` is one of `LIVES`."""

    name: str
    scopes: tuple[str, ...] = ()
    lives: str = ""
    is_test: bool = False


@frozen
class RotatingKey:
    """`overlap` is how long the old one works on, one of `OVERLAPS`."""

    overlap: str = ""
    lives: str = ""


async def keys(request: web.Request) -> web.Response:
    who, now = principal(request), request.app[PLATFORM].clock.now()
    found = await request.app[API_KEYS].of_user(who.user_id)
    return await show(
        request,
        "account/keys.html",
        live=[each for each in found if each.is_live(now)],
        dead=[each for each in found if not each.is_live(now)],
        most=who.entitlement.keys,
    )


async def new_page(request: web.Request) -> web.Response:
    return await show(request, _NEW, asked=MakingKey("", (Scope.SIGNALS,)), scopes=SCOPES)


async def make(request: web.Request) -> web.Response:
    asked = MakingKey("")
    try:
        asked = await read_form(request, MakingKey)
        made = await request.app[API_KEYS].make(
            principal(request).user_id,
            asked.name,
            [chosen("scopes", each, {one.value: one for one in Scope}) for each in asked.scopes],
            _from_now(request, chosen("lives", asked.lives, LIVES)),
            deed(request),
            is_test=asked.is_test,
        )
    except Refused as refusal:
        return await show_again(request, _NEW, refusal, asked=asked, scopes=SCOPES)
    return await _made(request, made)


async def key_page(request: web.Request) -> web.Response:
    return await show(request, _ONE, key=await _named(request), scopes=SCOPES)


async def rotate(request: web.Request) -> web.Response:
    key = await _named(request)
    try:
        asked = await read_form(request, RotatingKey)
        made = await request.app[API_KEYS].rotate(
            principal(request).user_id,
            key.id,
            _from_now(request, chosen("overlap", asked.overlap, OVERLAPS)),
            _from_now(request, chosen("lives", asked.lives, LIVES)),
            deed(request),
        )
    except NotThere:
        raise
    except Refused as refusal:
        return await show_again(request, _ONE, refusal, key=key, scopes=SCOPES)
    return await _made(request, made, (await _named(request)).expires_at)


async def revoke(request: web.Request) -> web.Response:
    await read_form(request, Pressed)
    user_id = principal(request).user_id
    await request.app[API_KEYS].revoke(user_id, request.match_info["id"], deed(request))
    return go(_LIST, done="revoked")


async def _made(
    request: web.Request, made: Made, old_until: datetime | None = None
) -> web.Response:
    """The only answer that ever has the key."""
    return await show(request, "account/key_made.html", made=made, old_until=old_until)


async def _named(request: web.Request) -> KeyShown:
    """The key that the path names.

    Raises:
        NotThere: there is none, or it is somebody else's.
    """
    for each in await request.app[API_KEYS].of_user(principal(request).user_id):
        if each.id == request.match_info["id"]:
            return each
    raise NotThere("key")


def _from_now(request: web.Request, span: timedelta | None) -> datetime | None:
    return None if span is None else request.app[PLATFORM].clock.now() + span


_OWNED = evolve(SIGNED_IN, owned=True)
ROUTES = (
    page(_LIST, keys, "One's API keys", SIGNED_IN),
    page(f"{_LIST}/new", new_page, "Make an API key", SIGNED_IN),
    form(f"{_LIST}/new", make, "Make it, and show it once", SIGNED_IN, MakingKey),
    page(f"{_LIST}/{{id}}", key_page, "One API key", _OWNED),
    form(f"{_LIST}/{{id}}/rotate", rotate, "Put a new key in its place", _OWNED, RotatingKey),
    form(f"{_LIST}/{{id}}/revoke", revoke, "Revoke an API key", _OWNED, Pressed),
)
