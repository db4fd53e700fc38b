"""Of the service itself: is it there, and which version is it?"""

from enum import StrEnum
from importlib.metadata import version

from aiohttp import web
from attrs import frozen

from alpine_service.api.asking import reply
from alpine_service.api.route import ANYBODY, Route

# Read at import, because the package's metadata is a file and the event loop must not wait for one.
VERSION = version("alpine-service")


class Status(StrEnum):
    """How the service is, in one word."""

    OK = "ok"


@frozen
class HealthBody:
    """Whether this process answers. What lies behind it is the operator's to see, elsewhere."""

    status: Status
    service: str
    version: str


async def health(_request: web.Request) -> web.Response:
    return reply(HealthBody(Status.OK, "alpine", VERSION))


ROUTES = (
    Route(
        "GET",
        "/health",
        health,
        "Is the service there?",
        "meta",
        ANYBODY,
        HealthBody,
        is_counted=False,
    ),
)
