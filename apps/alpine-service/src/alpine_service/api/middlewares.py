"""What surrounds every handler, from the outside in.

::

    answering     a request id, an answer for every error, one happening for every request
    bounded       so many at once, so long each, bodies of such a size and type
    let_in        who asks, from where, and whether they may
    counted       the account's quota, told in RateLimit headers
    once          an Idempotency-Key's answer is given again, instead of doing it again

The headers that all answers have are set where answers leave, because streams leave early.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Middleware

from alpine_service.api import problems
from alpine_service.api.access import admit
from alpine_service.api.address_limit import AddressLimit, Allowed
from alpine_service.api.asking import PRINCIPAL
from alpine_service.api.bounds import bounded
from alpine_service.api.client_address import client_address, site_of
from alpine_service.api.idempotency import repeated
from alpine_service.api.looks import Looks
from alpine_service.api.platform import Platform
from alpine_service.api.problems import Problem, Say
from alpine_service.api.rate_headers import of_address, of_quota
from alpine_service.api.response_headers import RATE, REQUEST_ID, ROUTE
from alpine_service.api.route import Handler, Route
from alpine_service.api.who_asks import ADDRESS, who_asks
from alpine_service.domain.accounts.principal import Principal
from alpine_service.errors import AlpineError, NotSignedIn, TooMany
from alpine_service.ports.observing import Fact, Weight
from alpine_service.ports.tracing import Role, Span

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_UNKNOWN = "unknown"
_TRACEPARENT = "traceparent"


def middlewares(
    platform: Platform, routes: Mapping[web.AbstractRoute, Route], say: Say
) -> tuple[Middleware, ...]:
    """All of them, in their order; `say` is how whoever asks is told of a problem."""
    return (
        _answering(platform, routes, say),
        bounded(platform, say),
        _let_in(platform),
        _counted(platform),
        _once(platform),
    )


def _answering(
    platform: Platform, routes: Mapping[web.AbstractRoute, Route], say: Say
) -> Middleware:
    clock, observer = platform.clock, platform.observer

    @web.middleware
    async def answering(request: web.Request, handler: Handler) -> web.StreamResponse:
        began = clock.monotonic()
        route = routes.get(request.match_info.route)
        if route is not None:
            request[ROUTE] = route
        peer = request.remote
        # A proxy may add a line of its own behind the client's: one list (RFC 9110, section 5.3).
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", [])) or None
        address = client_address(peer, forwarded, platform.proxies)
        request[ADDRESS] = address
        method = request.method if route is not None else _method(request)
        path = route.path if route is not None else _UNKNOWN
        parent = request.headers.get(_TRACEPARENT)
        with platform.tracer.span(f"{method} {path}", Role.SERVER, parent) as span:
            # A trace that is ours from its beginning gives the request its name.
            ours = span.trace_id if parent is None else None
            request_id = request[REQUEST_ID] = _request_id(request, platform, ours)
            status = 0
            try:
                answered = await _answer(request, handler, request_id, platform)
                response = say(request, answered) if isinstance(answered, Problem) else answered
                status = response.status
            finally:
                who: Principal | None = request.get(PRINCIPAL)
                seconds = round(clock.monotonic() - began, 6)
                _note_answer(span, method, path, status, request_id)
                observer.tell(
                    "http.answered",
                    method=method,
                    route=path,
                    # 0 says that the client left before there was an answer.
                    status=status,
                    seconds=seconds,
                    request_id=request_id,
                    principal=who.user_id if who is not None else None,
                    means=who.means_id if who is not None else None,
                    address=address,
                )
        return response

    return answering


def _note_answer(span: Span, method: str, path: str, status: int, request_id: str) -> None:
    """What is known of a request by its end, in the words that collectors know."""
    facts: dict[str, Fact] = {
        "http.request.method": method,
        "http.route": path,
        "http.response.status_code": status,
        "alpine.request_id": request_id,
    }
    span.note(**facts)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        span.fail(str(status))


def _method(request: web.Request) -> str:
    # A method may be any word, and every word would be a series of the metrics.
    known = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
    return request.method if request.method in known else _UNKNOWN


def _request_id(request: web.Request, platform: Platform, trace_id: str | None) -> str:
    """A proxy that is trusted may have given it one; everybody else's could be anything."""
    given = request.headers.get("X-Request-Id", "")
    if request.remote in platform.proxies and _REQUEST_ID.fullmatch(given):
        return given
    return f"req_{trace_id or platform.chance.draw(12).hex()}"


