"""Where pages find what they are made with in the application."""

from aiohttp import web
from jinja2.environment import TemplateModule

from alpine_service.pages.frame import Frames
from alpine_service.pages.home.glimpse import Glimpses
from alpine_service.pages.performance.kept import KeptFigures
from alpine_service.pages.rendering import Renderer

RENDERER = web.AppKey("renderer", Renderer)
FRAMES = web.AppKey("frames", Frames)
# The description of the API as a part of a page.
REFERENCE = web.AppKey("reference", TemplateModule)
GLIMPSES = web.AppKey("glimpses", Glimpses)
FIGURES = web.AppKey("figures", KeptFigures)
