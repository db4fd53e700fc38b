"""HTML that is escaped by its making: only what this module made goes in unchanged."""

from html import escape
from typing import TypeAlias


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


Child: TypeAlias = "str | None"

_EMPTY = frozenset({"meta", "br", "hr"})


def text(told: str) -> Html:
    """Anybody's text as it is, with nothing in it that a browser would act upon.

    Control characters and those that turn the direction of writing are shown as their codes.
    """
    shown = "".join(one if one.isprintable() else _code(one) for one in told)
    return Html(escape(shown))


def el(tag: str, *children: Child, **attributes: str | None) -> Html:
    """An element. Children that are not `Html` are escaped, None is left out.

    An attribute's trailing underscore goes, others become hyphens; None leaves it out, and an
    empty one stands without a value.
    """
    told = "".join(
        f" {name.rstrip('_').replace('_', '-')}" + (f'="{text(value)}"' if value else "")
        for name, value in attributes.items()
        if value is not None
    )
    if tag in _EMPTY:
        return Html(f"<{tag}{told}>")
    return Html(f"<{tag}{told}>{join(*children)}</{tag}>")


def join(*children: Child) -> Html:
    """Children one after the other."""
    parts = (one if isinstance(one, Html) else text(one) for one in children if one is not None)
    return Html("".join(parts))


def _code(one: str) -> str:
    return " " if one in "\n\t\r" else f"\N{REPLACEMENT CHARACTER}{ord(one):X}"
