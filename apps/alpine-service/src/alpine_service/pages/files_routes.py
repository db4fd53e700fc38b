"""Static files, and what browsers and robots ask for by fixed names."""

from aiohttp import web

from alpine_service.api.route import ANYBODY, Handler, Route
from alpine_service.pages.keys import RENDERER
from alpine_service.pages.page import go

_ROBOTS = "User-agent: *\nDisallow: /account\nDisallow: /admin\n"


async def static_file(request: web.Request) -> web.Response:
    return request.app[RENDERER].static.answer(request)


async def favicon(request: web.Request) -> web.Response:
    return go(request.app[RENDERER].static.url("icon.svg"))


async def robots(_request: web.Request) -> web.Response:
    return web.Response(text=_ROBOTS, headers={"Cache-Control": "public, max-age=86400"})


def _file(path: str, handler: Handler, summary: str, media_type: str) -> Route:
    return Route(
        "GET",
        path,
        handler,
        summary,
        "Pages",
        ANYBODY,
        media_type,
        is_page=True,
        is_counted=False,
    )


ROUTES = (
    _file("/static/{digest}/{name:.+}", static_file, "A file of the pages", "text/css"),
    _file("/favicon.ico", favicon, "The sign of this site", "image/svg+xml"),
    _file("/robots.txt", robots, "What robots need not look at", "text/plain"),
)
