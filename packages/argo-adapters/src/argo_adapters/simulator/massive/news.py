"""Massive's news and market status."""

from collections.abc import Iterator
from itertools import islice

from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.massive.pages import next_url, resumed
from argo_adapters.simulator.massive.words import bad, read, spell
from argo_adapters.simulator.news import NEUTRAL, Story
from argo_adapters.simulator.paging import whole
from argo_adapters.simulator.stamps import DAY, eastern, iso, parse_iso
from argo_adapters.simulator.wire import Ask, Reply, answer
from argo_core.market.instrument import instrument
from argo_core.market.session import Phase

MOST = 1_000
LOOKBACK = 3 * DAY

_STOCKS = instrument("ANY")
_WORDS = {Phase.CLOSED: "closed", Phase.REGULAR: "open"}


def news(lens: Lens, ask: Ask) -> Reply:
    """`/v2/reference/news`, for one ticker or for all; three days back unless told otherwise."""
    query, start = resumed(ask)
    limit = whole(query, "limit", 10, MOST)
    if limit is None:
        bad(ask, f"'limit' must be a number from 1 to {MOST}")
    since, until = _span(lens, ask, query)
    symbols = [read(query["ticker"])] if "ticker" in query else None
    stories: Iterator[Story] = (
        one for one in lens.stories(since, until, symbols) if _shows(lens, one)
    )
    if query.get("order", "desc") == "asc":
        stories = reversed(list(stories))
    page = list(islice(stories, start, start + limit + 1))
    more, page = len(page) > limit, page[:limit]
    payload: dict[str, object] = {
        "status": "OK",
        "request_id": ask.id,
        "count": len(page),
        "results": [_row(story) for story in page],
    }
    if more:
        payload["next_url"] = next_url(ask, "/v2/reference/news", query, start + limit)
    return answer(payload)


def status(lens: Lens, ask: Ask) -> Reply:
    """`/v1/marketstatus/now`."""
    phase = lens.phase(_STOCKS)
    word = _WORDS.get(phase, "extended-hours")
    exchange = dict.fromkeys(("nyse", "nasdaq", "otc"), word)
    return answer(
        {
            "market": word,
            "earlyHours": phase is Phase.PRE,
            "afterHours": phase is Phase.POST,
            "serverTime": eastern(lens.shown).isoformat(timespec="seconds"),
            "exchanges": exchange,
            "currencies": {"fx": "open", "crypto": "open"},
            "indicesGroups": {"s_and_p": word, "nasdaq": word, "dow_jones": word},
        }
    )


def _span(lens: Lens, ask: Ask, query: dict[str, str]) -> tuple[int, int]:
    since, until = lens.now - LOOKBACK, lens.now
    for suffix in ("gte", "gt", "lte", "lt"):
        text = query.get(f"published_utc.{suffix}")
        if text is None:
            continue
        edge = parse_iso(text)
        if edge is None:
            bad(ask, f"'published_utc.{suffix}' is not a date")
        if suffix.startswith("g"):
            since = edge + (suffix == "gt")
        else:
            until = min(until, edge - (suffix == "lt"))
    return max(since, lens.now - 10 * LOOKBACK), until


def _shows(lens: Lens, story: Story) -> bool:
    return not any(one.symbol in lens.hidden for one in story.feelings)


def _row(story: Story) -> dict[str, object]:
    return {
        "id": f"sim{story.id}",
        "publisher": {
            "name": story.source,
            "homepage_url": "https://example.com",
            "logo_url": "https://example.com/logo.png",
            "favicon_url": "https://example.com/icon.png",
        },
        "title": story.title,
        "author": story.author,
        "published_utc": iso(story.published),
        "article_url": story.url,
        "amp_url": story.url,
        "image_url": "https://example.com/image.png",
        "description": story.summary,
        "keywords": ["simulated", story.topic],
        "tickers": [spell(one.symbol) for one in story.feelings],
        "insights": [
            {
                "ticker": spell(one.symbol),
                "sentiment": _word(one.score),
                "sentiment_reasoning": "Invented from the price's past, for a simulation.",
            }
            for one in story.feelings
        ],
    }


def _word(score: float) -> str:
    if abs(score) < NEUTRAL:
        return "neutral"
    return "positive" if score > 0 else "negative"
