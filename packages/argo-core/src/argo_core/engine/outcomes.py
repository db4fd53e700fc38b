"""Signals whose horizon is not over: watched from price to price until the rule ends them."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime

from attrs import frozen

from argo_core.consensus.reasons import Direction
from argo_core.market.instrument import Symbol
from argo_core.market.moment import from_micros
from argo_core.market.quote import Quote
from argo_core.signals.outcome import Outcome, Price, Watch
from argo_core.signals.signal import Signal

MICRO = 1_000_000


@frozen
class Resolved:
    """The signal at `index` came to this."""

    index: int
    signal: Signal
    outcome: Outcome


class Outcomes:
    """Watches by the index of their signals, oldest first."""

    def __init__(self) -> None:
        self._watches: dict[int, Watch] = {}

    def watch(self, index: int, signal: Signal) -> None:
        """Begin to watch a signal that is in the log; a HOLD has nothing to watch."""
        if signal.direction is not Direction.HOLD:
            self._watches[index] = Watch(signal)

    def unwitnessed(self, below: int) -> tuple[int, ...]:
        """Watched signals with a smaller index for which no witness has spoken."""
        watches = self._watches.items()
        return tuple(index for index, one in watches if index < below and one.official is None)

    def witnessed(self, index: int, time_s: int) -> None:
        """Count the signal's prices from that second on."""
        if index in self._watches:
            official = from_micros(time_s * MICRO)
            self._watches[index] = self._watches[index].witnessed(official)

    def resolve(
        self, quotes: Mapping[Symbol, Quote], now: datetime, hidden: AbstractSet[int]
    ) -> tuple[Resolved, ...]:
        """Look at the newest prices; what has ended, but for signals that are `hidden` yet.

        An outcome tells which way its signal went, so that it cannot be told before it.
        """
        resolved: list[Resolved] = []
        for index, watch in self._watches.items():
            quote = quotes.get(watch.signal.symbol)
            seen = watch if quote is None else watch.see(Price(quote.at, quote.price))
            self._watches[index] = seen
            outcome = seen.resolve(now)
            if outcome is not None and index not in hidden:
                resolved.append(Resolved(index, seen.signal, outcome))
        return tuple(resolved)

    def forget(self, resolved: Iterable[Resolved]) -> None:
        """Watch these no more: what became of them is in the log."""
        for one in resolved:
            del self._watches[one.index]
