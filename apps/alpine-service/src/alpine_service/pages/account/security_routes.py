"""The password and the second factor: what guards the account."""

from aiohttp import web

from alpine_service.api.account_bodies import ChangingPassword, Coded, Confirming, ConfirmingFully
from alpine_service.api.accounts import visitor
from alpine_service.api.asking import principal
from alpine_service.api.keys import CREDENTIALS, OWN_ACCOUNT, SECOND_FACTORS
from alpine_service.api.route import SIGNED_IN, UNVERIFIED
from alpine_service.api.session_cookie import give_session
from alpine_service.errors import Refused
from alpine_service.pages.account.again import show_again
from alpine_service.pages.account.qr_code import qr_code
from alpine_service.pages.forms import read_form
from alpine_service.pages.page import form, go, page, show
from alpine_service.services.reauthentication import Shown

_SECURITY, _PASSWORD = "/account/security", "account/password.html"
_FACTOR, _CONFIRM = "account/factor.html", "account/factor_confirm.html"
_CODES, _REMOVE = "account/factor_codes.html", "account/factor_remove.html"


async def security(request: web.Request) -> web.Response:
    return await _shown(request, "account/security.html")


async def password_page(request: web.Request) -> web.Response:
    return await _shown(request, _PASSWORD)


async def change_password(request: web.Request) -> web.Response:
    try:
        asked = await read_form(request, ChangingPassword)
        opened = await request.app[CREDENTIALS].change_password(
            principal(request), Shown(asked.current, asked.code), asked.new, visitor(request)
        )
    except Refused as refusal:
        return await _refused(request, _PASSWORD, refusal)
    return give_session(request, go(_SECURITY, done="password"), opened)


async def factor_page(request: web.Request) -> web.Response:
    return await _shown(request, _FACTOR)


async def begin_factor(request: web.Request) -> web.Response:
    try:
        asked = await read_form(request, Confirming)
        begun = await request.app[SECOND_FACTORS].begin(
            principal(request), asked.password, visitor(request)
        )
    except Refused as refusal:
        return await _refused(request, _FACTOR, refusal)
    secret = begun.secret
    grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return await show(request, _CONFIRM, code=qr_code(begun.uri), secret=grouped)


async def confirm_factor(request: web.Request) -> web.Response:
    try:
        asked = await read_form(request, Coded)
        done = await request.app[SECOND_FACTORS].confirm(
            principal(request), asked.code.replace(" ", ""), visitor(request)
        )
    except Refused as refusal:
        # The secret was shown once, and the app has it; so there is a field and no picture.
        return await show_again(request, _CONFIRM, refusal, code=None, secret=None)
    shown = await show(request, "account/recovery_codes.html", codes=done.codes, is_new=True)
    return give_session(request, shown, done.opened)


async def codes_page(request: web.Request) -> web.Response:
    return await _shown(request, _CODES)


async def renew_codes(request: web.Request) -> web.Response:
    try:
        asked = await read_form(request, ConfirmingFully)
        codes = await request.app[SECOND_FACTORS].renew_codes(
            principal(request), Shown(asked.password, asked.code), visitor(request)
        )
    except Refused as refusal:
        return await _refused(request, _CODES, refusal)
    return await show(request, "account/recovery_codes.html", codes=codes, is_new=False)


async def remove_page(request: web.Request) -> web.Response:
    return await _shown(request, _REMOVE)


async def remove_factor(request: web.Request) -> web.Response:
    try:
        asked = await read_form(request, ConfirmingFully)
        opened = await request.app[SECOND_FACTORS].remove(
            principal(request), Shown(asked.password, asked.code), visitor(request)
        )
    except Refused as refusal:
        return await _refused(request, _REMOVE, refusal)
    return give_session(request, go(_SECURITY, done="factor-removed"), opened)


async def _shown(request: web.Request, template: str) -> web.Response:
    account = await request.app[OWN_ACCOUNT].show(principal(request))
    return await show(request, template, account=account)


async def _refused(request: web.Request, template: str, refusal: Refused) -> web.Response:
    account = await request.app[OWN_ACCOUNT].show(principal(request))
    return await show_again(request, template, refusal, account=account)


_BEGIN = f"{_SECURITY}/factor"
ROUTES = (
    page(_SECURITY, security, "What guards the account", UNVERIFIED),
    page(f"{_SECURITY}/password", password_page, "Change the password", UNVERIFIED),
    form(f"{_SECURITY}/password", change_password, "Change it", UNVERIFIED, ChangingPassword),
    page(_BEGIN, factor_page, "Add a second factor", SIGNED_IN),
    form(_BEGIN, begin_factor, "Begin a second factor", SIGNED_IN, Confirming),
    form(f"{_BEGIN}/confirm", confirm_factor, "Confirm it by a code", SIGNED_IN, Coded),
    page(f"{_BEGIN}/remove", remove_page, "Take the second factor away", SIGNED_IN),
    form(f"{_BEGIN}/remove", remove_factor, "Take it away", SIGNED_IN, ConfirmingFully),
    page(f"{_SECURITY}/codes", codes_page, "New recovery codes", SIGNED_IN),
    form(f"{_SECURITY}/codes", renew_codes, "Replace the old ones", SIGNED_IN, ConfirmingFully),
)
