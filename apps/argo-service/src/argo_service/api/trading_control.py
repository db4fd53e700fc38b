"""`POST /api/v1/trading/...`: an operator halts, resumes, or has positions closed."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from aiohttp import web
from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.market.instrument import parse_symbol
from argo_service.api import keys
from argo_service.api.errors import NotReady
from argo_service.api.json_body import read_texts
from argo_service.api.parameters import Parameters
from argo_service.api.replies import json_reply
from argo_service.api.requested import API_KEY
from argo_service.api.trading import trader_of
from argo_service.api.trading_views import control_body

LONGEST_REASON: Final = 200
# Longer than one call to the broker may take, which the trader may be waiting for.
PATIENCE_S: Final = 20.0
_REASON: Final = "reason"

Done = TypeVar("Done")


@frozen
class ReasonedBody:
    """`reason` is kept in the journal, with the name of the API key that gave it."""

    reason: str


@frozen
class FlattenBody:
    """`reason` as elsewhere; without a `symbol` everything is closed, and trading is halted."""

    reason: str
    symbol: str | None = None


async def trading_halt(request: web.Request) -> web.Response:
    """Let positions only shrink until somebody resumes."""
    trader = trader_of(request.app)
    reason = _reason(request, await _texts(request, {_REASON: True}))
    await _done(request, trader.halt(reason))
    return json_reply(control_body(trader))


async def trading_resume(request: web.Request) -> web.Response:
    """End what an operator may end."""
    trader = trader_of(request.app)
    reason = _reason(request, await _texts(request, {_REASON: True}))
    await _done(request, trader.resume(reason))
    return json_reply(control_body(trader))


async def trading_flatten(request: web.Request) -> web.Response:
    """Close one position, or all."""
    trader = trader_of(request.app)
    given = await _texts(request, {_REASON: True, "symbol": False})
    reason = _reason(request, given)
    symbol = parse_symbol(given["symbol"]) if "symbol" in given else None
    closing = await _done(request, trader.flatten(reason, symbol))
    return json_reply(control_body(trader, closing))


async def _texts(request: web.Request, taken: dict[str, bool]) -> dict[str, str]:
    Parameters.of(request.rel_url, ())
    return dict(await read_texts(request, taken))


def _reason(request: web.Request, given: dict[str, str]) -> str:
    text = given[_REASON].strip()
    if not text or len(text) > LONGEST_REASON or not text.isprintable():
        fix = f"say why in 1 to {LONGEST_REASON} printable characters"
        raise InvalidInput(_REASON, "it is empty, too long or not printable", fix)
    key = request[API_KEY]
    return f"{text} ({key.name})" if key else text


async def _done(request: web.Request, doing: Coroutine[Any, Any, Done]) -> Done:
    """Wait until it is done, and let it be done in any case.

    Raises:
        NotReady: it takes long; it will be done all the same.
    """
    task = asyncio.ensure_future(doing)
    try:
        async with request.app[keys.CLOCK].timeout(PATIENCE_S):
            return await asyncio.shield(task)
    except TimeoutError as error:
        task.add_done_callback(_forget)
        problem = f"it was not carried out within {PATIENCE_S:g} s; look at the risk, or ask again"
        raise NotReady(problem) from error


def _forget(task: "asyncio.Future[Any]") -> None:
    # Nobody is left who could be told of what went wrong.
    if not task.cancelled():
        task.exception()
