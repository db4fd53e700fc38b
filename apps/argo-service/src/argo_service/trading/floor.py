"""Where the engine meets whoever trades: all prices go to the paper broker first.

A broker outside sees the market by itself. The one inside is told, and before the trader is: what
an order met has to be known before anybody decides on the same prices.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from typing import Final

from argo_adapters.brokers.paper import PaperBroker
from argo_core.engine.seen import Seen
from argo_core.errors import BrokerError
from argo_core.events import TradingAlarm
from argo_core.execution.trader import Trader
from argo_core.market.instrument import AssetClass, Symbol
from argo_core.market.quote import Quote
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
        self._between: dict[Symbol, Quote] = {}
        self._woken = asyncio.Event()
        self._told = ""
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

    def observe(self, quote: Quote) -> None:
        """A price between cycles, for the broker and then for the trader; the newest counts."""
        self._between[quote.symbol] = quote
        self._woken.set()

    async def run(self) -> None:
        """Show every cycle to both, and what comes in between, until cancelled."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            try:
                await self._catch_up()
            except Exception as error:  # noqa: BLE001 - nobody else would hear of it
                self._alarm(error)

    async def _catch_up(self) -> None:
        while self._waiting:
            seen = self._waiting.popleft()
            await self._tried(self._show(seen))
            self._trader.seen(seen)
        quotes, self._between = self._between, {}
        if quotes:
            await self._tried(self._show_between(quotes))
            for quote in quotes.values():
                self._trader.observe(quote)

    async def _tried(self, showing: Awaitable[None]) -> None:
        """The broker is shown something; if that fails, the trader is told all the same."""
        try:
            await showing
        except Exception as error:  # noqa: BLE001 - whatever it is, cycles go on and so do stops
            self._alarm(error)
        else:
            self._told = ""

    def _alarm(self, error: Exception) -> None:
        known = isinstance(error, BrokerError)
        problem = str(error) if known else f"paper broker: {type(error).__name__}: {error}"
        # The same again is no news.
        if problem != self._told:
            self._told = problem
            self._observer.notice(TradingAlarm(self._clock.now(), problem))

    async def _show_between(self, quotes: Mapping[Symbol, Quote]) -> None:
        market, now = self._trader.market, self._clock.now()
        stocks = [quote for symbol, quote in quotes.items() if self._is_stock(symbol)]
        regular = any(market.phase(one.symbol, now) is Phase.REGULAR for one in stocks)
        await self._broker.observe(stocks, regular=regular)

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
