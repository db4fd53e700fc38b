"""Answers that anybody may keep: what is asked for again by its tag is not sent again."""

from hashlib import sha256
from typing import Final

from aiohttp import web

BYTES: Final = "application/octet-stream"
TEXT: Final = "text/plain; charset=utf-8"

# What has one path has one content for ever, so a cache never has to ask again.
FOR_EVER: Final = "public, max-age=31536000, immutable"
# What is newest may be kept, and has to be asked about each time.
ASK_AGAIN: Final = "no-cache"

_TAG_DIGITS = 32
_ANY = "*"


def public_reply(
    request: web.Request, body: bytes, content_type: str, caching: str
) -> web.Response:
    """`body`, or 304 when the request says that it has it already."""
    tag = sha256(body).hexdigest()[:_TAG_DIGITS]
    headers = {"Cache-Control": caching, "ETag": f'"{tag}"'}
    held = {one.value for one in request.if_none_match or ()}
    if held & {tag, _ANY}:
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, headers={**headers, "Content-Type": content_type})
