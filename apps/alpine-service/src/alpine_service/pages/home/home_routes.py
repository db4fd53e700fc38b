"""The landing page: what this is, and the live record that shows it."""

from aiohttp import web

from alpine_service.api.keys import PLATFORM
from alpine_service.api.route import ANYBODY
from alpine_service.pages.keys import GLIMPSES
from alpine_service.pages.page import page, show


async def home(request: web.Request) -> web.Response:
    glimpse = await request.app[GLIMPSES].of(request)
    return await show(
        request,
        "home/home.html",
        glimpse=glimpse,
        # One that is there, so that whoever tries the lines is answered.
        example=glimpse.signals[0].index if glimpse.signals else 0,
        url=request.app[PLATFORM].public_url,
    )


ROUTES = (page("/", home, "What this is", ANYBODY),)
