"""Answers that name their content, so that whoever has it already is told so in a few bytes."""

import base64
import hashlib

from aiohttp import web
from attrs import field, frozen

# Of SHA-256; nobody gains by finding two contents with one tag, which both would have to be ours.
_BYTES = 12
# A browser may keep it and asks each time.
PRIVATE = "private, no-cache"


@frozen
class Tagged:
    """A body, and its entity tag with the quotation marks."""

    body: bytes = field(repr=False)
    tag: str


def tagged(body: bytes) -> Tagged:
    digest = hashlib.sha256(body).digest()[:_BYTES]
    return Tagged(body, f'"{base64.urlsafe_b64encode(digest).decode()}"')


def answer(
    request: web.Request,
    content: Tagged,
    *,
    content_type: str = "application/json",
    charset: str | None = None,
    cache: str = PRIVATE,
) -> web.Response:
    """The content, or 304 for who has it; `cache` says who else may keep it."""
    # The same address may answer others differently.
    headers = {"ETag": content.tag, "Cache-Control": cache, "Vary": "Authorization, Cookie"}
    if _is_had(request.headers.get("If-None-Match"), content.tag):
        return web.Response(status=304, headers=headers)
    return web.Response(
        body=content.body, content_type=content_type, charset=charset, headers=headers
    )


def _is_had(given: str | None, tag: str) -> bool:
    """By the weak comparison of RFC 9110, section 13.1.2."""
    if given is None:
        return False
    tags = {each.strip().removeprefix("W/") for each in given.split(",")}
    return tag in tags or tags == {"*"}
