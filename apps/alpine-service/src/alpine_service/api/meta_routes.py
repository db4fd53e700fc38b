"""Of the service itself: is it there, in which version, and how is it used?"""

from importlib.metadata import version

from aiohttp import web
from attrs import frozen

from alpine_service.api.asking import reply
from alpine_service.api.etag import answer
from alpine_service.api.keys import DESCRIBED, HEALTH
from alpine_service.api.query import choice
from alpine_service.api.route import ANYBODY, Parameter, Route
from alpine_service.ports.health import Condition, Level

# Read at import, because the package's metadata is a file and the event loop must not wait for one.
VERSION = version("alpine-service")


@frozen
class HealthBody:
    """How the service is, in one word. What is behind it is the operator's to see, elsewhere."""

    status: Condition
    service: str
    version: str


async def health(request: web.Request) -> web.Response:
    level = choice(request, "level", Level) or Level.LIVE
    condition = Condition.OK
    if level is not Level.LIVE:
        condition = (await request.app[HEALTH].report(level)).condition
    status = 503 if condition is Condition.DOWN else 200
    return reply(HealthBody(condition, "alpine", VERSION), status)


async def description(request: web.Request) -> web.Response:
    return answer(request, request.app[DESCRIBED].document, cache="public, max-age=300")


ROUTES = (
    Route(
        "GET",
        "/health",
        health,
        "Is the service there?",
        "Service",
        ANYBODY,
        HealthBody,
        parameters=(
            Parameter(
                "level",
                "How much is looked at.",
                {"type": "string", "enum": [each.value for each in Level], "default": "live"},
            ),
        ),
        meaning="503 also says that the service is down, in the same words as 200.",
        is_counted=False,
    ),
    Route(
        "GET",
        "/v1/openapi.json",
        description,
        "This description, for programs",
        "Service",
        ANYBODY,
        "application/json",
        any_origin=True,
    ),
)
