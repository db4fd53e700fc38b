"""What has been asked, spared and tried, so that the plan knows what is due."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from attrs import frozen

from argo_core.consensus.formed import Formed
from argo_core.consensus.opinion import SourceName
from argo_core.market.instrument import Instrument, Symbol
from argo_core.resilience.freshness import Entry


@frozen
class Wish:
    """A symbol to ask about, and its price now.

    An answer that is younger than `enough_s` will do; a new one may live for `ttl_s`.
    """

    instrument: Instrument
    price: Decimal | None
    enough_s: float
    ttl_s: float


@frozen
class Ask:
    """Ask `source` about what `wishes` say.

    `spared` are those the gate newly found not worth asking about. An `occasion` is a plan in which
    the gate had something to say, whether it closed or let the ask explore.
    """

    source: SourceName
    wishes: tuple[Wish, ...]
    spared: tuple[Symbol, ...] = ()
    occasion: bool = False

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """Whom it is about."""
        return tuple(wish.instrument.symbol for wish in self.wishes)


@frozen
class Asked:
    """When a symbol was last asked about, and the price it had then."""

    at: datetime
    price: Decimal | None


class AskBook:
    """Ask times by source and symbol."""

    def __init__(self) -> None:
        self._asked: dict[SourceName, dict[Symbol, Asked]] = {}
        self._spared: dict[SourceName, dict[Symbol, datetime]] = {}
        self._occasions: dict[SourceName, int] = {}

    def note(self, ask: Ask, now: datetime) -> None:
        """Remember the ask, the prices it was made at, and whom the gate spared."""
        asked = self._asked.setdefault(ask.source, {})
        for wish in ask.wishes:
            asked[wish.instrument.symbol] = Asked(now, wish.price)
        self._spared.setdefault(ask.source, {}).update(dict.fromkeys(ask.spared, now))
        if ask.occasion:
            self._occasions[ask.source] = self.occasions(ask.source) + 1

    def note_answers(self, source: SourceName, entries: Iterable[Entry[Formed]]) -> None:
        """An answer may have been asked for earlier, by this process or by another."""
        asked = self._asked.setdefault(source, {})
        for entry in entries:
            asked[entry.value.opinion.symbol] = Asked(entry.stored_at, entry.value.price)

    def forget(self, source: SourceName, symbols: Iterable[Symbol]) -> None:
        """The ask failed, so that these symbols are as due as before."""
        asked = self._asked.get(source, {})
        for symbol in symbols:
            asked.pop(symbol, None)

    def asked(self, source: SourceName) -> Mapping[Symbol, Asked]:
        """The last ask about each symbol that was asked about."""
        return self._asked.get(source, {})

    def spared_within(
        self, source: SourceName, symbol: Symbol, seconds: float, now: datetime
    ) -> bool:
        """Whether the gate spared the symbol less than that many seconds ago."""
        at = self._spared.get(source, {}).get(symbol)
        return at is not None and (now - at).total_seconds() < seconds

    def occasions(self, source: SourceName) -> int:
        """How often the gate has had a say on this source."""
        return self._occasions.get(source, 0)
