"""Answers as JSON."""

import json

from aiohttp import web

from argo_core.codec.plain import to_plain


def json_reply(
    body: object, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    """`body`, an attrs value, as a JSON answer."""
    return web.Response(
        status=status,
        body=json.dumps(to_plain(body), allow_nan=False).encode(),
        content_type="application/json",
        headers=headers,
    )
