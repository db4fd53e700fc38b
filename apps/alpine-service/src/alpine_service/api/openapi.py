"""The OpenAPI 3.1 document, made of the table of routes and of the types of bodies."""

from collections.abc import Sequence
from typing import Any

from alpine_service.api.idempotency import HEADER, PATTERN
from alpine_service.api.problems import KINDS, MEDIA_TYPE
from alpine_service.api.route import Access, Door, Parameter, Route
from alpine_service.api.schema import Schemas
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.same_origin import SAFE_METHODS

VERSION = "3.1.1"
Plain = dict[str, Any]

_ABOUT = """Signals of a public log, verified and distributed.

Send `Authorization: Bearer` and an API key, or sign in and keep the cookie. What changes something
with a cookie also needs the header `Origin` with this service's address, which browsers send by
themselves. Errors are problems as RFC 9457 says; `request_id` names the request when you ask us
about it. Bodies are JSON objects in which nothing unknown is accepted. Lists are pages: give `next`
as `cursor` to go on.
"""
_PROBLEM: Plain = {
    "type": "object",
    "description": "What went wrong, as RFC 9457 says.",
    "properties": {
        "type": {
            "type": "string",
            "format": "uri-reference",
            "description": "What kind of problem it is; it stays the same for ever.",
            "enum": sorted(f"/problems/{kind.name}" for kind in KINDS),
        },
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What it is this time, for people."},
        "request_id": {"type": "string", "examples": ["req_6f1d0c3a9b8e7d6c5b4a3f2e"]},
        "field": {"type": "string", "description": "Where in the request it is."},
        "fix": {"type": "string", "description": "What would help."},
    },
    "required": ["type", "title", "status", "detail", "request_id"],
    "additionalProperties": False,
}
_SAID = {
    304: "Nothing changed since the ETag that was sent.",
    400: "Something is wrong in the request; `field` says where.",
    401: "Nobody known asks, or what they showed is wrong, ended or expired.",
    403: "Whoever asks may not.",
    404: "It is not there, or not for the one who asks.",
    405: "Not with that method; the header `Allow` has those that will do.",
    408: "The body came too slowly.",
    409: "It contradicts what is there.",
    413: "The body is too large.",
    415: "The body is of another type.",
    422: "The Idempotency-Key came with another request before.",
    429: "Too many requests; `Retry-After` says when to come back.",
    500: "Something went wrong on our side.",
    503: "Not now; `Retry-After` says when to come back.",
}
_HEADERS: Plain = {
    "X-Request-Id": {
        "description": "Names the request.",
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": "What is left, as draft-ietf-httpapi-ratelimit-headers says.",
        "schema": {"type": "string", "examples": ['"minute";r=59;t=1']},
    },
    "RateLimit-Policy": {
        "description": "How much there is, and for how long.",
        "schema": {"type": "string", "examples": ['"minute";q=60;w=60']},
    },
    "Retry-After": {
        "description": "Seconds to wait.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "ETag": {"description": "Names the content.", "schema": {"type": "string"}},
    "Allow": {"description": "The methods that will do.", "schema": {"type": "string"}},
}


def openapi(routes: Sequence[Route], public_url: str, version: str, cookie: str) -> Plain:
    """The whole document, as plain data."""
    schemas = Schemas()
    schemas.named["Problem"] = _PROBLEM
    paths: dict[str, Plain] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": VERSION,
        "info": {
            "title": "Alpine",
            "version": version,
            "summary": "Verified trading signals.",
            "description": _ABOUT,
        },
        "servers": [{"url": public_url}],
        "tags": [{"name": tag} for tag in sorted({each.tag for each in routes})],
        "paths": paths,
        "components": {
            "schemas": schemas.named,
            "headers": _HEADERS,
            "responses": {
                f"Problem{status}": _problem(status)
                for status in sorted(_SAID)
                if status != 304  # noqa: PLR2004
            },
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key; it has scopes.",
                },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": cookie,
                    "description": "A session, as signing in sets it. To change something the"
                    " browser has to say that the page is ours.",
                },
            },
        },
    }


