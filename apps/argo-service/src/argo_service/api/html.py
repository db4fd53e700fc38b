"""Small pieces of HTML; everything that is not a piece is escaped."""

import re
from collections.abc import Iterable
from html import escape

from argo_service.api.page_style import STYLE

_CODE = re.compile(r"`([^`]+)`")


def prose(text: str) -> str:
    """Paragraphs; what stands between backticks is code."""
    return "".join(f"<p>{inline(part)}</p>" for part in text.split("\n\n") if part.strip())


def inline(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", escape(" ".join(text.split())))


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Cells of `rows` are HTML already."""
    titles = "".join(f"<th>{escape(title)}</th>" for title in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><tr>{titles}</tr>{body}</table></div>'


def page(title: str, inside: str) -> str:
    """A whole document around `inside`."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>{inside}</body></html>"
    )
