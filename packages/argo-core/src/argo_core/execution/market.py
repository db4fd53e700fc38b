"""What is known of the markets: the newest cycle's prices, and what changes once a day."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from argo_core.engine.seen import Seen
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Instrument, Symbol, instrument
from argo_core.market.quote import Quote
from argo_core.market.session import Phase, Session
from argo_core.ports import Calendar
from argo_core.trading.views import MarketView

UNKNOWN_SECTOR = "unknown"


class Market:
    """`adv` is the average value traded in a day, by symbol; `halted` what an exchange stopped.

    `cycled` are the prices of cycles alone, without those that came in between. `streaming` says
    whether a stream tells of prices and halts in between; None where there is none.
    """

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
        self.streaming: bool | None = None
        self.quotes: dict[Symbol, Quote] = {}
        self.cycled: dict[Symbol, Quote] = {}
        self._seconds: Mapping[Symbol, Quote] = {}
        self._calendar = calendar

    def see(self, seen: Seen) -> None:
        """Take a cycle's prices."""
        self._seconds = seen.seconds
        self.cycled.update(seen.quotes)
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
        try:
            return self._calendar.phase(self.instrument(symbol), now)
        except InvalidInput:
            return Phase.CLOSED

    def instrument(self, symbol: Symbol) -> Instrument:
        """What it is; what is held of a symbol that is not followed any more has to end, too."""
        return self.instruments.get(symbol) or instrument(symbol)

    def session(self, now: datetime) -> Session | None:
        """The newest session of stocks whose extended hours have begun."""
        return self._calendar.session(now)
