"""Idempotency-Key, after draft-ietf-httpapi-idempotency-key-header-07.

The key is one string of a structured field: in quotation marks, here of 8 to 64 letters, digits
and `-_.:`. It stands for one request of one account to one path. Only what succeeded is kept: a
refusal did nothing, so the key is free again. What broke off is neither: for a while the key is
refused with 409, because nobody knows how far it came.
"""

import hashlib
import re

from aiohttp import web

from alpine_service.api.platform import Remembers
from alpine_service.api.route import Handler
from alpine_service.domain.accounts.principal import Principal
from alpine_service.domain.delivery.kept_answer import KeptAnswer
from alpine_service.errors import InvalidInput, Refused

HEADER = "Idempotency-Key"
PATTERN = r'"[A-Za-z0-9._:-]{8,64}"'
_KEY = re.compile(PATTERN)


async def repeated(
    answers: Remembers, request: web.Request, handler: Handler, who: Principal
) -> web.StreamResponse:
    """The answer of the first request with that key, or of the handler.

    Raises:
        InvalidInput: the key is malformed, or there are two.
        Conflict, KeyUsed: as `Remembers.begin` says.
    """
    given = request.headers.getall(HEADER, [])
    if not given:
        return await handler(request)
    if len(given) > 1 or not _KEY.fullmatch(given[0]):
        fix = 'send one, such as "8e03978e-40d5-43e8-bc93-6894a57f9324", with the quotation marks'
        raise InvalidInput(HEADER, "it is malformed", fix)
    owner, route, key = who.user_id, f"{request.method} {request.path}", given[0].strip('"')
    digest = hashlib.sha256(await request.read()).digest()
    kept = await answers.begin(owner, route, key, digest)
    if kept is not None:
        headers = {"Cache-Control": "no-store", "Idempotency-Replayed": "true"}
        return web.Response(
            status=kept.status,
            body=kept.body,
            content_type=kept.content_type,
            headers=headers,
        )
    try:
        response = await handler(request)
    except Refused:
        await answers.forget(owner, route, key)
        raise
    # Answers with headers of their own, such as cookies, are not given by these routes.
    body = response.body if isinstance(response, web.Response) else None
    kept = KeptAnswer(
        response.status, response.content_type, body if isinstance(body, bytes) else b""
    )
    await answers.finish(owner, route, key, kept)
    return response
