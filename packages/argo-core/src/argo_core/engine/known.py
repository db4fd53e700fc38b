"""What is known, and nothing but: refreshes write it, decisions read it."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from attrs import frozen

from argo_core.consensus.opinion import Opinion, SourceName
from argo_core.consensus.reasons import Reason
from argo_core.engine.feeds import Feeds
from argo_core.engine.inputs import (
    Failed,
    Journal,
    Learned,
    Observed,
    Recovered,
    Warmed,
    unrecorded,
)
from argo_core.engine.market_state import MarketState
from argo_core.engine.picture import Basis, Decision, Outcome, Picture
from argo_core.engine.priority import prioritise
from argo_core.engine.raws import Raws, well_formed
from argo_core.errors import InvalidInput, VendorError
from argo_core.market.bar import Bar
from argo_core.market.instrument import Instrument, Symbol
from argo_core.market.quote import Quote
from argo_core.market.session import Phase
from argo_core.signals.signal import Signal

# Vendors' clocks and ours differ a little; what is further ahead than this cannot be true.
FUTURE = timedelta(seconds=5)
# The longest that a vendor's limit lasts is until its next day.
LONGEST_PAUSE_S = 86_400.0

_NONE: Mapping[SourceName, Opinion] = {}
_NO_RAWS: Mapping[str, bytes] = {}


@frozen
class Failure:
    """A source's last ask was an error: since `at`, `times` in a row."""

    at: datetime
    times: int
    error: VendorError

    @property
    def pause_s(self) -> float:
        """How long the source asked to be left alone; a day at most, and never "for ever"."""
        return min(LONGEST_PAUSE_S, _wish_s(self.error) or 0.0)


