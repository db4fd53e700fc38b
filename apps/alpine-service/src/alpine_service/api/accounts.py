"""Handlers of accounts: read the body, ask the service, answer."""

import orjson
from aiohttp import web

from alpine_service.api import account_bodies as bodies
from alpine_service.api.asking import body, principal, reply
from alpine_service.api.keys import (
    CREDENTIALS,
    LOGIN,
    OWN_ACCOUNT,
    REGISTRATION,
    SECOND_FACTORS,
    SESSIONS,
)
from alpine_service.api.session_cookie import give_session, session_secret, take_session
from alpine_service.api.who_asks import ADDRESS
from alpine_service.domain.accounts.device import device_words
from alpine_service.domain.accounts.session import Visitor
from alpine_service.errors import NotSignedIn
from alpine_service.services.reauthentication import Shown


def visitor(request: web.Request) -> Visitor:
    """Where the request comes from."""
    return Visitor(request[ADDRESS], device_words(request.headers.get("User-Agent")))


async def register(request: web.Request) -> web.Response:
    asked = await body(request, bodies.Registering)
    await request.app[REGISTRATION].register(asked.email, asked.password, visitor(request))
    return reply(None, 202)


async def verify(request: web.Request) -> web.Response:
    asked = await body(request, bodies.Tokened)
    await request.app[REGISTRATION].verify(asked.token, visitor(request))
    return reply(None, 204)


async def verify_again(request: web.Request) -> web.Response:
    await request.app[REGISTRATION].send_again(principal(request), visitor(request))
    return reply(None, 202)


async def log_in(request: web.Request) -> web.Response:
    asked = await body(request, bodies.SigningIn)
    opened = await request.app[LOGIN].by_password(
        asked.email, asked.password, visitor(request), session_secret(request)
    )
    return give_session(request, reply(bodies.SessionOpened(opened.next)), opened)


async def log_in_code(request: web.Request) -> web.Response:
    asked = await body(request, bodies.Coded)
    secret = session_secret(request)
    if secret is None:
        raise NotSignedIn("no sign-in awaits a code; begin again with the password")
    opened = await request.app[LOGIN].by_code(secret, asked.code, visitor(request))
    return give_session(request, reply(bodies.SessionOpened(opened.next)), opened)


async def log_out(request: web.Request) -> web.Response:
    await request.app[SESSIONS].log_out(principal(request), visitor(request))
    return take_session(request, reply(None, 204, clear_site_data='"cache"'))


async def ask_reset(request: web.Request) -> web.Response:
    asked = await body(request, bodies.AskingReset)
    await request.app[CREDENTIALS].ask_reset(asked.email, visitor(request))
    return reply(None, 202)


async def reset(request: web.Request) -> web.Response:
    asked = await body(request, bodies.Resetting)
    await request.app[CREDENTIALS].reset(asked.token, asked.password, visitor(request))
    return reply(None, 204)


async def change_password(request: web.Request) -> web.Response:
    asked = await body(request, bodies.ChangingPassword)
    opened = await request.app[CREDENTIALS].change_password(
        principal(request), Shown(asked.current, asked.code), asked.new, visitor(request)
    )
    return give_session(request, reply(None, 204), opened)


async def ask_email(request: web.Request) -> web.Response:
    asked = await body(request, bodies.ChangingEmail)
    await request.app[CREDENTIALS].ask_email(
        principal(request), Shown(asked.password, asked.code), asked.email, visitor(request)
    )
    return reply(None, 202)


async def confirm_email(request: web.Request) -> web.Response:
    asked = await body(request, bodies.Tokened)
    await request.app[CREDENTIALS].confirm_email(asked.token, visitor(request))
    return reply(None, 204)


async def account(request: web.Request) -> web.Response:
    who = principal(request)
    shown = await request.app[OWN_ACCOUNT].show(who)
    return reply(
        bodies.AccountBody(
            id=shown.id,
            email=shown.email,
            role=shown.role,
            created_at=shown.created_at,
            verified_at=shown.verified_at,
            second_factor=shown.second_factor,
            recovery_codes=shown.recovery_codes,
            plan=who.entitlement.plan,
        )
    )


async def export(request: web.Request) -> web.Response:
    data = await request.app[OWN_ACCOUNT].export(principal(request), visitor(request))
    return web.Response(
        body=orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z),
        content_type="application/json",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": 'attachment; filename="alpine-account.json"',
        },
    )


async def delete(request: web.Request) -> web.Response:
    asked = await body(request, bodies.ConfirmingFully)
    await request.app[OWN_ACCOUNT].delete(
        principal(request), Shown(asked.password, asked.code), visitor(request)
    )
    return take_session(request, reply(None, 204))


async def sessions(request: web.Request) -> web.Response:
    who = principal(request)
    found = await request.app[SESSIONS].of(who)
    return reply(
        bodies.SessionList(
            [
                bodies.SessionBody(
                    id=each.id,
                    opened_at=each.opened_at,
                    seen_at=each.seen_at,
                    expires_at=each.expires_at,
                    address=each.address,
                    device=each.device,
                    second_factor=each.second_factor,
                    is_this=each.id == who.means_id,
                )
                for each in found
            ]
        )
    )


async def end_other_sessions(request: web.Request) -> web.Response:
    asked = await body(request, bodies.Confirming)
    ended = await request.app[SESSIONS].end_others(
        principal(request), asked.password, visitor(request)
    )
    return reply(bodies.SessionsEnded(ended))


async def end_session(request: web.Request) -> web.Response:
    asked = await body(request, bodies.Confirming)
    await request.app[SESSIONS].end(
        principal(request), request.match_info["id"], asked.password, visitor(request)
    )
    return reply(None, 204)


async def begin_factor(request: web.Request) -> web.Response:
    asked = await body(request, bodies.Confirming)
    begun = await request.app[SECOND_FACTORS].begin(
        principal(request), asked.password, visitor(request)
    )
    return reply(bodies.EnrolmentBody(begun.secret, begun.uri))


async def confirm_factor(request: web.Request) -> web.Response:
    asked = await body(request, bodies.Coded)
    done = await request.app[SECOND_FACTORS].confirm(
        principal(request), asked.code, visitor(request)
    )
    return give_session(request, reply(bodies.RecoveryCodes(list(done.codes))), done.opened)


async def remove_factor(request: web.Request) -> web.Response:
    asked = await body(request, bodies.ConfirmingFully)
    opened = await request.app[SECOND_FACTORS].remove(
        principal(request), Shown(asked.password, asked.code), visitor(request)
    )
    return give_session(request, reply(None, 204), opened)


async def renew_codes(request: web.Request) -> web.Response:
    asked = await body(request, bodies.ConfirmingFully)
    codes = await request.app[SECOND_FACTORS].renew_codes(
        principal(request), Shown(asked.password, asked.code), visitor(request)
    )
    return reply(bodies.RecoveryCodes(list(codes)))
