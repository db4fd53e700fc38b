"""Refusals and failures as RFC 9457 problems: one table, nothing of our inside in any of them."""

import math
from collections.abc import Callable, Mapping
from http import HTTPStatus

import orjson
from aiohttp import web
from attrs import field, frozen

from alpine_service.api.response_headers import REQUEST_ID
from alpine_service.errors import (
    AlpineError,
    Conflict,
    FeedAway,
    InvalidInput,
    KeyUsed,
    NotAllowed,
    NotSignedIn,
    NotThere,
    PlanTooLow,
    Refused,
    TooMany,
    Unavailable,
)

MEDIA_TYPE = "application/problem+json"
_COME_BACK_S = 5


@frozen
class Kind:
    """A kind of problem: `name` ends its type, and stays the same for ever."""

    name: str
    status: int
    title: str
    meaning: str


INTERNAL = Kind(
    "internal-error", 500, "Something went wrong", "The fault is ours; the request id finds it."
)
TOO_SLOW = Kind("too-slow", 503, "It took too long", "Try again; nothing is known of the first.")
BUSY = Kind("busy", 503, "Too much at once", "Try again after Retry-After seconds.")
# Every error that has a status of its own, the most particular first.
_KINDS: tuple[tuple[type[AlpineError], Kind], ...] = (
    (
        InvalidInput,
        Kind("invalid-input", 400, "Something is wrong in the request", "`field` says where."),
    ),
    (
        NotSignedIn,
        Kind("not-signed-in", 401, "Nobody known is asking", "Sign in, or send an API key."),
    ),
    (PlanTooLow, Kind("plan-too-low", 403, "The plan does not have it", "Another plan does.")),
    (
        NotAllowed,
        Kind("not-allowed", 403, "Not allowed", "Role, scope or account do not allow it."),
    ),
    (
        NotThere,
        Kind("not-there", 404, "Not there", "It does not exist, or not for the one who asks."),
    ),
    (
        KeyUsed,
        Kind("key-used", 422, "The Idempotency-Key was used", "Take a new key for a new request."),
    ),
    (
        Conflict,
        Kind("conflict", 409, "It contradicts what is there", "Look at what is there first."),
    ),
    (
        TooMany,
        Kind("too-many", 429, "Too many requests", "Try again after Retry-After seconds."),
    ),
    (Refused, Kind("refused", 400, "Refused", "The request cannot be granted as it is.")),
    (
        Unavailable,
        Kind("unavailable", 503, "Not available now", "Try again after Retry-After seconds."),
    ),
    (
        FeedAway,
        Kind("log-away", 503, "The log does not answer", "Try again after Retry-After seconds."),
    ),
)
_OF_HTTP = {
    404: Kind("no-such-path", 404, "There is no such path", "/docs describes those there are."),
    405: Kind("method-not-allowed", 405, "Not with that method", "The header Allow has those."),
    408: Kind("body-too-slow", 408, "The body came too slowly", "Send it without a pause."),
    413: Kind("too-large", 413, "The body is too large", "Send less."),
    415: Kind("not-json", 415, "The body is of another type", "Send JSON as application/json."),
    431: Kind("headers-too-large", 431, "The headers are too large", "Send less."),
}
_BAD = Kind("bad-request", 400, "The request is not understood", "It is not as HTTP wants it.")

KINDS: tuple[Kind, ...] = (
    *(kind for _, kind in _KINDS),
    *_OF_HTTP.values(),
    _BAD,
    TOO_SLOW,
    BUSY,
    INTERNAL,
)


@frozen
class Problem:
    """One of a kind: `detail` is for the one who asked, and `more` are members besides."""

    kind: Kind
    detail: str
    headers: Mapping[str, str] = field(factory=dict)
    more: Mapping[str, str] = field(factory=dict)


def kind_of(error: AlpineError) -> Kind:
    """What an error of ours is to the one who asked; what they cannot know of is ours alone."""
    return next((kind for of, kind in _KINDS if isinstance(error, of)), INTERNAL)


def of_error(error: AlpineError) -> Problem:
    """The problem that an error of ours is."""
    kind = kind_of(error)
    if isinstance(error, InvalidInput):
        return Problem(kind, error.problem, more={"field": error.field, "fix": error.fix})
    headers = {}
    if isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = 'Bearer realm="alpine"'
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_s)))
    if kind.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(_COME_BACK_S)
    # Only a refusal's words are meant for the one who asks.
    detail = str(error) if isinstance(error, Refused) else kind.meaning
    return Problem(kind, detail, headers)


def of_http(error: web.HTTPException) -> Problem:
    """The problem that the server's own refusal is, such as of a path that is not there."""
    kind = _OF_HTTP.get(error.status, _BAD)
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    return Problem(kind, kind.meaning, headers)


def internal() -> Problem:
    return Problem(INTERNAL, INTERNAL.meaning)


def too_slow() -> Problem:
    return Problem(TOO_SLOW, TOO_SLOW.meaning, {"Retry-After": str(_COME_BACK_S)})


def busy() -> Problem:
    return Problem(BUSY, BUSY.meaning, {"Retry-After": "1"})


def as_json(request: web.Request, problem: Problem) -> web.Response:
    """How programs are told of it."""
    body = {
        "type": f"/problems/{problem.kind.name}",
        "title": problem.kind.title,
        "status": problem.kind.status,
        "detail": problem.detail,
        "request_id": request[REQUEST_ID],
        **problem.more,
    }
    return web.Response(
        status=problem.kind.status,
        body=orjson.dumps(body),
        content_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **problem.headers},
    )


# Says to whoever asked what the problem is, in the way that they understand.
Say = Callable[[web.Request, Problem], web.Response]