def statuses(route: Route) -> list[int]:
    """Every refusal that a route can answer with, those that follow from the rest included."""
    found = {*route.refusals, 429, 500, 503}
    if route.access.door is not Door.OPEN:
        found |= {401, 403}
    # What is sent in `Authorization` must be good, and parameters known, everywhere.
    found |= {400, 401}
    if route.method not in SAFE_METHODS:
        found |= {403, 408, 413}
    if route.takes is not None:
        found |= {415}
    if "{" in route.path:
        found |= {404}
    if route.idempotent:
        found |= {409, 422}
    return sorted(found)


def _operation(route: Route, schemas: Schemas) -> Plain:
    operation: Plain = {
        "operationId": _name(route),
        "tags": [route.tag],
        "summary": route.summary.rstrip("."),
        "description": " ".join(filter(None, (route.meaning, _who(route.access)))),
        "security": _security(route.access),
        "responses": _responses(route, schemas),
    }
    parameters = [_parameter(each) for each in route.parameters]
    if route.idempotent:
        parameters.append(_IDEMPOTENCY_KEY)
    if parameters:
        operation["parameters"] = parameters
    if route.takes is not None:
        schema = schemas.of(route.takes)
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    return operation


_IDEMPOTENCY_KEY: Plain = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "A key of your choice, in quotation marks: the same request with the same key"
    " is done once, and answered alike for a day.",
    "schema": {"type": "string", "pattern": f"^{PATTERN}$"},
    "example": '"8e03978e-40d5-43e8-bc93-6894a57f9324"',
}


def _name(route: Route) -> str:
    words = route.path.replace("{", "").replace("}", "").replace(".", "/").replace("-", "/")
    return "_".join([route.method.lower(), *filter(None, words.split("/"))])


def _who(access: Access) -> str:
    """Who may ask, in words."""
    if access.door is Door.OPEN:
        return "Open to everybody."
    words = ["Takes a session." if access.door is Door.SESSION else "Takes a session or a key."]
    if access.scope is not None:
        words.append(f"The key needs the scope `{access.scope}`.")
    if access.channel is not None:
        words.append(f"The plan needs the channel `{access.channel}`.")
    if access.role is not Role.SUBSCRIBER:
        words.append(f"For the role `{access.role}`, signed in with a second factor.")
    if not access.verified:
        words.append("The e-mail address need not be confirmed yet.")
    return " ".join(words)


def _security(access: Access) -> list[Plain]:
    session: Plain = {"session": []}
    if access.door is Door.OPEN:
        return [{}]
    if access.door is Door.SESSION:
        return [session]
    return [{"key": [] if access.scope is None else [access.scope.value]}, session]


def _responses(route: Route, schemas: Schemas) -> Plain:
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-Id",)}
    good: Plain = {"description": "Done." if route.gives is None else "The answer."}
    if isinstance(route.gives, str):
        is_text = route.gives.startswith("text/")
        good["content"] = {route.gives: {"schema": {"type": "string"}} if is_text else {}}
    elif route.gives is not None:
        good["content"] = {"application/json": {"schema": schemas.of(route.gives)}}
    is_tagged = any(each.name == "If-None-Match" for each in route.parameters)
    if is_tagged:
        headers["ETag"] = {"$ref": "#/components/headers/ETag"}
    good["headers"] = headers
    responses: Plain = {str(route.status): good}
    if is_tagged:
        responses["304"] = {"description": _SAID[304], "headers": headers}
    for status in statuses(route):
        responses[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
        if status in route.refusals and route.refuses_in:
            others = {media: {"schema": {"type": "string"}} for media in route.refuses_in}
            plain = _problem(status)
            responses[str(status)] = {**plain, "content": plain["content"] | others}
    return responses


def _problem(status: int) -> Plain:
    names = ["X-Request-Id"]
    names += ["Retry-After", "RateLimit", "RateLimit-Policy"] if status == 429 else []  # noqa: PLR2004
    names += ["Retry-After"] if status == 503 else []  # noqa: PLR2004
    names += ["Allow"] if status == 405 else []  # noqa: PLR2004
    return {
        "description": _SAID[status],
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _parameter(parameter: Parameter) -> Plain:
    plain: Plain = {
        "name": parameter.name,
        "in": parameter.where,
        "required": parameter.is_needed,
        "description": parameter.meaning,
        "schema": dict(parameter.schema),
    }
    return plain | ({} if parameter.example is None else {"example": parameter.example})
