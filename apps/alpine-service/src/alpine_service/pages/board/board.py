"""The board, as a page and as rows for a page that is open."""

from collections.abc import Iterable
from datetime import datetime

import orjson
from aiohttp import web
from attrs import asdict, frozen

from alpine_service.api.asking import principal
from alpine_service.api.keys import BOARD, EVENTS, PLATFORM
from alpine_service.domain.plans.entitlement import Channel, Entitlement
from alpine_service.domain.signals.signal import SignalRecord
from alpine_service.pages.board.asked import asked_of
from alpine_service.pages.board.row import Row, row_of
from alpine_service.pages.keys import FRAMES
from alpine_service.pages.page import show

MOST_ROWS = 1_000
_MOST_PRICES = 40
# How many rows a page asks for by name at once; beyond that it asks for all.
MOST_NAMED = 100
_MOST_DIGITS = 16
_SEALED_SHOWN = 20
# How often a board asks that has no stream, in seconds: well within the bounds of an account.
POLL_S = 10


@frozen
class _News:
    """What the script asks for: rows, and how it stands with the log."""

    rows: tuple[Row, ...]
    log_state: str


async def board(request: web.Request) -> web.Response:
    has = principal(request).entitlement
    # Looked up first: an event behind it is then told once more, and none is missed.
    newest = await request.app[EVENTS].last()
    lineup = await request.app[BOARD].standing(has, MOST_ROWS)
    asked, now = asked_of(dict(request.query)), request.app[PLATFORM].clock.now()
    rows = await _rows(request, lineup.signals, has, now)
    return await show(
        request,
        "board/board.html",
        rows=asked.of(rows),
        total=len(rows),
        strategy_choices=_choices(row.strategy for row in rows),
        sealed=[row_of(each, (), now) for each in lineup.sealed[:_SEALED_SHOWN]],
        sealed_total=len(lineup.sealed),
        asked=asked,
        newest=newest,
        has_stream=Channel.STREAM in has.channels,
        is_realtime=has.is_realtime,
        poll_s=POLL_S,
    )


async def rows(request: web.Request) -> web.Response:
    """JSON for the script of a board that is open: all rows, or the places of the signals named.

    What stands there now is answered. A signal that something happened to may have been followed by
    another, or its strategy be retired, and then its own row is on no board.
    """
    has, now = principal(request).entitlement, request.app[PLATFORM].clock.now()
    named = _named(request.query.get("signals"))
    if named is not None:
        signals = await request.app[BOARD].standing_beside(named, has)
    else:
        signals = (await request.app[BOARD].standing(has, MOST_ROWS)).signals
    seen = await request.app[FRAMES].log_seen()
    news = _News(tuple(await _rows(request, signals, has, now)), seen.state)
    return web.Response(
        body=orjson.dumps(asdict(news)),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


async def _rows(
    request: web.Request,
    signals: tuple[SignalRecord, ...],
    has: Entitlement,
    now: datetime,
) -> list[Row]:
    symbols = {each.symbol for each in signals if each.symbol is not None}
    prices = await request.app[BOARD].prices(symbols, has, _MOST_PRICES)
    return [row_of(each, prices.get(each.symbol or "", ()), now) for each in signals]


def _choices(strategies: Iterable[str]) -> list[tuple[str, str]]:
    return [("", "All"), *((each, each) for each in sorted(set(strategies)))]


def _named(text: str | None) -> frozenset[int] | None:
    """The signals that are named, which may be none; None where all are asked for."""
    if text is None:
        return None
    names = (name for name in text.split(",") if name.isascii() and name.isdecimal())
    # No index of the log has more digits.
    named = frozenset(int(name) for name in names if len(name) <= _MOST_DIGITS)
    return named if len(named) <= MOST_NAMED else None
