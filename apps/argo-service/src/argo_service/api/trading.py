"""`GET /api/v1/trading/...`: the account, its risk, positions, orders, fills and denials."""

import re
from typing import Final

from aiohttp import web

from argo_core.execution.trader import Trader
from argo_core.market.instrument import Symbol
from argo_core.trading.book_order import BookOrder
from argo_service.api import keys
from argo_service.api.errors import NotReady, NotThere, TradingOff
from argo_service.api.order_bodies import DenialsBody, FillsBody, OrdersBody
from argo_service.api.order_views import certificate_body, fill_body, history_body, order_body
from argo_service.api.page_cursor import page_of
from argo_service.api.parameters import Parameters
from argo_service.api.replies import json_reply
from argo_service.api.trading_views import account_body, positions_body, risk_body

OPEN: Final = "open"
CLOSED: Final = "closed"
ALL: Final = "all"
STATUSES: Final = (OPEN, CLOSED, ALL)
_PAGE: Final = ("limit", "cursor")
_ID: Final = re.compile(r"[!-~]{1,128}")


def trader_now(app: web.Application) -> Trader | None:
    """Whoever trades at this moment; None where nothing is traded, and while this stands by."""
    post = app[keys.POST]
    if post is None:
        return app[keys.TRADING]
    return None if post.seat.taken is None else post.seat.taken.trader


def trader_of(app: web.Application) -> Trader:
    """Whoever trades.

    Raises:
        TradingOff: nobody does.
    """
    trader = trader_now(app)
    if trader is None and app[keys.POST] is not None:
        raise TradingOff("this process does not trade now; ask the one that publishes")
    if trader is None:
        raise TradingOff("nothing is traded here; set trading.enabled = true and start again")
    return trader


def known_trader(app: web.Application) -> Trader:
    """Whoever trades, once the account is known.

    Raises:
        TradingOff: nobody does.
        NotReady: the broker's account was never read.
    """
    trader = trader_of(app)
    if trader.book.account is None:
        raise NotReady("the broker's account was not read yet; ask again in a few seconds")
    return trader


async def trading_account(request: web.Request) -> web.Response:
    """Equity, profit and loss, buying power."""
    Parameters.of(request.rel_url, ())
    return json_reply(account_body(known_trader(request.app), request.app[keys.CLOCK].now()))


async def trading_risk(request: web.Request) -> web.Response:
    """State, causes, limits and margins, the last comparison of the books."""
    Parameters.of(request.rel_url, ())
    return json_reply(risk_body(known_trader(request.app), request.app[keys.CLOCK].now()))


async def trading_positions(request: web.Request) -> web.Response:
    """What is held."""
    Parameters.of(request.rel_url, ())
    return json_reply(positions_body(known_trader(request.app), request.app[keys.CLOCK].now()))


async def trading_orders(request: web.Request) -> web.Response:
    """Orders in pages, newest first."""
    parameters = Parameters.of(request.rel_url, ("status", "symbol", *_PAGE))
    status = parameters.choice("status", STATUSES, ALL) or ALL
    symbol = parameters.symbol()
    every = reversed(trader_of(request.app).book.orders.values())
    found = ((one.id, one) for one in every if _is_asked(one, status, symbol))
    page, after = page_of(
        found, parameters.limit(), parameters.given.get("cursor"), f"orders {status} {symbol}"
    )
    return json_reply(OrdersBody(tuple(map(order_body, page)), after))


def _is_asked(order: BookOrder, status: str, symbol: Symbol | None) -> bool:
    of_status = status == ALL or order.is_open == (status == OPEN)
    return of_status and symbol in {None, order.request.symbol}


async def trading_order(request: web.Request) -> web.Response:
    """One order with its certificate and its history."""
    Parameters.of(request.rel_url, ())
    trader, order_id = trader_of(request.app), request.match_info["id"]
    if not _ID.fullmatch(order_id):
        raise NotThere("there is no order of that id")
    history = await trader.history(order_id)
    order = trader.book.orders.get(order_id)
    if order is None and not history:
        raise NotThere(f"there is no order {order_id[:64]}")
    return json_reply(history_body(order_id, order, history))


async def trading_fills(request: web.Request) -> web.Response:
    """Fills in pages, newest first."""
    parameters = Parameters.of(request.rel_url, ("symbol", *_PAGE))
    symbol = parameters.symbol()
    every = reversed(trader_of(request.app).book.fills)
    found = ((str(one.number), one) for one in every if symbol in {None, one.symbol})
    page, after = page_of(
        found, parameters.limit(), parameters.given.get("cursor"), f"fills {symbol}"
    )
    return json_reply(FillsBody(tuple(map(fill_body, page)), after))


async def trading_denials(request: web.Request) -> web.Response:
    """The newest certificates that denied an order."""
    parameters = Parameters.of(request.rel_url, ("symbol", "limit"))
    symbol, limit = parameters.symbol(), parameters.limit()
    every = reversed(trader_of(request.app).book.denied)
    found = [one for one in every if symbol in {None, one.symbol}]
    return json_reply(DenialsBody(tuple(map(certificate_body, found[:limit]))))
