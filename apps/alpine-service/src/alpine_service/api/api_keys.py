"""The own API keys."""

from aiohttp import web

from alpine_service.api.asking import body, principal, reply
from alpine_service.api.key_bodies import MakingKey, RotatingKey, key_list, made_body
from alpine_service.api.keys import API_KEYS
from alpine_service.api.plans import deed


async def keys(request: web.Request) -> web.Response:
    return reply(key_list(await request.app[API_KEYS].of_user(principal(request).user_id)))


async def make(request: web.Request) -> web.Response:
    asked = await body(request, MakingKey)
    made = await request.app[API_KEYS].make(
        principal(request).user_id,
        asked.name,
        asked.scopes,
        asked.expires_at,
        deed(request),
        is_test=asked.is_test,
    )
    return reply(made_body(made), 201)


async def rotate(request: web.Request) -> web.Response:
    asked = await body(request, RotatingKey)
    made = await request.app[API_KEYS].rotate(
        principal(request).user_id,
        request.match_info["id"],
        asked.old_until,
        asked.expires_at,
        deed(request),
    )
    return reply(made_body(made), 201)


async def revoke(request: web.Request) -> web.Response:
    user_id = principal(request).user_id
    await request.app[API_KEYS].revoke(user_id, request.match_info["id"], deed(request))
    return reply(None, 204)
