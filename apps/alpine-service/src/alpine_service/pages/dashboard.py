"""Puts the pages on the application, beside the API."""

from aiohttp import web

from alpine_service.api.app import build_app
from alpine_service.api.keys import LOG
from alpine_service.api.platform import Platform
from alpine_service.api.routes import ROUTES as API_ROUTES
from alpine_service.pages.frame import Frames
from alpine_service.pages.keys import FRAMES, RENDERER
from alpine_service.pages.refusals import say_as_page
from alpine_service.pages.rendering import Renderer
from alpine_service.pages.routes import ROUTES as PAGE_ROUTES


def build_site(platform: Platform, made_with: Renderer) -> web.Application:
    """An application that answers programs and people."""
    log = platform.services.get(LOG)
    frames = Frames(platform.clock, log, platform.public_url)  # type: ignore[arg-type]
    app = build_app(platform, (*API_ROUTES, *PAGE_ROUTES), say_as_page(made_with, frames))
    app[RENDERER] = made_with
    app[FRAMES] = frames
    return app
