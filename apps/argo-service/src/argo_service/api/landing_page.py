"""The page at the root: what this is, and where to go."""

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from argo_service.api.html import page
from argo_service.version import VERSION

_MOST_SYMBOLS = 24
_CARDS = (
    ("/docs", "Documentation", "every path, parameter and answer"),
    ("/api/v1/signals", "Signals", "published, newest first"),
    ("/checkpoint", "Checkpoint", "the record's head, signed"),
    ("/api/v1/health", "Health", "store, cycles, vendors"),
    ("/metrics", "Metrics", "for Prometheus"),
    ("/openapi.json", "OpenAPI", "the same for machines"),
)


def landing_page(symbols: Sequence[str], notice: str, *, is_open: bool) -> str:
    """The page; `notice` is shown first when it is not empty."""
    cards = "".join(
        f'<li><a href="{path}"><b>{title}</b><span class="faint">{said}</span></a></li>'
        for path, title, said in _CARDS
    )
    followed = "".join(
        f'<li><a href="/api/v1/signals/{quote(symbol)}"><b>{escape(symbol)}</b></a></li>'
        for symbol in symbols[:_MOST_SYMBOLS]
    )
    more = len(symbols) - _MOST_SYMBOLS
    rest = f'<p class="faint">and {more} more</p>' if more > 0 else ""
    door = (
        "No API key was made yet: everything is open, on this machine only."
        if is_open
        else "Signals and metrics need an API key in the Authorization header."
    )
    return page(
        "Argo",
        '<div class="frame single"><main><h1>Argo</h1>'
        f'<p class="faint">Version {escape(VERSION)}. {door}</p>'
        + (f'<p class="notice">{escape(notice)}</p>' if notice else "")
        + "<p>One explained signal per symbol, made from the opinions of several vendors, and a"
        " record of it that cannot quietly change.</p>"
        f'<ul class="cards">{cards}</ul><h2>Symbols</h2><ul class="cards">{followed}</ul>{rest}'
        "</main></div>",
    )
