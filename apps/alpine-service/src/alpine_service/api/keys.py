"""Where handlers find their services in the application; wiring puts them there."""

from aiohttp import web

from alpine_service.api.platform import Platform

PLATFORM = web.AppKey("platform", Platform)
