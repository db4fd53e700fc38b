"""One line of the table of routes: who may ask, what it takes, what it answers.

Routing, access, limits and the OpenAPI document are all made from these lines, and the test of who
may do what goes through them, so that a route that is not described does not exist.
"""

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Any

from aiohttp import web
from attrs import frozen

from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.scope import Scope
from alpine_service.domain.plans.entitlement import Channel

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Door(StrEnum):
    """What one must bring."""

    OPEN = "open"  # Nothing.
    SESSION = "session"  # A session's cookie; a key will not do.
    EITHER = "either"  # A session, or a key with the scope.


@frozen
class Access:
    """Who may come in. `owned` says that the path names a thing which must be the asker's own.

    `verified` asks for a verified e-mail address, `channel` for a plan that has it. Staff, which is
    a role above subscriber, must have opened their session with a second factor.
    """

    door: Door = Door.OPEN
    scope: Scope | None = None
    role: Role = Role.SUBSCRIBER
    channel: Channel | None = None
    verified: bool = True
    owned: bool = False


ANYBODY = Access()
SIGNED_IN = Access(Door.SESSION)
# May finish what opens the account, and nothing else.
UNVERIFIED = Access(Door.SESSION, verified=False)
SUPPORT = Access(Door.SESSION, role=Role.SUPPORT)
ADMIN = Access(Door.SESSION, role=Role.ADMIN)


def keyed(scope: Scope, *, channel: Channel | None = None, owned: bool = False) -> Access:
    """A session or a key with the scope, on a plan that has the channel."""
    return Access(Door.EITHER, scope, channel=channel, owned=owned)


@frozen
class Parameter:
    """A query or path parameter; `schema` is a JSON Schema."""

    name: str
    meaning: str
    schema: Mapping[str, Any]
    where: str = "query"
    is_needed: bool = False
    example: str | None = None


@frozen
class Route:
    """A method and path, and what happens there.

    `takes` is the attrs class of the body, `gives` that of the answer, or its media type where it
    is not JSON, or None where there is none. `refusals` are statuses beside those that follow from
    the rest. `idempotent` lets a POST carry an Idempotency-Key. A body above `body_limit` bytes is
    refused. `any_origin` lets pages of other sites read the answer, which only what is public does.
    `refuses_in` are media types of refusals that are no problems but another protocol's.
    Strangers are counted by address unless `is_counted` is False, for what costs next to nothing or
    bounds itself.

    `is_page` marks what people look at: its forms come as browsers send them, its refusals are
    pages, it is no part of the API's description and spends nothing of the plan's quota.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    tag: str
    access: Access
    gives: type[Any] | str | None
    takes: type[Any] | None = None
    status: int = 200
    parameters: tuple[Parameter, ...] = ()
    refusals: tuple[int, ...] = ()
    idempotent: bool = False
    meaning: str = ""
    body_limit: int = 16_384
    any_origin: bool = False
    is_counted: bool = True
    refuses_in: tuple[str, ...] = ()
    is_page: bool = False

    @property
    def is_stream(self) -> bool:
        """Whether the answer has no end of its own, so that it is neither timed nor counted."""
        return self.gives == "text/event-stream"
