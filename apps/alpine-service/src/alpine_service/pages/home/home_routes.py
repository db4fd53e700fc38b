"""The landing page: what this is, and the live record that shows it."""

from aiohttp import web

from alpine_service.api.route import ANYBODY
from alpine_service.pages.page import page, show


async def home(request: web.Request) -> web.Response:
    return await show(request, "home/home.html")


ROUTES = (page("/", home, "What this is", ANYBODY),)
