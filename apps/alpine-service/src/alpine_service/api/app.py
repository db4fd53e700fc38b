"""The web application: every route of the table behind the same middlewares."""

from collections.abc import Sequence

import orjson
from aiohttp import web

from alpine_service.api.described import Described
from alpine_service.api.etag import tagged
from alpine_service.api.keys import DESCRIBED, PAGES, PLATFORM
from alpine_service.api.made_once import MadeOnce
from alpine_service.api.meta_routes import VERSION
from alpine_service.api.middlewares import middlewares
from alpine_service.api.openapi import openapi
from alpine_service.api.platform import Platform
from alpine_service.api.problems import Say, as_json
from alpine_service.api.response_headers import response_headers
from alpine_service.api.route import Route
from alpine_service.api.routes import ROUTES
from alpine_service.api.unheard import UNHEARD


def build_app(
    platform: Platform, routes: Sequence[Route] = ROUTES, say: Say = as_json
) -> web.Application:
    """An application that answers those routes, and nothing else.

    Handlers find their services in it by the keys of `api/keys.py`, from `platform.services`.
    Whoever asks is told of problems by `say`.
    """
    limits = platform.limits
    table: dict[web.AbstractRoute, Route] = {}
    app = web.Application(
        middlewares=middlewares(platform, table, say),
        client_max_size=max(each.body_limit for each in routes),
        handler_args={
            "keepalive_timeout": limits.keepalive_s,
            "max_line_size": limits.header_bytes,
            "max_field_size": limits.header_bytes,
            "max_headers": limits.headers,
            # The happening `http.answered` says more, and nothing that must not be said.
            "access_log": None,
            "logger": UNHEARD,
            # What is small on the wire may be large in memory, so no body comes in an encoding.
            "auto_decompress": False,
        },
    )
    app[PLATFORM] = platform
    described = [each for each in routes if not each.is_page]
    document = openapi(described, platform.public_url, VERSION, platform.cookie)
    app[DESCRIBED] = Described(tagged(orjson.dumps(document)))
    app[PAGES] = MadeOnce(platform.clock)
    for key, service in platform.services.items():
        app[key] = service
    app.on_response_prepare.append(response_headers(platform.public_url))
    # Plain paths first, so that a name in a path never hides one of them.
    for route in sorted(routes, key=lambda each: ("{" in each.path, each.path)):
        table[app.router.add_route(route.method, route.path, route.handler)] = route
        if route.method == "GET" and not route.is_stream:
            table[app.router.add_route("HEAD", route.path, route.handler)] = route
    return app
