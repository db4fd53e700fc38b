"""Where the engine meets whoever trades: each cycle's prices go to the paper broker first.

A broker outside sees the market by itself. The one inside is told, and before the trader is: what
an order met has to be known before anybody decides on the same prices.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from argo_adapters.brokers.paper import PaperBroker
from argo_core.engine.seen import Seen
from argo_core.errors import BrokerError
from argo_core.events import TradingAlarm
from argo_core.execution.trader import Trader
from argo_core.market.instrument import AssetClass, Symbol
from argo_core.market.session import Phase
from argo_core.ports import Clock, Observer
from argo_core.signals.signal import Signal
from argo_core.trading.trade import Trade

# Half an hour of cycles; whoever is that far behind has worse troubles.
_MOST: Final = 360


class PaperFloor:
    """The engine's `Trading` where the broker is inside; `run` it while the engine runs."""

    def __init__(
        self, trader: Trader, broker: PaperBroker, clock: Clock, observer: Observer
    ) -> None:
        self._trader = trader
        self._broker = broker
        self._clock = clock
        self._observer = observer
        self._waiting: deque[Seen] = deque(maxlen=_MOST)
        self._woken = asyncio.Event()
        self._close: datetime | None = None

    @property
    def recorded(self) -> int:
        """As the trader says."""
        return self._trader.recorded

    def taken_up(self, standing: Sequence[tuple[int, Signal]]) -> None:
        """For the trader."""
        self._trader.taken_up(standing)

    def due(self) -> tuple[Trade, ...]:
        """As the trader says."""
        return self._trader.due()

    def logged(self, indices: Mapping[int, int]) -> None:
        """For the trader."""
        self._trader.logged(indices)

    def seen(self, seen: Seen) -> None:
        """For the broker, and then for the trader."""
        self._waiting.append(seen)
        self._woken.set()

    async def run(self) -> None:
        """Show every cycle to both, until cancelled."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            while self._waiting:
                seen = self._waiting.popleft()
                try:
                    await self._show(seen)
                except BrokerError as error:
                    self._observer.notice(TradingAlarm(self._clock.now(), str(error)))
                self._trader.seen(seen)

    async def _show(self, seen: Seen) -> None:
        session = self._trader.market.session(seen.at)
        if self._close is not None and seen.at >= self._close:
            await self._broker.close_day()
            self._close = None
        if session is not None and seen.at < session.close:
            self._close = session.close
        stocks = [symbol for symbol in seen.quotes if self._is_stock(symbol)]
        await self._broker.observe(
            [seen.quotes[symbol] for symbol in stocks],
            regular=any(seen.phases.get(symbol) is Phase.REGULAR for symbol in stocks),
        )

    def _is_stock(self, symbol: Symbol) -> bool:
        instrument = self._trader.market.instruments.get(symbol)
        return instrument is not None and instrument.asset_class is AssetClass.STOCK
