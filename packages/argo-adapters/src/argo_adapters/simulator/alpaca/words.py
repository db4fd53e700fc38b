"""Alpaca's spelling, keys and refusals."""

import re
from collections.abc import Collection, Mapping
from typing import NoReturn

from argo_adapters.simulator.faults import Fault
from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.stamps import MINUTE
from argo_adapters.simulator.wire import Ask, Limit, Reply, answer, refuse
from argo_core.market.instrument import Symbol

FEEDS = {"sip", "iex", "delayed_sip", "boats", "overnight", "otc"}
DELAY = 15 * MINUTE

_STOCK = re.compile(r"[A-Z][A-Z0-9]{0,9}(?:\.[A-Z]{1,2})?")
_PAIR = re.compile(r"[A-Z0-9]{2,10}/[A-Z]{3,4}")


def spell(symbol: Symbol) -> str:
    """As we do."""
    return symbol


def authorise(ask: Ask, keys: Collection[str]) -> Reply | None:
    """Both headers must be known keys."""
    names = "APCA-API-KEY-ID", "APCA-API-SECRET-KEY"
    if all(ask.headers.get(name, "") in keys for name in names):
        return None
    return _NOT_AUTHORISED


def rate_headers(limit: Limit, left: int, resets: int) -> Mapping[str, str]:
    """On every data reply; the reset is a Unix second."""
    return {
        "X-RateLimit-Limit": str(limit.requests),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset": str(resets),
    }


def bad(problem: str) -> NoReturn:
    """Decline a malformed parameter."""
    refuse({"message": problem}, 400)


def stock_symbols(ask: Ask) -> list[Symbol]:
    """The stocks asked for; one malformed name fails the whole request."""
    return _symbols(ask, _STOCK)


def pairs(ask: Ask) -> list[Symbol]:
    """The crypto pairs asked for; one malformed name fails the whole request."""
    return _symbols(ask, _PAIR)


def fed(lens: Lens, ask: Ask) -> Lens:
    """The market as the feed shows it; one feed is a quarter of an hour late."""
    feed = ask.query.get("feed", "sip")
    if feed not in FEEDS:
        bad(f"invalid feed: {feed[:40]}")
    return lens.delayed(DELAY) if feed == "delayed_sip" else lens


def _symbols(ask: Ask, pattern: re.Pattern[str]) -> list[Symbol]:
    names = ask.query.get("symbols", "")
    if not names:
        bad("symbols is required")
    asked = sorted(set(names.split(",")))
    for name in asked:
        if not pattern.fullmatch(name):
            bad(f"invalid symbol: {name[:40]}")
    return [Symbol(name) for name in asked]


_NOT_AUTHORISED = Reply(
    401, b"<html><body>401 Authorization Required</body></html>", content_type="text/html"
)
_NOT_SUBSCRIBED = "subscription does not permit querying recent SIP data"

REFUSALS = {
    Fault.THROTTLED: (answer({"message": "too many requests."}, 429),),
    Fault.SERVER_ERROR: (answer({"message": "internal server error"}, 500),),
    Fault.WRONG_KEY: (_NOT_AUTHORISED, answer({"message": "unauthorized."}, 401)),
    Fault.NOT_ENTITLED: (answer({"message": _NOT_SUBSCRIBED}, 403),),
    Fault.OUT_OF_CREDIT: (answer({"message": _NOT_SUBSCRIBED}, 403),),
    Fault.REFUSED_OK: (answer({"message": "internal server error"}),),
}
