"""One line of the table of paths: what it takes, what it answers, who may ask."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web
from attrs import field, frozen

from argo_service.api_keys import Scope


@frozen
class Parameter:
    """A query or path parameter; `schema` is a JSON Schema."""

    name: str
    meaning: str
    schema: Mapping[str, Any]
    where: str = "query"
    example: str | None = None


@frozen
class Operation:
    """A path and what happens there.

    `template` is the path as documented, `pattern` as aiohttp routes it, when that differs.
    `body` is the class of a good answer in JSON, or a media type with a text inside, `status` its
    HTTP status, and `takes` the class of the JSON that is sent. `refusals` are the statuses of the
    problems it can answer with, beside those that any path has. Without a `scope` anybody may ask.
    What is `public` any page on the web may read too, it says by a tag which version it is, and it
    is rationed by address.
    """

    template: str
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    summary: str
    meaning: str
    tag: str
    body: type[Any] | str
    scope: Scope | None = None
    parameters: tuple[Parameter, ...] = ()
    refusals: tuple[int, ...] = ()
    unwell: bool = False
    public: bool = False
    method: str = "GET"
    takes: type[Any] | None = None
    status: int = 200
    pattern: str = field()

    @pattern.default
    def _same(self) -> str:
        return self.template
