"""Where the links in mails lead: confirm an address, choose a new password.

Links carry their token behind a #, which no server sees. A script takes it into the form's field;
without one it is copied from the mail by hand. Looking at a page uses no token up, since programs
that read mails look at pages: a person has to press.
"""

from aiohttp import web

from alpine_service.api.account_bodies import AskingReset, Resetting, Tokened
from alpine_service.api.accounts import visitor
from alpine_service.api.asking import PRINCIPAL, principal
from alpine_service.api.keys import CREDENTIALS, OWN_ACCOUNT, REGISTRATION
from alpine_service.api.route import ANYBODY, UNVERIFIED
from alpine_service.errors import Refused
from alpine_service.pages.account.again import Pressed, show_again
from alpine_service.pages.forms import read_form
from alpine_service.pages.page import form, go, page, show

_VERIFY, _RESET, _EMAIL = "account/verify.html", "account/reset.html", "account/email.html"


async def verify_page(request: web.Request) -> web.Response:
    return await show(request, _VERIFY, email=await _own_email(request), token="")


async def verify(request: web.Request) -> web.Response:
    token = ""
    try:
        token = (await read_form(request, Tokened)).token.strip()
        await request.app[REGISTRATION].verify(token, visitor(request))
    except Refused as refusal:
        email = await _own_email(request)
        return await show_again(request, _VERIFY, refusal, email=email, token=token)
    return go(_home(request), done="verified")


async def verify_again(request: web.Request) -> web.Response:
    await read_form(request, Pressed)
    try:
        await request.app[REGISTRATION].send_again(principal(request), visitor(request))
    except Refused as refusal:
        email = await _own_email(request)
        return await show_again(request, _VERIFY, refusal, email=email, token="")
    return go("/verify", done="sent")


async def reset_page(request: web.Request) -> web.Response:
    return await show(request, _RESET, email="", token="")


async def ask_reset(request: web.Request) -> web.Response:
    email = ""
    try:
        email = (await read_form(request, AskingReset)).email
        await request.app[CREDENTIALS].ask_reset(email, visitor(request))
    except Refused as refusal:
        return await show_again(request, _RESET, refusal, email=email, token="")
    return go("/reset", done="asked")


async def reset(request: web.Request) -> web.Response:
    token = ""
    try:
        asked = await read_form(request, Resetting)
        token = asked.token.strip()
        await request.app[CREDENTIALS].reset(token, asked.password, visitor(request))
    except Refused as refusal:
        # The token was not used, so that a bad choice of a password does not cost another mail.
        return await show_again(request, _RESET, refusal, email="", token=token)
    return go("/login", done="reset")


async def email_page(request: web.Request) -> web.Response:
    return await show(request, _EMAIL, token="")


async def confirm_email(request: web.Request) -> web.Response:
    token = ""
    try:
        token = (await read_form(request, Tokened)).token.strip()
        await request.app[CREDENTIALS].confirm_email(token, visitor(request))
    except Refused as refusal:
        return await show_again(request, _EMAIL, refusal, token=token)
    return go(_home(request), done="email")


async def _own_email(request: web.Request) -> str | None:
    """The address of whoever is signed in and has not confirmed it; None if there is none such."""
    who = request.get(PRINCIPAL)
    if who is None or who.is_verified:
        return None
    return (await request.app[OWN_ACCOUNT].show(who)).email


def _home(request: web.Request) -> str:
    return "/account" if PRINCIPAL in request else "/login"


ROUTES = (
    page("/verify", verify_page, "Confirm the e-mail address", ANYBODY),
    form("/verify", verify, "Confirm the e-mail address by a mail", ANYBODY, Tokened),
    form("/verify/again", verify_again, "Send the mail again", UNVERIFIED, Pressed),
    page("/reset", reset_page, "Choose a new password", ANYBODY),
    form("/reset", ask_reset, "Ask for a mail to choose a new one", ANYBODY, AskingReset),
    form("/reset/password", reset, "Choose a new password by a mail", ANYBODY, Resetting),
    page("/email", email_page, "Confirm a new e-mail address", ANYBODY),
    form("/email", confirm_email, "Confirm a new address by a mail", ANYBODY, Tokened),
)
