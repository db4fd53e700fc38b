"""`GET /api/v1/signals` and `GET /api/v1/signals/{symbol}`."""

import asyncio

from aiohttp import web
from attrs import evolve

from argo_core.ledger.record import LoggedSignal, SignalQuery
from argo_core.market.instrument import parse_symbol
from argo_service.api import keys
from argo_service.api.bodies import SignalBody, SignalsBody, SymbolBody
from argo_service.api.errors import NotThere
from argo_service.api.parameters import MOST, Parameters, write_cursor
from argo_service.api.published import log_body, shown_size
from argo_service.api.replies import json_reply
from argo_service.api.requested import API_KEY
from argo_service.api.signal_views import quote_body, signal_body, view_body
from argo_service.api.standing import standing_of
from argo_service.api_keys import Scope

FILTERS = ("direction", "min_confidence", "since", "until", "limit", "cursor")


async def signals(request: web.Request) -> web.Response:
    """Published signals, newest first, in pages."""
    parameters = Parameters.of(request.rel_url, ("symbol", *FILTERS))
    query = _seen_by(request, parameters.query(parameters.symbol()))
    found, cursor = await _page(request, query)
    log = log_body(request.app[keys.PUBLICATION], request.app[keys.LOG].key)
    body = SignalsBody(await _bodies(request, found), cursor, log)
    return json_reply(body, headers=_link(request, cursor))


async def symbol_signals(request: web.Request) -> web.Response:
    """One symbol: its newest signal, those before it, and the view of the last cycle."""
    parameters = Parameters.of(request.rel_url, FILTERS)
    symbol = parse_symbol(request.match_info["symbol"])
    query = _seen_by(request, parameters.query(symbol))
    index, engine = request.app[keys.INDEX], request.app[keys.ENGINE]
    newest = await index.find(_seen_by(request, SignalQuery(symbol=symbol, limit=1)))
    if not newest and symbol not in engine.known.instruments:
        raise NotThere(f"{symbol} is not followed, and there never was a signal of it")
    found, cursor = await _page(request, query)
    latest, history = await _bodies(request, newest), await _bodies(request, found)
    now = request.app[keys.CLOCK].now()
    quote, decision = engine.known.quotes.get(symbol), engine.known.decisions.get(symbol)
    standing = engine.known.standing.get(symbol)
    # The view tells what was decided, so it waits until the decision itself may be seen. Where
    # signals are sealed nobody else sees any view: one that is missing would tell of a signal, and
    # those before it which way it went.
    is_shown = standing is None or standing.id in {each.id for each in latest}
    if engine.is_delayed and not query.sealed:
        is_shown = False
    body = SymbolBody(
        symbol=symbol,
        latest=latest[0] if latest else None,
        history=history,
        next=cursor,
        quote=quote_body(quote, now) if quote else None,
        view=view_body(engine, decision, now) if decision and is_shown else None,
        log=log_body(request.app[keys.PUBLICATION], request.app[keys.LOG].key),
    )
    return json_reply(body, headers=_link(request, cursor))


def _seen_by(request: web.Request, query: SignalQuery) -> SignalQuery:
    """The query within what the caller may see: published, and revealed unless the key says more.

    While there are no keys only this machine is answered, and whoever is on it may see all.
    """
    key = request[API_KEY]
    sealed = key is None or key.may(Scope.REALTIME)
    return evolve(query, sealed=sealed, published=shown_size(request.app[keys.PUBLICATION]))


async def _bodies(request: web.Request, found: tuple[LoggedSignal, ...]) -> tuple[SignalBody, ...]:
    prose_of = request.app[keys.PROSE_OF]
    # At once, because the store answers many questions in little more time than one.
    so_far = request.app[keys.SKILL].beside.so_far(shown_size(request.app[keys.PUBLICATION]))
    standings = await asyncio.gather(*(standing_of(request.app, each) for each in found))
    return tuple(
        signal_body(each, prose_of, standing, so_far)
        for each, standing in zip(found, standings, strict=True)
    )


async def _page(
    request: web.Request, query: SignalQuery
) -> tuple[tuple[LoggedSignal, ...], str | None]:
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
