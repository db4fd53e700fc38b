"""Alpaca's newest data of many symbols: snapshots, quotes, news."""

from itertools import islice

from argo_adapters.simulator.alpaca.words import bad, fed, pairs, stock_symbols
from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.market import View
from argo_adapters.simulator.news import Story
from argo_adapters.simulator.paging import mark, marked, whole
from argo_adapters.simulator.stamps import DAY, SECOND, iso, parse_iso
from argo_adapters.simulator.tally import Candle
from argo_adapters.simulator.wire import Ask, Reply, answer
from argo_core.market.instrument import AssetClass, Symbol

NEWS_MOST = 50


def stock_snapshots(lens: Lens, ask: Ask) -> Reply:
    """`/v2/stocks/snapshots`: the top level is the map of symbols."""
    return answer(_snapshots(fed(lens, ask), stock_symbols(ask), AssetClass.STOCK))


def crypto_snapshots(lens: Lens, ask: Ask) -> Reply:
    """`/v1beta3/crypto/us/snapshots`: the same map, wrapped."""
    return answer({"snapshots": _snapshots(lens, pairs(ask), AssetClass.CRYPTO)})


def latest_quotes(lens: Lens, ask: Ask) -> Reply:
    """`/v2/stocks/quotes/latest`."""
    lens = fed(lens, ask)
    views = _views(lens, stock_symbols(ask), AssetClass.STOCK)
    return answer({"quotes": {view.symbol: _quote(view) for view in views}})


def news(lens: Lens, ask: Ask) -> Reply:
    """`/v1beta1/news`, a day back unless told otherwise."""
    query, start = ask.query, 0
    if "page_token" in query:
        resumed = marked(query["page_token"])
        if resumed is None:
            bad("invalid page_token")
        start = int(resumed["offset"])
    limit = whole(query, "limit", 10, NEWS_MOST)
    since = parse_iso(query.get("start", iso(lens.now - DAY)))
    until = parse_iso(query.get("end", iso(lens.now)))
    if limit is None or since is None or until is None:
        bad("invalid limit, start or end")
    symbols = None
    if "symbols" in query:
        # News spells pairs without their slash.
        spelled = {one.replace("/", ""): one for one in lens.market.instruments}
        names = [name.replace("/", "") for name in query["symbols"].split(",")]
        symbols = [spelled[name] for name in names if name in spelled]
    stories = lens.stories(max(since, lens.now - 30 * DAY), until, symbols)
    if query.get("sort", "desc") == "asc":
        stories = reversed(list(stories))
    page = list(islice(stories, start, start + limit + 1))
    token = mark({}, start + limit) if len(page) > limit else None
    return answer({"news": [_story(one) for one in page[:limit]], "next_page_token": token})


def _views(lens: Lens, symbols: list[Symbol], asset_class: AssetClass) -> list[View]:
    views = [view for symbol in symbols if (view := lens.view(symbol))]
    return [view for view in views if view.instrument.asset_class is asset_class]


def _snapshots(
    lens: Lens, symbols: list[Symbol], asset_class: AssetClass
) -> dict[str, dict[str, object]]:
    return {view.symbol: _snapshot(view) for view in _views(lens, symbols, asset_class)}


def _snapshot(view: View) -> dict[str, object]:
    # The newest day that has traded comes first, be it today or an earlier one.
    days = ([view.today] if view.today else []) + list(view.before)
    parts = {
        "minuteBar": view.minute,
        "dailyBar": days[0] if days else None,
        "prevDailyBar": days[1] if len(days) > 1 else None,
    }
    found: dict[str, object] = {"latestTrade": _trade(view), "latestQuote": _quote(view)}
    return found | {name: bar(candle) for name, candle in parts.items() if candle}


def bar(candle: Candle) -> dict[str, object]:
    """A bar as all of Alpaca's replies have it."""
    return {
        "t": iso(candle.start),
        "o": candle.open,
        "h": candle.high,
        "l": candle.low,
        "c": candle.close,
        "v": candle.volume,
        "n": candle.count,
        "vw": candle.vwap,
    }


def _trade(view: View) -> dict[str, object]:
    shared = {"t": iso(view.traded), "p": view.price, "s": view.size}
    number = view.traded // SECOND
    if view.instrument.asset_class is AssetClass.CRYPTO:
        return shared | {"tks": "B", "i": number}
    # Above 2**53, as real ones are, to catch readers that go through a float.
    return shared | {"x": "V", "c": ["@"], "i": (1 << 55) + number, "z": "C"}


def _quote(view: View) -> dict[str, object]:
    shared = {
        "t": iso(view.quoted),
        "ap": view.ask,
        "as": view.ask_size,
        "bp": view.bid,
        "bs": view.bid_size,
    }
    if view.instrument.asset_class is AssetClass.CRYPTO:
        return shared
    return shared | {"ax": "V", "bx": "V", "c": ["R"], "z": "C"}


def _story(story: Story) -> dict[str, object]:
    return {
        "id": story.id,
        "headline": story.title,
        "author": story.author,
        "created_at": iso(story.published),
        "updated_at": iso(story.published),
        "summary": story.summary,
        "content": "",
        "url": story.url,
        "images": [],
        "symbols": [one.symbol.replace("/", "") for one in story.feelings],
        "source": "simulated",
    }