class Known:
    """Quotes, opinions, markets and failures by symbol and source, and what stands published."""

    def __init__(self, instruments: Sequence[Instrument], journal: Journal = unrecorded) -> None:
        self._journal = journal
        self.instruments: Mapping[Symbol, Instrument] = {one.symbol: one for one in instruments}
        if len(self.instruments) != len(instruments):
            raise InvalidInput("instruments", "a symbol is given twice", "name each symbol once")
        self.quotes: dict[Symbol, Quote] = {}
        self.opinions: dict[Symbol, Mapping[SourceName, Opinion]] = {}
        self.failures: dict[SourceName, Failure] = {}
        self.standing: dict[Symbol, Signal] = {}
        self.decisions: dict[Symbol, Decision] = {}
        self._raws = Raws()
        self._feeds = Feeds()
        self._evaluations: dict[Symbol, Decision] = {}
        self._outdated: set[Symbol] = set()
        self._markets = {symbol: MarketState() for symbol in self.instruments}

    def observe(self, quotes: Iterable[Quote], now: datetime) -> int:
        """Take newer prices in; the older, the future and the unknown are dropped and counted.

        So is a price below two ticks: it leaves no room for a level beneath it, and one move on
        its grid would double or halve it.
        """
        quotes = tuple(quotes)
        self._journal(Observed(now, quotes))
        dropped = 0
        for quote in quotes:
            instrument = self.instruments.get(quote.symbol)
            held = self.quotes.get(quote.symbol)
            if instrument is None or quote.at > now + FUTURE or quote.price < 2 * instrument.tick:
                dropped += 1
                continue
            self._feeds.observe(quote)
            if held is not None and quote.at < held.at:
                dropped += 1
                continue
            self.quotes[quote.symbol] = quote
            self._markets[quote.symbol].observe(quote)
        return dropped

    def seconds(self) -> Mapping[Symbol, Quote]:
        """The newest price of any other feed than the one whose price is held, where there is."""
        return self._feeds.others(self.quotes)

    def warm(self, bars: Iterable[Bar]) -> None:
        """Start each symbol's market state from its past bars, sorted by time."""
        by_symbol: dict[Symbol, list[Bar]] = {}
        for bar in bars:
            by_symbol.setdefault(bar.symbol, []).append(bar)
        for symbol, past in by_symbol.items():
            if symbol in self._markets:
                self._journal(Warmed(tuple(past)))
                self._markets[symbol].warm(past)

    def learn(
        self,
        source: SourceName,
        opinions: Iterable[Opinion],
        now: datetime,
        raws: Mapping[str, bytes] = _NO_RAWS,
    ) -> int:
        """Take newer opinions of `source` in; whatever does not belong is dropped and counted.

        `raws` are the replies that they were read from, where the source is a language model.
        """
        opinions = tuple(opinions)
        raws = well_formed(raws, (one.raw_sha256 for one in opinions)) if raws else _NO_RAWS
        self._journal(Learned(now, source, opinions, raws))
        dropped = 0
        for opinion in opinions:
            mine = self.opinions.get(opinion.symbol, {})
            held = mine.get(source)
            stale = held is not None and opinion.as_of < held.as_of
            foreign = opinion.source != source or opinion.symbol not in self.instruments
            if foreign or stale or opinion.as_of > now + FUTURE:
                dropped += 1
                continue
            # A new mapping each time, so that a decision's basis never changes behind its back.
            self.opinions[opinion.symbol] = {**mine, source: opinion}
        every = (one for mine in self.opinions.values() for one in mine.values())
        self._raws.keep(raws, (one.raw_sha256 for one in every))
        return dropped

    def raws(self, signal: Signal) -> dict[str, bytes]:
        """The replies that the signal rests on, as far as the record does not have them yet."""
        return self._raws.of(part.raw_sha256 for part in signal.contributions)

    def recover(self, source: SourceName) -> None:
        """Note that the source answered."""
        self._journal(Recovered(source))
        self.failures.pop(source, None)

    def fail(self, source: SourceName, error: VendorError, now: datetime) -> None:
        """Note that the source's ask was an error."""
        name, wish_s = type(error).__name__, _wish_s(error)
        self._journal(Failed(now, source, name, error.problem, wish_s))
        before = self.failures.get(source)
        self.failures[source] = Failure(now, before.times + 1 if before else 1, error)

    def settle(self, decisions: Iterable[Decision]) -> None:
        """Remember what was decided; call it once the signals among them are durable."""
        for decision in decisions:
            self.decisions[decision.symbol] = decision
            if decision.outcome is not Outcome.SKIP or decision.reason is not Reason.UNCHANGED:
                self._evaluations[decision.symbol] = decision
                self._outdated.discard(decision.symbol)
            if decision.signal is not None:
                self.standing[decision.symbol] = decision.signal
                self._raws.recorded(part.raw_sha256 for part in decision.signal.contributions)

    def reconsider(self) -> None:
        """Have every symbol evaluated anew, whether anything new is known of it or not."""
        self._outdated |= self._evaluations.keys()

    def market(self, symbol: Symbol) -> MarketState:
        """How the symbol has moved."""
        return self._markets[symbol]

    def order(self) -> tuple[Symbol, ...]:
        """All symbols, the most volatile first."""
        return prioritise(self.instruments, {s: m.sigma for s, m in self._markets.items()})

    def pictures(
        self, phases: Mapping[Symbol, Phase], sources: Iterable[SourceName]
    ) -> tuple[Picture, ...]:
        """What there is to decide on, the most volatile symbol first."""
        failed = frozenset(sources) & self.failures.keys()
        return tuple(
            Picture(
                instrument=self.instruments[symbol],
                basis=Basis(
                    phase=phases[symbol],
                    quote=self.quotes.get(symbol),
                    opinions=self.opinions.get(symbol, _NONE),
                    failed=failed,
                    sigma=self._markets[symbol].sigma,
                    regime=self._markets[symbol].regime,
                ),
                standing=self.standing.get(symbol),
                last=None if symbol in self._outdated else self._evaluations.get(symbol),
                usual_sigma=self._markets[symbol].usual_sigma,
            )
            for symbol in self.order()
        )

    def evaluation(self, symbol: Symbol) -> Decision | None:
        """The last decision that was really evaluated, not skipped."""
        return self._evaluations.get(symbol)


def _wish_s(error: VendorError) -> float | None:
    """How long the vendor wishes to be left alone; "for ever" is no wish that anybody can keep."""
    wish_s = error.retry_after_s
    return wish_s if wish_s is not None and math.isfinite(wish_s) else None
