"""Alpha Vantage's keys, numbers and refusals, which mostly come with status 200."""

from collections.abc import Collection
from typing import NoReturn

from argo_adapters.simulator.faults import Fault
from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.stamps import MINUTE, eastern, midnight
from argo_adapters.simulator.wire import Ask, Reply, answer, refuse
from argo_core.market.instrument import AssetClass, Instrument, Symbol

DELAY = 15 * MINUTE

_INVALID_KEY = (
    "the parameter apikey is invalid or missing. Please claim your free API key. It should take "
    "less than 20 seconds."
)
_DEMO = "The **demo** API key is for demo purposes only. Please claim your free API key."
_DAILY = (
    "We have detected your API key as simulator-key and our standard API rate limit is 25 requests "
    "per day. Please subscribe to any of the premium plans to remove all daily rate limits."
)
_BURST = "Burst pattern detected. Please send no more than 5 requests per second."
_MINUTE = "Minute-level rate limit exceed. Please stay under 600 requests per minute."
_SPARING = (
    "Thank you for using Alpha Vantage! Please consider spreading out your free API requests more "
    "sparingly (1 request per second)."
)
_NOTE = "Thank you for using Alpha Vantage! Our standard API call frequency is 5 calls per minute."
PREMIUM = (
    "Thank you for using Alpha Vantage! This is a premium endpoint. You may subscribe to any of "
    "the premium plans to instantly unlock all premium endpoints."
)
_INVALID_CALL = "Invalid API call. Please retry or visit the documentation for {}."


def spell(symbol: Symbol) -> str:
    """Pairs are asked for by their coin."""
    return symbol.partition("/")[0]


def news_name(symbol: Symbol) -> str:
    """`BTC/USD` as `CRYPTO:BTC`."""
    coin, slash, _ = symbol.partition("/")
    return f"CRYPTO:{coin}" if slash else symbol


def authorise(ask: Ask, keys: Collection[str]) -> Reply | None:
    """The key is in the query, and the refusal has status 200."""
    key = ask.query.get("apikey", "")
    if key in keys:
        return None
    return answer({"Information": _DEMO} if key == "demo" else {"Error Message": _INVALID_KEY})


def invalid(function: str) -> NoReturn:
    """Decline a wrong symbol or parameter."""
    refuse({"Error Message": _INVALID_CALL.format(function)}, 200)


def number(value: float) -> str:
    """Every number is a string."""
    return f"{value:.4f}"


def whole(value: float) -> str:
    """A volume in whole shares."""
    return str(int(value))


def wall(at: int) -> str:
    """New York's time without saying so."""
    return eastern(at).strftime("%Y-%m-%d %H:%M:%S")


def stock(lens: Lens, symbol: str) -> Instrument | None:
    """The stock of that name, if it shows."""
    found = lens.instrument(Symbol(symbol))
    return found if found and found.asset_class is AssetClass.STOCK else None


def entitled(lens: Lens, ask: Ask) -> Lens:
    """What the entitlement shows: now, a quarter of an hour ago, or the last day that ended."""
    match ask.query.get("entitlement"):
        case "realtime":
            return lens
        case "delayed":
            return lens.delayed(DELAY)
        case _:
            return lens.delayed(lens.now - _last_end(lens))


def _last_end(lens: Lens) -> int:
    closes = [edges[2] for edges in lens.market.sessions() if edges[2] <= lens.now]
    return closes[-1] if closes else midnight(lens.now)


REFUSALS = {
    Fault.THROTTLED: tuple(
        answer(body)
        for body in (
            {"Information": _BURST},
            {"Information": _MINUTE},
            {"Information": _SPARING},
            {"Note": _NOTE},
        )
    ),
    Fault.SERVER_ERROR: (
        Reply(503, b"<html><h1>503 Service Unavailable</h1></html>", content_type="text/html"),
        answer({}, 500),
    ),
    Fault.WRONG_KEY: (answer({"Error Message": _INVALID_KEY}), answer({"Information": _DEMO})),
    Fault.NOT_ENTITLED: (answer({"Information": PREMIUM}),),
    Fault.OUT_OF_CREDIT: (answer({"Information": _DAILY}),),
    Fault.REFUSED_OK: (
        answer({"Error Message": _INVALID_CALL.format("this function")}),
        answer({"Information": PREMIUM}),
        answer({}),
    ),
}
