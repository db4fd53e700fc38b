"""A form that was refused, shown again; choices of forms; and paths with a way back in them."""

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from aiohttp import web
from attrs import frozen

from alpine_service.api.problems import of_error
from alpine_service.errors import Conflict, InvalidInput, Refused, TooMany
from alpine_service.pages.page import show, trouble_of

T = TypeVar("T")
_BAD_REQUEST = 400


@frozen
class Pressed:
    """A form that is nothing but a button."""


async def show_again(
    request: web.Request, template: str, refusal: Refused, **values: Any
) -> web.Response:
    """The page with the form once more, and what was wrong with it."""
    problem = of_error(refusal)
    # Other statuses would be of the page, and it is what was written into its form.
    is_theirs = isinstance(refusal, TooMany | Conflict)
    status = problem.kind.status if is_theirs else _BAD_REQUEST
    response = await show(request, template, status=status, trouble=trouble_of(refusal), **values)
    if isinstance(refusal, TooMany):
        response.headers.update(problem.headers)
    return response


def chosen(name: str, word: str, choices: Mapping[str, T]) -> T:
    """What the word means in a form's field.

    Raises:
        InvalidInput: the field has no such choice.
    """
    if word not in choices:
        raise InvalidInput(name, "there is no such choice", "use the form as it is")
    return choices[word]


def with_next(path: str, after: str | None) -> str:
    """The path, with where to go from there behind it."""
    return path if after is None else f"{path}?next={quote(after, safe='')}"
