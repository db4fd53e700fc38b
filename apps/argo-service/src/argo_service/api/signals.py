"""`GET /api/v1/signals` and `GET /api/v1/signals/{symbol}`."""

from aiohttp import web
from attrs import evolve

from argo_core.ledger.record import LoggedEntry, SignalQuery
from argo_core.market.instrument import parse_symbol
from argo_service.api import keys
from argo_service.api.bodies import SignalsBody, SymbolBody
from argo_service.api.errors import NotThere
from argo_service.api.parameters import MOST, Parameters, write_cursor
from argo_service.api.replies import json_reply
from argo_service.api.signal_views import log_body, quote_body, signal_body, view_body

FILTERS = ("direction", "min_confidence", "since", "until", "limit", "cursor")


async def signals(request: web.Request) -> web.Response:
    """Published signals, newest first, in pages."""
    parameters = Parameters.of(request.rel_url, ("symbol", *FILTERS))
    query = parameters.query(parameters.symbol())
    found, cursor = await _page(request, query)
    head = await request.app[keys.LOG].head()
    prose_of = request.app[keys.PROSE_OF]
    bodies = tuple(signal_body(each, prose_of) for each in found)
    body = SignalsBody(bodies, cursor, log_body(head))
    return json_reply(body, headers=_link(request, cursor))


async def symbol_signals(request: web.Request) -> web.Response:
    """One symbol: its newest signal, those before it, and the view of the last cycle."""
    parameters = Parameters.of(request.rel_url, FILTERS)
    symbol = parse_symbol(request.match_info["symbol"])
    query = parameters.query(symbol)
    index, engine = request.app[keys.INDEX], request.app[keys.ENGINE]
    newest = await index.find(SignalQuery(symbol=symbol, limit=1))
    if not newest and symbol not in engine.known.instruments:
        raise NotThere(f"{symbol} is not followed, and there never was a signal of it")
    found, cursor = await _page(request, query)
    now, prose_of = request.app[keys.CLOCK].now(), request.app[keys.PROSE_OF]
    quote, decision = engine.known.quotes.get(symbol), engine.known.decisions.get(symbol)
    body = SymbolBody(
        symbol=symbol,
        latest=signal_body(newest[0], prose_of) if newest else None,
        history=tuple(signal_body(each, prose_of) for each in found),
        next=cursor,
        quote=quote_body(quote, now) if quote else None,
        view=view_body(engine, decision, now) if decision else None,
        log=log_body(await request.app[keys.LOG].head()),
    )
    return json_reply(body, headers=_link(request, cursor))


async def _page(
    request: web.Request, query: SignalQuery
) -> tuple[tuple[LoggedEntry, ...], str | None]:
    """A page, and the cursor of the next one if there is a next one."""
    index = request.app[keys.INDEX]
    # One more than wanted tells whether anything follows; a full page has to look again.
    more = min(MOST, query.limit + 1)
    found = await index.find(evolve(query, limit=more))
    page = found[: query.limit]
    follows = len(found) > query.limit
    if more == query.limit and len(found) == query.limit:
        follows = bool(await index.find(evolve(query, before=page[-1].index, limit=1)))
    return page, write_cursor(page[-1].index, query) if follows else None


def _link(request: web.Request, cursor: str | None) -> dict[str, str]:
    if cursor is None:
        return {}
    following = request.rel_url.update_query(cursor=cursor)
    return {"Link": f'<{following}>; rel="next"'}
