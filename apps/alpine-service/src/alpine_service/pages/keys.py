"""Where pages find what they are made with in the application."""

from aiohttp import web

from alpine_service.pages.frame import Frames
from alpine_service.pages.rendering import Renderer

RENDERER = web.AppKey("renderer", Renderer)
FRAMES = web.AppKey("frames", Frames)
