"""Puts the pages on the application, beside the API."""

from aiohttp import web

from alpine_service.api.app import build_app
from alpine_service.api.keys import DESCRIBED, LOG
from alpine_service.api.platform import Platform
from alpine_service.api.routes import ROUTES as API_ROUTES
from alpine_service.pages.docs.docs_routes import written_reference
from alpine_service.pages.frame import Frames
from alpine_service.pages.home.glimpse import Glimpses
from alpine_service.pages.keys import FIGURES, FRAMES, GLIMPSES, REFERENCE, RENDERER
from alpine_service.pages.performance.kept import KeptFigures
from alpine_service.pages.refusals import say_as_page
from alpine_service.pages.rendering import Renderer
from alpine_service.pages.routes import ROUTES as PAGE_ROUTES


def build_site(
    platform: Platform, made_with: Renderer, notice: str | None = None
) -> web.Application:
    """An application that answers programs and people, who read `notice` above every page."""
    log = platform.services.get(LOG)
    frames = Frames(platform.clock, log, platform.public_url, notice)  # type: ignore[arg-type]
    app = build_app(platform, (*API_ROUTES, *PAGE_ROUTES), say_as_page(made_with, frames))
    app[RENDERER] = made_with
    app[FRAMES] = frames
    app[FIGURES] = KeptFigures()
    app[GLIMPSES] = Glimpses()
    app[REFERENCE] = written_reference(app[DESCRIBED], made_with)
    return app
