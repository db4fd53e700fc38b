"""What has been asked, spared and tried, so that the plan knows what is due."""

from datetime import datetime

from attrs import frozen

from argo_core.consensus.opinion import SourceName
from argo_core.market.instrument import Instrument, Symbol
from argo_core.market.quote import Quote


@frozen
class Ask:
    """Ask `source` about `asked`.

    `spared` are those the gate newly found not worth asking about. An `occasion` is a plan in which
    the gate had something to say, whether it closed or let the ask explore.
    """

    source: SourceName
    asked: tuple[Instrument, ...]
    spared: tuple[Symbol, ...] = ()
    occasion: bool = False


@frozen
class Asked:
    """When a symbol was last asked about, and the quote it had then."""

    at: datetime
    quote: Quote | None


class AskBook:
    """Ask times by source and symbol."""

    def __init__(self) -> None:
        self._asked: dict[SourceName, dict[Symbol, Asked]] = {}
        self._spared: dict[SourceName, dict[Symbol, datetime]] = {}
        self._occasions: dict[SourceName, int] = {}

    def note(self, ask: Ask, quotes: dict[Symbol, Quote], now: datetime) -> None:
        """Remember the ask, the prices it was made at, and whom the gate spared."""
        asked = self._asked.setdefault(ask.source, {})
        for instrument in ask.asked:
            asked[instrument.symbol] = Asked(now, quotes.get(instrument.symbol))
        self._spared.setdefault(ask.source, {}).update(dict.fromkeys(ask.spared, now))
        if ask.occasion:
            self._occasions[ask.source] = self.occasions(ask.source) + 1

    def forget(self, ask: Ask) -> None:
        """The ask failed, so that its symbols are as due as before."""
        asked = self._asked.get(ask.source, {})
        for instrument in ask.asked:
            asked.pop(instrument.symbol, None)

    def last(self, source: SourceName, symbol: Symbol) -> Asked | None:
        """The last ask about the symbol, or None."""
        return self._asked.get(source, {}).get(symbol)

    def spared_within(
        self, source: SourceName, symbol: Symbol, seconds: float, now: datetime
    ) -> bool:
        """Whether the gate spared the symbol less than that many seconds ago."""
        at = self._spared.get(source, {}).get(symbol)
        return at is not None and (now - at).total_seconds() < seconds

    def occasions(self, source: SourceName) -> int:
        """How often the gate has had a say on this source."""
        return self._occasions.get(source, 0)
