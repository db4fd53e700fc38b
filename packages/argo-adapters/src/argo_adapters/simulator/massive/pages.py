"""Massive's pages: a cursor carries the whole question on, but for the key."""

from collections.abc import Mapping

from argo_adapters.simulator.massive.words import bad
from argo_adapters.simulator.paging import mark, marked
from argo_adapters.simulator.wire import Ask


def resumed(ask: Ask) -> tuple[dict[str, str], int]:
    """The question, be it asked anew or by a cursor, and how many rows came before."""
    if "cursor" not in ask.query:
        return dict(ask.query), 0
    query = marked(ask.query["cursor"])
    if query is None:
        bad(ask, "'cursor' is not one of ours")
    return query, int(query["offset"])


def next_url(ask: Ask, path: str, query: Mapping[str, str], offset: int) -> str:
    """Where the page that begins after `offset` rows is."""
    # Keys stay out of links.
    kept = {key: value for key, value in query.items() if key not in {"apiKey", "offset"}}
    return f"{ask.base}{path}?cursor={mark(kept, offset)}"
