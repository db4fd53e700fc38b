"""Where handlers find their services in the application; wiring puts them there."""

from aiohttp import web

from alpine_service.api.listeners import Listeners
from alpine_service.api.platform import Platform
from alpine_service.services.stream import Stream

PLATFORM = web.AppKey("platform", Platform)
STREAM = web.AppKey("stream", Stream)
LISTENERS = web.AppKey("listeners", Listeners)
