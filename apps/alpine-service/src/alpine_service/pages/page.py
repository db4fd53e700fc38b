"""What handlers of pages say: show this template, go there, and a route that is a page."""

from typing import Any

from aiohttp import web
from attrs import evolve, frozen

from alpine_service.api.route import Access, Handler, Route
from alpine_service.errors import InvalidInput, Refused, TooMany
from alpine_service.pages.keys import FRAMES, RENDERER

_SEE_OTHER = 303


@frozen
class Trouble:
    """Why what somebody wanted was refused, for the page with the form that they sent.

    `field` is the form's field that is wrong, or None if it is about the whole.
    """

    problem: str
    field: str | None = None
    fix: str | None = None


def trouble_of(refusal: Refused) -> Trouble:
    """The same refusal in words for people."""
    if isinstance(refusal, InvalidInput):
        return Trouble(refusal.problem, refusal.field, refusal.fix)
    if isinstance(refusal, TooMany):
        wait = max(1, round(refusal.retry_after_s / 60))
        return Trouble(f"{refusal}; try again in {wait} min")
    return Trouble(str(refusal))


async def show(
    request: web.Request, template: str, /, *, status: int = 200, **values: Any
) -> web.Response:
    """Answer with the page; templates have `frame`, `done` and `trouble` beside the values."""
    frame = await request.app[FRAMES].of(request)
    standard = {"frame": frame, "done": request.query.get("done", ""), "trouble": None}
    return request.app[RENDERER].page(template, status, values={**standard, **values})


def go(path: str, *, done: str | None = None) -> web.Response:
    """Send the browser there, as after a form, so that going back sends nothing again.

    `done` is a word for what was done, which the page there says in a sentence.
    """
    where = path if done is None else f"{path}{'&' if '?' in path else '?'}done={done}"
    return web.Response(status=_SEE_OTHER, headers={"Location": where, "Cache-Control": "no-store"})


def local_path(text: str | None, otherwise: str) -> str:
    """A path on this service, to come back to; anything else could lead to another site."""
    if text is None or not text.startswith("/") or text.startswith(("//", "/\\")):
        return otherwise
    return text if text.isascii() and text.isprintable() else otherwise


def page(path: str, handler: Handler, summary: str, access: Access) -> Route:
    """A route of a page that is looked at."""
    return Route(
        "GET", path, handler, summary, "Pages", access, "text/html; charset=utf-8", is_page=True
    )


def form(path: str, handler: Handler, summary: str, access: Access, takes: type[Any]) -> Route:
    """A route that a page's form is sent to; it sends the browser on, or shows the form again."""
    return evolve(page(path, handler, summary, access), method="POST", takes=takes, refusals=(400,))
