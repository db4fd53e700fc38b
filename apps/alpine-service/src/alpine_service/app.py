"""The web application, wired by hand."""

from aiohttp import web

from alpine_service.health import health


def build_app() -> web.Application:
    app = web.Application()
    app.add_routes([web.get("/health", health)])
    return app
