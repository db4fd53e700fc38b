"""The newest price of each feed, by symbol: a second word on what something is worth."""

from collections.abc import Mapping

from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote

MOST_FEEDS = 4
"""Of so many feeds a symbol's prices are kept; past that the oldest goes."""


class Feeds:
    """Remembers prices; decides nothing."""

    def __init__(self) -> None:
        self._newest: dict[Symbol, dict[str, Quote]] = {}

    def observe(self, quote: Quote) -> None:
        """Take one price in, unless its feed gave a newer one before."""
        mine = self._newest.setdefault(quote.symbol, {})
        held = mine.get(quote.feed)
        if held is not None and quote.at < held.at:
            return
        mine[quote.feed] = quote
        if len(mine) > MOST_FEEDS:
            del mine[min(mine, key=lambda feed: mine[feed].at)]

    def others(self, quotes: Mapping[Symbol, Quote]) -> Mapping[Symbol, Quote]:
        """The newest price of any other feed than each of `quotes` is from, where there is one."""
        found: dict[Symbol, Quote] = {}
        for symbol, quote in quotes.items():
            others = [
                one for one in self._newest.get(symbol, {}).values() if one.feed != quote.feed
            ]
            if others:
                found[symbol] = max(others, key=lambda one: one.at)
        return found
