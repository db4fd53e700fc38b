"""Alpaca's historical bars: many symbols, one limit for all of them together."""

import re
from collections.abc import Callable

from attrs import evolve

from argo_adapters.simulator.alpaca.snapshots import bar
from argo_adapters.simulator.alpaca.words import bad, fed, pairs, stock_symbols
from argo_adapters.simulator.bars import gathered
from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.paging import mark, marked, whole
from argo_adapters.simulator.stamps import HOUR, MINUTE, eastern, midnight, parse_iso
from argo_adapters.simulator.tally import Candle
from argo_adapters.simulator.wire import Ask, Reply, answer
from argo_core.market.instrument import Symbol

MOST = 10_000

Before = Callable[[Lens, Symbol, int, int], list[Candle]]

_BEFORE = 400
_SATURDAY = 5

_TIMEFRAME = re.compile(r"([1-9][0-9]?)(Min|Hour)|(1)(Day)")
_ADJUSTMENTS = {"raw", "split", "dividend", "spin-off", "all"}
_SPANS = {"Min": ("minute", 59), "Hour": ("hour", 23), "Day": ("day", 1)}


def stock_bars(lens: Lens, ask: Ask) -> Reply:
    """`/v2/stocks/bars`."""
    if ask.query.get("adjustment", "raw") not in _ADJUSTMENTS:
        bad("invalid adjustment")
    return _bars(fed(lens, ask), ask, stock_symbols(ask), before=_earlier)


def crypto_bars(lens: Lens, ask: Ask) -> Reply:
    """`/v1beta3/crypto/us/bars`."""
    return _bars(lens, ask, pairs(ask))


def _bars(lens: Lens, ask: Ask, symbols: list[Symbol], before: Before | None = None) -> Reply:
    multiplier, span = _timeframe(ask.query.get("timeframe", ""))
    limit = whole(ask.query, "limit", 1_000, MOST)
    if limit is None:
        bad(f"limit must be between 1 and {MOST}")
    since = _moment(ask, "start", midnight(lens.now))
    until = _moment(ask, "end", lens.now)
    if since > until:
        bad("end should not be before start")
    first, skipped = _resumed(ask)
    found: dict[str, list[dict[str, object]]] = {}
    left = limit
    for symbol in symbols:
        if symbol < first:
            continue
        rows = gathered(lens.minutes(symbol, since, until + MINUTE), multiplier, span)
        if span == "day" and before:
            rows = [*before(lens, symbol, since, until), *rows]
        if ask.query.get("sort", "asc") == "desc":
            rows.reverse()
        begin = skipped if symbol == first else 0
        page = rows[begin : begin + left]
        if page:
            found[symbol] = [bar(candle) for candle in page]
        left -= len(page)
        if begin + len(page) < len(rows):
            token = mark({"symbol": symbol}, begin + len(page))
            return answer({"bars": found, "next_page_token": token})
    return answer({"bars": found, "next_page_token": None})


def _earlier(lens: Lens, symbol: Symbol, since: int, until: int) -> list[Candle]:
    """Invented days before the recording: its own whole days over and over, on weekdays.

    A tape has a week at most, and whoever wants to know how much trades in a day asks for a month.
    """
    recorded = [day for day in lens.days(symbol) if midnight(day.start) < midnight(lens.now)]
    found: list[Candle] = []
    day = midnight(recorded[0].start) if recorded else 0
    for _ in range(_BEFORE if recorded else 0):
        day = midnight(day - HOUR)
        if day < since:
            break
        if day <= until and eastern(day).weekday() < _SATURDAY:
            found.append(evolve(recorded[-1 - len(found) % len(recorded)], start=day))
    return found[::-1]


def _timeframe(text: str) -> tuple[int, str]:
    found = _TIMEFRAME.fullmatch(text)
    if found is None:
        bad(f"invalid timeframe: {text[:40]}")
    multiplier = int(found[1] or found[3])
    span, most = _SPANS[found[2] or found[4]]
    if multiplier > most:
        bad(f"invalid timeframe: {text[:40]}")
    return multiplier, span


def _moment(ask: Ask, name: str, default: int) -> int:
    if name not in ask.query:
        return default
    moment = parse_iso(ask.query[name])
    if moment is None:
        bad(f"invalid {name}: {ask.query[name][:40]}")
    return moment


def _resumed(ask: Ask) -> tuple[str, int]:
    """The symbol a page begins with, and how many of its bars came before."""
    if "page_token" not in ask.query:
        return "", 0
    resumed = marked(ask.query["page_token"])
    if resumed is None:
        bad("invalid page_token")
    return resumed.get("symbol", ""), int(resumed["offset"])
