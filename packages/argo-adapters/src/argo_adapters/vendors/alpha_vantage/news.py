"""News sentiment, read once for all symbols and remembered for a while."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from attrs import frozen

from argo_adapters.http.fields import Node
from argo_adapters.vendors.alpha_vantage.eastern import news_moment
from argo_core.consensus.rules.quotes_and_news import OLDEST_NEWS, NewsItem
from argo_core.errors import InvalidInput, VendorGarbled
from argo_core.market.instrument import Symbol

OVERLAP = timedelta(minutes=15)
"""An article may be listed some minutes after the time it says it was published."""

MOST_ARTICLES = 3_000
MOST_TICKERS = 60
LIMIT = "1000"
_LONGEST_TICKER = 24


@frozen
class Article:
    """What an article says about tickers in the vendor's spelling; `key` stands for its address."""

    key: bytes
    published: datetime
    views: tuple[tuple[str, NewsItem], ...]


def read_news(root: Node, now: datetime) -> tuple[Article, ...]:
    """The articles of an answer to NEWS_SENTIMENT, except those from the future.

    An article that cannot be read is left out.

    Raises:
        VendorGarbled: there is no feed, or nothing in it can be read.
    """
    rows = list(root["feed"].rows())
    articles: list[Article] = []
    for row in rows:
        try:
            articles.append(_article(row))
        except VendorGarbled:
            continue
    if rows and not articles:
        raise VendorGarbled(root.source, f"none of {len(rows)} articles can be read")
    return tuple(one for one in articles if one.published <= now)


class Newsroom:
    """The articles of the last days, each once, and from when on to ask for more."""

    def __init__(self) -> None:
        self._articles: dict[bytes, Article] = {}
        self._newest: datetime | None = None

    def __len__(self) -> int:
        return len(self._articles)

    def since(self, now: datetime) -> str:
        """The parameter `time_from` of the next call."""
        oldest = now - OLDEST_NEWS
        start = oldest if self._newest is None else max(oldest, self._newest - OVERLAP)
        return start.strftime("%Y%m%dT%H%M")

    def add(self, articles: tuple[Article, ...], now: datetime) -> None:
        """Remember these; the later answer about an article counts, the oldest are forgotten."""
        self._articles |= {one.key: one for one in articles}
        kept = sorted(
            (one for one in self._articles.values() if one.published > now - OLDEST_NEWS),
            key=lambda one: (one.published, one.key),
        )[-MOST_ARTICLES:]
        self._articles = {one.key: one for one in kept}
        if kept:
            self._newest = kept[-1].published

    def about(self, tickers: Mapping[str, Symbol]) -> dict[Symbol, tuple[NewsItem, ...]]:
        """The items about each symbol, whose news tickers are the keys."""
        found: dict[Symbol, list[NewsItem]] = {}
        for article in self._articles.values():
            for ticker, item in article.views:
                if symbol := tickers.get(ticker):
                    found.setdefault(symbol, []).append(item)
        return {symbol: tuple(items) for symbol, items in found.items()}


def _article(row: Node) -> Article:
    published = news_moment(row["time_published"])
    key = hashlib.sha256(row["url"].text().encode()).digest()[:16]
    views = dict(_views(row["ticker_sentiment"], published))
    return Article(key, published, tuple(views.items()))


def _views(rows: Node, published: datetime) -> Iterator[tuple[str, NewsItem]]:
    for place, row in enumerate(rows.rows()):
        if place >= MOST_TICKERS:
            return
        try:
            ticker = row["ticker"].text()
            sentiment = row["ticker_sentiment_score"].number_in_text()
            relevance = row["relevance_score"].number_in_text()
            item = NewsItem(sentiment, relevance, published)
        except (VendorGarbled, InvalidInput):
            continue
        if len(ticker) <= _LONGEST_TICKER:
            yield ticker, item
