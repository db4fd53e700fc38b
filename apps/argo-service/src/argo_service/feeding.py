"""Who tells the engine something: vendors of opinions and prices, the fallback, who writes."""

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

import aiohttp
from attrs import frozen

from argo_adapters.vendors.yfinance.chart import chart_fetcher
from argo_adapters.vendors.yfinance.fetched import YFINANCE
from argo_adapters.vendors.yfinance.library import LibraryBars, library_download
from argo_adapters.vendors.yfinance.source import YfinanceQuotes
from argo_core.engine.outside import Writing
from argo_core.ports import Clock, History, OpinionSource, Quotes
from argo_service.config.tree import Settings
from argo_service.guarding import Guards
from argo_service.vendors import KnownPrice, plug_in
from argo_service.writing import plug_in_reasoner, writing


@frozen
class Feeds:
    """Opinions, prices in the order in which they are asked for, their past, and words."""

    sources: tuple[OpinionSource, ...]
    quotes: tuple[Quotes, ...]
    history: History
    writing: Writing | None


@asynccontextmanager
async def feeding(
    settings: Settings,
    session: aiohttp.ClientSession,
    clock: Clock,
    guards: Guards,
    known_price: KnownPrice,
    *,
    yahoo_url: str | None,
) -> AsyncIterator[Feeds]:
    """Everybody who is switched on, each behind its turnstile, until the block ends.

    `yahoo_url` is a simulator's Yahoo; the real one is reached through its library alone.

    Raises:
        InvalidSetting: a vendor refused one of its settings.
    """
    turnstiles, keys, shields = guards.turnstiles, guards.live.keys, guards.shields
    vendors = plug_in(settings, session, clock, known_price, turnstiles=turnstiles, keys=keys)
    reasoner = plug_in_reasoner(settings, session, clock, turnstiles, keys)
    words = None if reasoner is None else writing(settings, reasoner, shields, guards.shared)
    with ExitStack() as stack:
        quotes: tuple[Quotes, ...] = (vendors.prices,)
        if settings.yfinance.enabled:
            turnstile = turnstiles[YFINANCE]
            if yahoo_url is not None:
                fetch = chart_fetcher(session, yahoo_url, turnstile=turnstile)
                quotes += (YfinanceQuotes(clock, fetch),)
            else:
                library = LibraryBars(library_download(), turnstile=turnstile)
                stack.callback(library.close)
                quotes += (YfinanceQuotes(clock, library),)
        yield Feeds(vendors.sources, quotes, vendors.history, words)
