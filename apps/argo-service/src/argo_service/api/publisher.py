"""`/api/v1/publisher`: who publishes, and an operator who wants it to be another process."""

from datetime import datetime
from typing import Final

from aiohttp import web
from attrs import frozen

from argo_core.errors import InvalidInput, LogError
from argo_core.resilience.lease_table import Role
from argo_service.api import keys
from argo_service.api.errors import NotReady, NotThere
from argo_service.api.json_body import read_texts
from argo_service.api.operation import Operation
from argo_service.api.parameters import Parameters
from argo_service.api.replies import json_reply
from argo_service.api.requested import API_KEY
from argo_service.api_keys import Scope
from argo_service.standing_by.post import Post

ALONE: Final = "alone"
# Longer than a lease that lapses, and than the cycle that is finished first.
PATIENCE_S: Final = 20.0
LONGEST_REASON: Final = 200
_TAG: Final = "Publisher"
_LOOK_S: Final = 2.0


@frozen
class LeaseBody:
    """The publisher's lease that this process holds; each has a greater token than the last."""

    token: int


@frozen
class PublisherBody:
    """Where this process stands beside the other; `colour` is what it is called.

    `role` is alone, standby, taking_over, publishing, releasing or lost. `fence` is the number by
    which it writes the log, null while it does not, and `newest_fence` that of any process.
    `holder` is who has the lease, as far as this process knows. `reason` says how the role came.
    """

    colour: str | None
    role: str
    fence: int | None
    newest_fence: int | None
    lease: LeaseBody | None
    holder: str | None
    since: datetime | None
    reason: str


@frozen
class ReasonBody:
    """`reason` is written to the event log, with the name of the API key that gave it."""

    reason: str


async def publisher(request: web.Request) -> web.Response:
    """Where this process stands."""
    Parameters.of(request.rel_url, ())
    return json_reply(await publisher_body(request.app))


async def release(request: web.Request) -> web.Response:
    """Have this process stand by."""
    post = _post_of(request.app)
    post.keeper.wish_away(await _reason(request))
    await _turned(request.app, post, Role.STANDBY)
    return json_reply(await publisher_body(request.app))


async def take_over(request: web.Request) -> web.Response:
    """Have this process publish as soon as nobody else does."""
    post = _post_of(request.app)
    post.keeper.wish_for(await _reason(request))
    await _turned(request.app, post, Role.PUBLISHING)
    return json_reply(await publisher_body(request.app))


async def publisher_body(app: web.Application) -> PublisherBody:
    """Where this process stands, see `PublisherBody`."""
    log, post = app[keys.STORE], app[keys.POST]
    newest: int | None = None
    fence = None if log is None else log.fence
    if log is not None:
        try:
            async with app[keys.CLOCK].timeout(_LOOK_S):
                newest = await log.newest_fence()
        except (LogError, TimeoutError):
            newest = None
    if post is None:
        return PublisherBody(None, ALONE, fence, newest, None, None, None, "there is no standby")
    keeper = post.keeper
    token = keeper.token
    held = None if keeper.held is None else keeper.held.holder
    return PublisherBody(
        colour=post.colour,
        role=keeper.role.value,
        fence=fence,
        newest_fence=newest,
        lease=None if token is None else LeaseBody(token),
        holder=held if token is None else keeper.holder,
        since=keeper.since,
        reason=keeper.reason,
    )


def _post_of(app: web.Application) -> Post:
    post = app[keys.POST]
    if post is None:
        raise NotThere("this process has no standby; set standby.enabled = true and start again")
    return post


async def _reason(request: web.Request) -> str:
    Parameters.of(request.rel_url, ())
    text = (await read_texts(request, {"reason": True}))["reason"].strip()
    if not text or len(text) > LONGEST_REASON or not text.isprintable():
        fix = f"say why in 1 to {LONGEST_REASON} printable characters"
        raise InvalidInput("reason", "it is empty, too long or not printable", fix)
    key = request[API_KEY]
    return f"{text} ({key.name})" if key else text


async def _turned(app: web.Application, post: Post, wanted: Role) -> None:
    """Wait until it has that role.

    Raises:
        NotReady: it takes long; it is done as soon as it can be, all the same.
    """
    try:
        async with app[keys.CLOCK].timeout(PATIENCE_S):
            await post.keeper.until(wanted)
    except TimeoutError as error:
        held = post.keeper.held
        who = "nobody else has the lease" if held is None else f"{held.holder} has the lease"
        problem = f"it is {post.keeper.role} after {PATIENCE_S:g} s, and {who}"
        raise NotReady(f"{problem}; look at GET /api/v1/publisher, or ask again") from error


_CONTROL: Final = (401, 403, 404, 415, 429, 503)

PUBLISHER_OPERATIONS: Final = (
    Operation(
        "/api/v1/publisher",
        publisher,
        "Who publishes",
        "Where this process stands beside its standby: role, lease and fence.",
        _TAG,
        PublisherBody,
        Scope.READ,
        (),
        (401, 403, 429, 503),
    ),
    Operation(
        "/api/v1/publisher/release",
        release,
        "Stand by",
        "This process finishes its cycle, gives the lease back and stands by; for half a minute it"
        " leaves a free lease to others. Answers once that is done.",
        _TAG,
        PublisherBody,
        Scope.ADMIN,
        (),
        _CONTROL,
        method="POST",
        takes=ReasonBody,
    ),
    Operation(
        "/api/v1/publisher/take-over",
        take_over,
        "Publish",
        "This process takes the lease as soon as it is free, and publishes. Answers once that is"
        " done; whoever has the lease is not robbed of it.",
        _TAG,
        PublisherBody,
        Scope.ADMIN,
        (),
        _CONTROL,
        method="POST",
        takes=ReasonBody,
    ),
)