async def _answer(
    request: web.Request, handler: Handler, request_id: str, platform: Platform
) -> web.StreamResponse | Problem:
    try:
        return await handler(request)
    except AlpineError as error:
        if problems.kind_of(error) is problems.INTERNAL:
            _tell_failure(platform, request_id, error)
        return problems.of_error(error)
    except web.HTTPException as refusal:
        if "Location" in refusal.headers:
            return web.Response(
                status=refusal.status, headers={"Location": refusal.headers["Location"]}
            )
        return problems.of_http(refusal)
    except TimeoutError:
        return problems.too_slow()
    except ConnectionError:
        # The client is gone, and an answer would reach nobody.
        raise
    except Exception as error:  # noqa: BLE001 - the last resort of every request
        _tell_failure(platform, request_id, error)
        return problems.internal()


def _tell_failure(platform: Platform, request_id: str, error: Exception) -> None:
    """Where it happened, and of which kind; the words of an error may hold anything."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_qualname}:{place.tb_lineno}" if place else _UNKNOWN
    platform.observer.tell(
        "http.failed",
        Weight.ALERT,
        request_id=request_id,
        error=type(error).__name__,
        where=where,
    )


def _let_in(platform: Platform) -> Middleware:
    strangers = AddressLimit(platform.limits.per_minute)

    def spend(request: web.Request) -> None:
        strangers.per_minute = platform.limits.per_minute
        left: Allowed = strangers.spend(site_of(request[ADDRESS]), platform.clock.monotonic())
        request[RATE] = of_address(left)
        if left.wait_s:
            platform.observer.tell("quota.refused", of="address", address=request[ADDRESS])
            raise TooMany("requests from this address", left.wait_s)

    @web.middleware
    async def let_in(request: web.Request, handler: Handler) -> web.StreamResponse:
        route: Route | None = request.get(ROUTE)
        if route is None:
            # A path that is not there costs a stranger what one that is there does.
            spend(request)
            return await handler(request)
        who = await who_asks(request)
        if who is None:
            if route.is_counted:
                spend(request)
            # An open door asks for nothing, but a key that is shown there must be good all the
            # same: who sends it expects to be seen as its owner. A cookie is sent unasked.
            if "Authorization" in request.headers:
                raise NotSignedIn
        else:
            request[PRINCIPAL] = who
        try:
            admit(route.access, who)
        except AlpineError as error:
            platform.observer.tell(
                "access.refused",
                route=f"{route.method} {route.path}",
                why=problems.kind_of(error).name,
                principal=who.user_id if who is not None else None,
                address=request[ADDRESS],
            )
            raise
        return await handler(request)

    return let_in


def _counted(platform: Platform) -> Middleware:
    looks = Looks(platform)

    @web.middleware
    async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
        who: Principal | None = request.get(PRINCIPAL)
        route: Route | None = request.get(ROUTE)
        if who is None:
            return await handler(request)
        if route is not None and route.is_page:
            if not route.is_counted:
                return await handler(request)
            with looks.look(who.user_id):
                return await handler(request)
        try:
            request[RATE] = of_quota(await platform.quotas.spend(who), who.entitlement)
        except TooMany as refusal:
            request[RATE] = of_quota(None, who.entitlement, refusal.retry_after_s)
            platform.observer.tell("quota.refused", of="account", principal=who.user_id)
            raise
        return await handler(request)

    return counted


def _once(platform: Platform) -> Middleware:
    @web.middleware
    async def once(request: web.Request, handler: Handler) -> web.StreamResponse:
        route: Route | None = request.get(ROUTE)
        who: Principal | None = request.get(PRINCIPAL)
        if route is None or who is None or not route.idempotent:
            return await handler(request)
        return await repeated(platform.answers, request, handler, who)

    return once
