"""The engine's side of trading: each trade goes into the record once, and each cycle is shown."""

from collections.abc import Mapping
from datetime import datetime

from argo_core.codec.signal import read_signal
from argo_core.engine.desk import Edition
from argo_core.engine.inputs import Started, Traded
from argo_core.engine.known import Known
from argo_core.engine.outside import Trading
from argo_core.engine.seen import Seen
from argo_core.engine.trades_taken_up import trades_taken_up
from argo_core.ledger.entry import decode_entry
from argo_core.market.instrument import Symbol
from argo_core.market.session import Phase
from argo_core.ports import SignalLog
from argo_core.signals.signal import Signal
from argo_core.trading.trade import Trade


class TradingSide:
    """Asks and tells `trading`, if there is any; nothing but the start awaits anything."""

    def __init__(self, trading: Trading | None) -> None:
        self._trading = trading
        self._taken_up: tuple[Trade, ...] = ()
        self._published: list[tuple[int, Signal]] = []

    async def start(self, log: SignalLog, strategy: str, started: Started) -> None:
        """Show what stands, and find what is due and in the log already: its writer had died.

        Raises:
            LogError: the log cannot be read.
        """
        if self._trading is None:
            return
        standing = [one for one in started.standing if decode_entry(one.body).strategy == strategy]
        self._trading.taken_up([(one.index, read_signal(one.body)) for one in standing])
        due, first = self._trading.due(), self._trading.recorded
        indices = await trades_taken_up(log, due, strategy, first, started.size)
        if indices:
            self._trading.logged(indices)
        self._taken_up = tuple(one for one in due if one.number not in indices)

    def due(self) -> Traded | None:
        """What the desk is to be given, or None if there is nothing."""
        if self._trading is None:
            return None
        trades, self._taken_up = self._taken_up + self._trading.due(), ()
        return Traded(trades) if trades else None

    def settled(self, edition: Edition) -> None:
        """The log has taken this edition."""
        if self._trading is None:
            return
        for one in edition.decisions:
            if one.signal is not None:
                self._published.append((edition.indices[one.signal.id], one.signal))
        if edition.traded:
            self._trading.logged(edition.traded)

    def show(self, known: Known, phases: Mapping[Symbol, Phase], now: datetime) -> None:
        """Show what a cycle left behind, whether the log took its batch or not."""
        if self._trading is None:
            return
        published, self._published = tuple(self._published), []
        self._trading.seen(Seen(now, published, dict(known.quotes), known.seconds(), phases))
