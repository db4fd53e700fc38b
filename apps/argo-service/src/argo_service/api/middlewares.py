"""What every request passes: an id, a log line, errors as problems, the door, the allowance."""

import logging
import math
import re
import uuid
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Final

from aiohttp import web

from argo_adapters.observers.fields import Fields
from argo_core.errors import ArgoError
from argo_service.api import keys
from argo_service.api.allowance import Allowances
from argo_service.api.caller_address import caller_address
from argo_service.api.errors import Misdirected, Refusal, TooManyRequests
from argo_service.api.frames import MEDIA_TYPE as EVENTS
from argo_service.api.problems import problem_of
from argo_service.api.requested import API_KEY, BEARS, CALLER, REQUEST_ID
from argo_service.api.routes import OPERATIONS, operation_of
from argo_service.api_keys import Scope
from argo_service.config.checks import is_loopback

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

LARGEST_BODY: Final = 16_384
_PROPER_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_ACCESS = logging.getLogger("argo.access")
_FAULTS = logging.getLogger("argo.faults")
_SERVER_FAULT = 500
# Paths that are nobody's share one label, and so do methods that somebody made up.
_NOWHERE: Final = "nowhere"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# What is asked every few seconds and tells nothing, and what lasts as long as somebody listens.
_UNTRACED: Final = frozenset(
    {"/api/v1/health", "/metrics"}
    | {operation.template for operation in OPERATIONS if operation.body == EVENTS}
)

# What anybody may check a page of anybody's may fetch: the dashboard of another company, say.
_PUBLIC_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, RateLimit, Retry-After",
    "Cross-Origin-Resource-Policy": "cross-origin",
}

# Nothing from anywhere; the pages add the one style sheet they carry, by its hash.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


@web.middleware
async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Name the request, turn errors into problems, write one line about it, count and trace it."""
    given = request.headers.get("X-Request-ID", "")
    request[REQUEST_ID] = given if _PROPER_ID.fullmatch(given) else uuid.uuid4().hex
    route = _route_of(request)
    if route in _UNTRACED:
        return await _answered(request, handler, route)
    tracer, method = request.app[keys.TRACING].tracer, _method_of(request)
    caller = tracer.caller(request.headers.get("traceparent", ""))
    with tracer.span(f"{method} {route}", caller, method=method, route=route) as span:
        response = await _answered(request, handler, route)
        span.note(status=response.status)
        if response.status >= _SERVER_FAULT:
            span.note(failed=str(response.status))
        return response


async def _answered(request: web.Request, handler: Handler, route: str) -> web.StreamResponse:
    request_id = request[REQUEST_ID]
    clock = request.app[keys.CLOCK]
    began = clock.monotonic()
    try:
        _check_size(request.content_length or 0)
        response = await handler(request)
    except (ArgoError, web.HTTPException) as error:
        if not isinstance(error, Refusal | ValueError | web.HTTPException):
            _FAULTS.warning(_line(request, request_id, error=f"{error}"))
        response = problem_of(error, request_id)
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer
        _FAULTS.exception(_line(request, request_id, error=type(error).__name__))
        response = problem_of(error, request_id)
    seconds = round(clock.monotonic() - began, 6)
    # Streams last as long as somebody listens, which says nothing about us.
    if response.content_type != EVENTS:
        metrics = request.app[keys.METRICS].service
        metrics.requested(_method_of(request), route, response.status, seconds)
    _ACCESS.info(_line(request, request_id, status=response.status, seconds=seconds))
    return response


def _route_of(request: web.Request) -> str:
    operation = operation_of(request)
    return operation.template if operation else _NOWHERE


def _method_of(request: web.Request) -> str:
    return request.method if request.method in _METHODS else "other"


async def dress(request: web.Request, response: web.StreamResponse) -> None:
    """Add the headers that every answer bears, just before they are sent."""
    # What is refused before any middleware saw it has no name yet.
    response.headers["X-Request-ID"] = request.get(REQUEST_ID) or uuid.uuid4().hex
    # It names the versions of Python and its libraries by now, which are nobody's business.
    response.headers["Server"] = "argo"
    response.headers.update(request.get(BEARS, {}))
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)


@web.middleware
async def guard_door(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Ask for the key the path needs, and count the request against its caller's allowance."""
    operation = operation_of(request)
    keyring = request.app[keys.KEYRING]
    request[API_KEY] = None
    if keyring.is_open:
        _check_host(request.host)
    if operation is not None and operation.public:
        request[BEARS] = _PUBLIC_HEADERS
        _count(request, request.app[keys.PUBLIC_ALLOWANCES])
    elif operation is not None and operation.scope is not None:
        request[API_KEY] = keyring.admit(request.headers.get("Authorization"), operation.scope)
        controls = operation.scope is Scope.ADMIN
        rationed = keys.CONTROL_ALLOWANCES if controls else keys.ALLOWANCES
        _count(request, request.app[rationed])
    return await handler(request)


def _count(request: web.Request, allowances: Allowances) -> None:
    key = request[API_KEY]
    request[CALLER] = key.id if key else f"address {_address_of(request)}"
    verdict = allowances.ask(request[CALLER], request.app[keys.CLOCK].monotonic())
    if not verdict.admitted:
        problem = f"{allowances.per_minute} requests a minute are allowed"
        raise TooManyRequests(problem, verdict.retry_after_s)
    # A sum of many steps may lie a hair above the whole second it means.
    reset = math.ceil(verdict.reset_s - 1e-6)
    # The draft of the IETF's HTTPAPI group, draft-ietf-httpapi-ratelimit-headers.
    request[BEARS] = {
        **request.get(BEARS, {}),
        "RateLimit-Policy": f'"{allowances.name}";q={allowances.per_minute};w=60',
        "RateLimit": f'"{allowances.name}";r={verdict.remaining};t={reset}',
    }


def _address_of(request: web.Request) -> str:
    forwarded = request.headers.getall("X-Forwarded-For", [])
    return caller_address(request.remote, forwarded, request.app[keys.PROXIES])


def _check_size(length: int) -> None:
    if length > LARGEST_BODY:
        raise web.HTTPRequestEntityTooLarge(LARGEST_BODY, length)


def _check_host(host: str) -> None:
    # A page on the web may point a name of its own at 127.0.0.1 and read what is open there.
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    try:
        local = ip_address(name.strip("[]")).is_loopback
    except ValueError:
        local = is_loopback(name.lower())
    if not local:
        raise Misdirected("without API keys, only localhost and loopback addresses are answered")


def _line(request: web.Request, request_id: str, **more: object) -> Fields:
    # The query is left out: it may hold what somebody mistook for a place to put a key.
    return Fields(
        {"request_id": request_id, "method": request.method, "path": request.path, **more}
    )
