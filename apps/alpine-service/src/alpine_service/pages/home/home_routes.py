"""The landing page: what this is, and the live record that shows it."""

from aiohttp import web

from alpine_service.api.keys import PLATFORM
from alpine_service.api.route import ANYBODY
from alpine_service.pages.keys import GLIMPSES
from alpine_service.pages.page import page, show


async def home(request: web.Request) -> web.Response:
    return await show(
        request,
        "home/home.html",
        glimpse=await request.app[GLIMPSES].of(request),
        url=request.app[PLATFORM].public_url,
    )


ROUTES = (page("/", home, "What this is", ANYBODY),)
