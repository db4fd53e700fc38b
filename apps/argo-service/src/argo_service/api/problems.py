"""The error tree as RFC 9457 problem documents."""

import json
import math
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web
from attrs import frozen

from argo_core.errors import (
    ArgoError,
    BrokerError,
    InvalidInput,
    JournalError,
    LogConflict,
    LogError,
    LogUnavailable,
    VendorError,
)
from argo_service.api.errors import (
    BacktestsOff,
    Crowded,
    Forbidden,
    Misdirected,
    NotReady,
    NotThere,
    TooManyRequests,
    TradingOff,
    Unauthenticated,
    Unreadable,
)

MEDIA_TYPE = "application/problem+json"
_RETRY_S = 1


@frozen
class Kind:
    """A kind of problem: its `slug` is the anchor in the documentation that `type` points to."""

    error: type[Exception]
    status: HTTPStatus
    slug: str
    title: str
    meaning: str


# What these say may name paths and hosts; it is for the log, not for the caller.
_INWARD = LogError | VendorError | JournalError | BrokerError

# Looked through from top to bottom, so a branch stands below its leaves.
KINDS = (
    Kind(
        InvalidInput,
        HTTPStatus.BAD_REQUEST,
        "invalid-input",
        "A parameter was refused",
        "`field` names it, `fix` says what would be accepted.",
    ),
    Kind(
        Unauthenticated,
        HTTPStatus.UNAUTHORIZED,
        "unauthenticated",
        "A valid API key is needed",
        "Send `Authorization: Bearer <key>`. Keys are made with `argo keys add`.",
    ),
    Kind(
        Forbidden,
        HTTPStatus.FORBIDDEN,
        "forbidden",
        "The API key lacks the scope",
        "Use a key that was made with the scope named.",
    ),
    Kind(
        NotThere,
        HTTPStatus.NOT_FOUND,
        "not-there",
        "There is no such thing",
        "Nothing of that name exists here.",
    ),
    Kind(
        Misdirected,
        HTTPStatus.MISDIRECTED_REQUEST,
        "misdirected",
        "This is another host",
        "While it is open, this service answers only under this machine's own names.",
    ),
    Kind(
        Unreadable,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "unreadable",
        "The body is not JSON",
        "Send a JSON object with `Content-Type: application/json`.",
    ),
    Kind(
        TradingOff,
        HTTPStatus.CONFLICT,
        "trading-off",
        "Trading is switched off",
        "Nothing is traded here; `trading.enabled` switches it on.",
    ),
    Kind(
        BacktestsOff,
        HTTPStatus.CONFLICT,
        "backtests-off",
        "Backtests are switched off",
        "None are run here; `backtest.enabled` switches them on.",
    ),
    Kind(
        NotReady,
        HTTPStatus.SERVICE_UNAVAILABLE,
        "not-ready",
        "Trading is not ready",
        "It has not seen the broker's account yet, or is busy with it; ask again soon.",
    ),
    Kind(
        TooManyRequests,
        HTTPStatus.TOO_MANY_REQUESTS,
        "too-many-requests",
        "The allowance is used up",
        "Wait as long as `Retry-After` says.",
    ),
    Kind(
        Crowded,
        HTTPStatus.SERVICE_UNAVAILABLE,
        "crowded",
        "Every place is taken",
        "As many streams are open, or backtests waiting, as can be; ask again later.",
    ),
    Kind(
        LogConflict,
        HTTPStatus.CONFLICT,
        "log-conflict",
        "The log has moved on",
        "Another writer was faster; ask again.",
    ),
    Kind(
        LogUnavailable,
        HTTPStatus.SERVICE_UNAVAILABLE,
        "log-unavailable",
        "The signal log does not answer",
        "It is locked, full or away for the moment; ask again later.",
    ),
    Kind(
        LogError,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "log-unusable",
        "The signal log cannot be used",
        "It is damaged, foreign or newer than this program; an operator must act.",
    ),
    Kind(
        JournalError,
        HTTPStatus.SERVICE_UNAVAILABLE,
        "journal-unavailable",
        "The trading journal does not answer",
        "What cannot be written down is not done; look at the disk it is on.",
    ),
    Kind(
        BrokerError,
        HTTPStatus.BAD_GATEWAY,
        "broker-error",
        "The broker failed",
        "The answer needed a broker that did not give one.",
    ),
    Kind(
        VendorError,
        HTTPStatus.BAD_GATEWAY,
        "vendor-error",
        "A vendor failed",
        "The answer needed a vendor that did not give one.",
    ),
)


def problem_of(error: Exception, request_id: str) -> web.Response:
    """The problem document for anything that can be raised while answering a request."""
    kind = next((each for each in KINDS if isinstance(error, each.error)), None)
    if kind is not None:
        return _document(
            kind.status,
            {
                "type": f"/docs#problem-{kind.slug}",
                "title": kind.title,
                "detail": _detail(error, kind),
                **_members(error),
            },
            request_id,
            _headers(error),
        )
    if isinstance(error, web.HTTPException):
        return _of_http(error, request_id)
    # Anything else is a fault of ours, and its text may hold what is nobody's business.
    return _document(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        {
            "type": "about:blank",
            "title": HTTPStatus.INTERNAL_SERVER_ERROR.phrase,
            "detail": "the fault is ours and was logged; quote the request id when you report it",
        },
        request_id,
        {},
    )


def _of_http(error: web.HTTPException, request_id: str) -> web.Response:
    status = HTTPStatus(error.status)
    detail = {
        HTTPStatus.NOT_FOUND: "no such path; /openapi.json lists them all",
        HTTPStatus.METHOD_NOT_ALLOWED: "the path exists and does not take this method",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "the request's body is larger than we read",
    }.get(status, status.description)
    kept = {name: error.headers[name] for name in ("Allow", "Location") if name in error.headers}
    members: dict[str, object] = {"type": "about:blank", "title": status.phrase, "detail": detail}
    return _document(status, members, request_id, kept)


def _document(
    status: HTTPStatus,
    members: Mapping[str, object],
    request_id: str,
    headers: Mapping[str, str],
) -> web.Response:
    body = {**members, "status": status.value, "request_id": request_id}
    return web.Response(
        status=status,
        body=json.dumps(body).encode(),
        content_type=MEDIA_TYPE,
        headers=headers,
    )


def _detail(error: Exception, kind: Kind) -> str:
    outward = isinstance(error, ArgoError) and not isinstance(error, _INWARD)
    return str(error) if outward else kind.meaning


def _members(error: Exception) -> dict[str, object]:
    if isinstance(error, InvalidInput):
        return {"field": error.field, "fix": error.fix}
    return {}


def _headers(error: Exception) -> dict[str, str]:
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": 'Bearer realm="argo"'}
    if isinstance(error, TooManyRequests):
        return {"Retry-After": str(max(1, math.ceil(error.retry_after_s)))}
    if isinstance(error, Crowded | LogUnavailable | NotReady):
        return {"Retry-After": str(_RETRY_S)}
    return {}
