"""What people see when they may not, when it is not there, or when something went wrong."""

from http import HTTPStatus
from urllib.parse import quote

from aiohttp import web
from attrs import frozen

from alpine_service.api.asking import PRINCIPAL
from alpine_service.api.problems import Problem, Say, as_json
from alpine_service.api.response_headers import REQUEST_ID, ROUTE
from alpine_service.api.route import Route
from alpine_service.domain.accounts.same_origin import SAFE_METHODS
from alpine_service.pages.frame import Frames
from alpine_service.pages.page import go
from alpine_service.pages.rendering import Renderer


@frozen
class _Way:
    """What a person can do about it."""

    words: str
    path: str


_HOME = _Way("Back to the start", "/")
_WAYS = {
    "plan-too-low": _Way("See the plans", "/plans"),
    "not-signed-in": _Way("Sign in", "/login"),
    "no-such-path": _HOME,
    "not-there": _HOME,
}
_TITLES = {
    "plan-too-low": "Your plan does not have this",
    "not-there": "This is not here",
    "no-such-path": "This page does not exist",
    "too-many": "That was a lot at once",
    "unavailable": "We cannot answer just now",
}


def say_as_page(renderer: Renderer, frames: Frames) -> Say:
    """Tells people by a page, and programs by JSON."""

    def say(request: web.Request, problem: Problem) -> web.Response:
        if not _is_for_people(request):
            return as_json(request, problem)
        path = request.rel_url.raw_path_qs
        name = problem.kind.name
        if name == "not-signed-in" and request.method in SAFE_METHODS:
            return go(f"/login?next={quote(path, safe='')}")
        if name == "not-allowed" and (way := _missing(request)) is not None:
            return go(way)
        values = {
            "frame": frames.without_log(request),
            "problem": problem,
            "title": _TITLES.get(name, problem.kind.title),
            "way": _WAYS.get(name, _HOME),
            "retry_after": problem.headers.get("Retry-After"),
            "request_id": request[REQUEST_ID],
            "is_ours": problem.kind.status >= HTTPStatus.INTERNAL_SERVER_ERROR,
            "done": "",
            "trouble": None,
        }
        page = renderer.page("refusal.html", problem.kind.status, values=values)
        page.headers.update(problem.headers)
        page.headers.popall("WWW-Authenticate", None)
        return page

    return say


def _is_for_people(request: web.Request) -> bool:
    route: Route | None = request.get(ROUTE)
    accepted = request.headers.get("Accept", "")
    if route is not None:
        return route.is_page and not accepted.startswith("application/json")
    return "text/html" in accepted


def _missing(request: web.Request) -> str | None:
    """Where to go for what lacks: a confirmed address, or a second factor for staff."""
    who, route = request.get(PRINCIPAL), request.get(ROUTE)
    if who is None or route is None:
        return None
    if not who.is_verified and route.access.verified:
        return "/verify"
    if who.role.includes(route.access.role) and not who.second_factor:
        return "/account/security?done=factor-needed"
    return None
