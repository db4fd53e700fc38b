"""What is known of the markets: the newest cycle's prices, and what changes once a day."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from argo_core.engine.seen import Seen
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Instrument, Symbol
from argo_core.market.quote import Quote
from argo_core.market.session import Phase, Session
from argo_core.ports import Calendar
from argo_core.trading.views import MarketView

UNKNOWN_SECTOR = "unknown"


class Market:
    """`adv` is the average value traded in a day, by symbol; `halted` what an exchange stopped."""

    def __init__(
        self,
        instruments: Sequence[Instrument],
        calendar: Calendar,
        sectors: Mapping[Symbol, str],
    ) -> None:
        self.instruments: Mapping[Symbol, Instrument] = {one.symbol: one for one in instruments}
        self.sectors = sectors
        self.adv: Mapping[Symbol, Decimal] = {}
        self.halted: set[Symbol] = set()
        self.quotes: dict[Symbol, Quote] = {}
        self._seconds: Mapping[Symbol, Quote] = {}
        self._calendar = calendar

    def see(self, seen: Seen) -> None:
        """Take a cycle's prices."""
        self._seconds = seen.seconds
        for quote in seen.quotes.values():
            self.observe(quote)

    def observe(self, quote: Quote) -> None:
        """Take one price, unless a newer one is there."""
        held = self.quotes.get(quote.symbol)
        if held is None or quote.at >= held.at:
            self.quotes[quote.symbol] = quote

    def view(self, symbol: Symbol, now: datetime) -> MarketView:
        """The symbol's market, for the risk rules."""
        return MarketView(
            quote=self.quotes.get(symbol),
            phase=self.phase(symbol, now),
            session=self.session(now),
            second=self._seconds.get(symbol),
            adv=self.adv.get(symbol),
            sector=self.sectors.get(symbol, UNKNOWN_SECTOR),
            halted=symbol in self.halted,
        )

    def phase(self, symbol: Symbol, now: datetime) -> Phase:
        """The session phase; closed where nobody can say."""
        instrument = self.instruments.get(symbol)
        if instrument is None:
            return Phase.CLOSED
        try:
            return self._calendar.phase(instrument, now)
        except InvalidInput:
            return Phase.CLOSED

    def session(self, now: datetime) -> Session | None:
        """The newest session of stocks whose extended hours have begun."""
        return self._calendar.session(now)
