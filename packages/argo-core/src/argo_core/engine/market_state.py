"""One symbol's market as it is observed: volatility, minutes, indicators, regime."""

import math
from collections.abc import Sequence

from attrs import evolve

from argo_core.consensus.regime import Regime, classify
from argo_core.market.bar import Bar
from argo_core.market.indicators import WARM_UP, Technicals
from argo_core.market.minutes import Minute, broken
from argo_core.market.quote import Quote
from argo_core.market.volatility import Volatility, from_bars
from argo_core.resilience.jumps import SESSION_S, JumpRate

# What is usual for a symbol is what it did over about a session.
USUAL_HALF_LIFE_S = SESSION_S


_NO_JUMPS = JumpRate()


class MarketState:
    """Takes prices in order of time; O(1) for each."""

    def __init__(self) -> None:
        self._volatility = Volatility()
        self._usual = Volatility(USUAL_HALF_LIFE_S)
        self._jumps = 0
        self._watched_s = 0.0
        self._minute: Minute | None = None
        self._quote: Quote | None = None
        self._technicals: Technicals | None = None

    @property
    def sigma(self) -> float | None:
        """Volatility per square root of a session second, None until known."""
        return self._volatility.sigma

    @property
    def usual_sigma(self) -> float | None:
        """What `sigma` has been over about a session, None until known."""
        return self._usual.sigma

    @property
    def volatility(self) -> Volatility:
        """The estimate behind `sigma`, with how much time it rests on."""
        return self._volatility

    @property
    def jumps(self) -> JumpRate:
        """How often the price has jumped."""
        return evolve(_NO_JUMPS, jumps=self._jumps, seconds=self._watched_s)

    @property
    def regime(self) -> Regime:
        """The regime as of the last complete minute."""
        return Regime.UNKNOWN if self._technicals is None else classify(self._technicals.reading)

    def warm(self, bars: Sequence[Bar]) -> None:
        """Start from past bars of this symbol, sorted by time; too few still give a volatility."""
        self._volatility = from_bars(bars)
        self._usual = from_bars(bars, USUAL_HALF_LIFE_S)
        if len(bars) >= WARM_UP:
            self._technicals = Technicals(bars)

    def observe(self, quote: Quote) -> None:
        """Take one price in; one that is not newer than the last changes nothing."""
        before = self._quote
        if before is not None and quote.at <= before.at:
            return
        self._quote = quote
        price = float(quote.price)
        if before is None or broken(before.at, quote.at):
            self._volatility = self._volatility.rebase(price)
            self._usual = self._usual.rebase(price)
        else:
            elapsed_s = (quote.at - before.at).total_seconds()
            move = math.log(price) - math.log(float(before.price))
            if (sigma := self._volatility.sigma) is not None:
                self._jumps += _NO_JUMPS.is_jump(move, elapsed_s, sigma)
                self._watched_s += elapsed_s
            self._volatility = self._volatility.moved(price, move, elapsed_s)
            self._usual = self._usual.moved(price, move, elapsed_s)
        self._fold(quote, price)

    def _fold(self, quote: Quote, price: float) -> None:
        if self._minute is None:
            self._minute = Minute.begin(quote.symbol, price, quote.at)
            return
        self._minute, closed = self._minute.observe(price, quote.at)
        if closed is not None and self._technicals is not None:
            self._technicals.update(closed)
