"""Massive's spelling, keys and refusals."""

import re
from collections.abc import Collection
from typing import NoReturn

from argo_adapters.simulator.faults import Fault
from argo_adapters.simulator.wire import Ask, Reply, answer, refuse
from argo_core.market.instrument import Symbol

_PAIR = re.compile(r"X:([A-Z0-9]{2,10})(USD|EUR)")


def spell(symbol: Symbol) -> str:
    """`BTC/USD` as `X:BTCUSD`."""
    return "X:" + symbol.replace("/", "") if "/" in symbol else symbol


def read(ticker: str) -> Symbol:
    """What the ticker means in our spelling, if anything."""
    pair = _PAIR.fullmatch(ticker)
    return Symbol(f"{pair[1]}/{pair[2]}" if pair else ticker)


def authorise(ask: Ask, keys: Collection[str]) -> Reply | None:
    """A bearer token, or `apiKey` in the query."""
    scheme, _, token = ask.headers.get("Authorization", "").partition(" ")
    key = token if scheme == "Bearer" else ask.query.get("apiKey", "")
    if key in keys:
        return None
    said = "Unknown API Key" if key else "API Key was not provided"
    return answer({"status": "ERROR", "request_id": ask.id, "error": said}, 401)


def bad(ask: Ask, problem: str) -> NoReturn:
    """Decline a malformed parameter."""
    refuse({"status": "ERROR", "request_id": ask.id, "error": problem}, 400)


def too_late(ask: Ask) -> NoReturn:
    """Decline a date the plan does not reach."""
    said = "Your plan doesn't include this data timeframe. Please upgrade your plan."
    refuse({"status": "NOT_AUTHORIZED", "request_id": ask.id, "message": said}, 403)


_SLOWER = (
    "You've exceeded the maximum requests per minute, please wait or upgrade your subscription "
    "to continue."
)
_NOT_YOURS = "You are not entitled to this data. Please upgrade your plan."

REFUSALS = {
    Fault.THROTTLED: (
        answer({"status": "ERROR", "request_id": "sim", "error": _SLOWER}, 429),
        answer({"status": "ERROR", "request_id": "sim", "message": _SLOWER}, 429),
        Reply(429, b""),
    ),
    Fault.SERVER_ERROR: (
        answer({"status": "ERROR", "request_id": "sim", "error": "Internal error"}, 500),
        Reply(503, b"Service Unavailable", content_type="text/plain"),
    ),
    Fault.WRONG_KEY: (
        answer({"status": "ERROR", "request_id": "sim", "error": "Unknown API Key"}, 401),
    ),
    Fault.NOT_ENTITLED: (
        answer({"status": "NOT_AUTHORIZED", "request_id": "sim", "message": _NOT_YOURS}, 403),
    ),
    Fault.OUT_OF_CREDIT: (
        answer({"status": "NOT_AUTHORIZED", "request_id": "sim", "message": _NOT_YOURS}, 403),
    ),
    Fault.REFUSED_OK: (
        answer({"status": "ERROR", "request_id": "sim", "error": "An internal error happened"}),
    ),
}
