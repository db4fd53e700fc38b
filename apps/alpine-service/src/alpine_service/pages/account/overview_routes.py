"""One's account at a glance; its address, its daily mail, its end."""

from aiohttp import web
from attrs import frozen

from alpine_service.api.account_bodies import ChangingEmail, ConfirmingFully
from alpine_service.api.accounts import visitor
from alpine_service.api.asking import principal
from alpine_service.api.keys import CREDENTIALS, DIGESTS, OWN_ACCOUNT
from alpine_service.api.route import SIGNED_IN, UNVERIFIED
from alpine_service.api.session_cookie import take_session
from alpine_service.domain.delivery.digest import DigestWish
from alpine_service.errors import InvalidInput, Refused
from alpine_service.pages.account.again import show_again
from alpine_service.pages.forms import read_form
from alpine_service.pages.page import form, go, page, show
from alpine_service.services.reauthentication import Shown

_ADDRESS, _DIGEST, _DELETE = "account/address.html", "account/digest.html", "account/delete.html"


@frozen
class Wishing:
    """A daily mail at that hour of that zone, or none."""

    zone: str
    hour: str
    is_on: bool = False


async def overview(request: web.Request) -> web.Response:
    who = principal(request)
    account = await request.app[OWN_ACCOUNT].show(who)
    # Without a confirmed address nothing is sent but the mail to confirm it.
    wish = await request.app[DIGESTS].wish(who.user_id) if who.is_verified else None
    return await show(request, "account/overview.html", account=account, wish=wish)


async def address_page(request: web.Request) -> web.Response:
    account = await request.app[OWN_ACCOUNT].show(principal(request))
    return await show(request, _ADDRESS, account=account, email="")


async def change_address(request: web.Request) -> web.Response:
    email = ""
    try:
        asked = await read_form(request, ChangingEmail)
        email = asked.email
        await request.app[CREDENTIALS].ask_email(
            principal(request), Shown(asked.password, asked.code), email, visitor(request)
        )
    except Refused as refusal:
        account = await request.app[OWN_ACCOUNT].show(principal(request))
        return await show_again(request, _ADDRESS, refusal, account=account, email=email)
    return go("/account", done="address-asked")


async def digest_page(request: web.Request) -> web.Response:
    wish = await request.app[DIGESTS].wish(principal(request).user_id)
    return await show(request, _DIGEST, wish=wish)


async def keep_digest(request: web.Request) -> web.Response:
    wish = DigestWish()
    try:
        asked = await read_form(request, Wishing)
        wish = DigestWish(asked.is_on, _hour(asked.hour), asked.zone.strip())
        await request.app[DIGESTS].keep(principal(request), wish)
    except Refused as refusal:
        return await show_again(request, _DIGEST, refusal, wish=wish)
    return go("/account", done="digest-on" if wish.is_on else "digest-off")


async def delete_page(request: web.Request) -> web.Response:
    account = await request.app[OWN_ACCOUNT].show(principal(request))
    return await show(request, _DELETE, account=account)


async def delete(request: web.Request) -> web.Response:
    try:
        asked = await read_form(request, ConfirmingFully)
        await request.app[OWN_ACCOUNT].delete(
            principal(request), Shown(asked.password, asked.code), visitor(request)
        )
    except Refused as refusal:
        account = await request.app[OWN_ACCOUNT].show(principal(request))
        return await show_again(request, _DELETE, refusal, account=account)
    response = take_session(request, go("/login", done="deleted"))
    # Not "storage": only the pinned keys are in it, which are worth what they are worth by age.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _hour(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > len("00"):
        raise InvalidInput("hour", "there is no such hour", "choose one of the list")
    return int(text)


ROUTES = (
    page("/account", overview, "One's own account", UNVERIFIED),
    page("/account/address", address_page, "Change the e-mail address", UNVERIFIED),
    form("/account/address", change_address, "Ask for another one", UNVERIFIED, ChangingEmail),
    page("/account/digest", digest_page, "The daily mail", SIGNED_IN),
    form("/account/digest", keep_digest, "Have a daily mail, or none", SIGNED_IN, Wishing),
    page("/account/delete", delete_page, "Delete one's account", UNVERIFIED),
    form(
        "/account/delete",
        delete,
        "Delete it, at once and for good",
        UNVERIFIED,
        ConfirmingFully,
    ),
)
