"""Prices and halts between cycles: the stream of market data, told to whoever trades.

A stream tells every quote there is for a moment, on an exchange where there may be hardly any. One
with one side only, or too wide for the policy that watches positions, is no price and would trigger
stops on paper: it is left out. It does not tell of trades, so a quote is told with the last trade
that a cycle knows.

Nobody tells what is halted now, only that something is or is not any more. What was halted when the
stream broke stays so, because its end may have been missed, until the exchange says otherwise or
the next session begins. What is halted for longer than a day may then be ordered; the order waits
at the exchange, and is cancelled when an entry's patience ends.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Final

from attrs import evolve

from argo_core.events import MarketHeard, TradingAlarm
from argo_core.execution.trader import Trader
from argo_core.market.halt import Halt
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.ports import Clock, MarketStream, Observer

LOOK_S: Final = 1.0
REPORT_S: Final = 10.0
AGAIN_S: Final = 5.0


class LiveMarket:
    """`tell` takes the quotes of what is held or ordered; halts go to the trader's market."""

    def __init__(
        self,
        trader: Trader,
        stream: MarketStream,
        tell: Callable[[Quote], None],
        clock: Clock,
        observer: Observer,
    ) -> None:
        self._trader = trader
        self._stream = stream
        self._tell = tell
        self._clock = clock
        self._observer = observer
        self._halts: dict[Symbol, Halt] = {}
        self._doubted: set[Symbol] = set()
        self._watched: tuple[Symbol, ...] = ()
        self._new = MarketHeard(clock.now(), connected=False)
        self._dropped = stream.dropped
        self._reported_s = clock.monotonic()

    async def run(self) -> None:
        """Until cancelled; whatever fails is an alarm, and begins again. Trading goes on."""
        self._trader.market.streaming = False
        async with asyncio.TaskGroup() as group:
            group.create_task(self._steadily(self._hear, "the stream of market data"))
            group.create_task(self._steadily(self._look, "what is watched on the stream"))

    async def _steadily(self, work: Callable[[], Awaitable[None]], what: str) -> None:
        told = ""
        while True:
            try:
                await work()
                problem = f"{what}: it ended"
            except Exception as error:  # noqa: BLE001 - nobody else would hear of it
                problem = f"{what}: {type(error).__name__}: {error}"
            # The same again is no news.
            if problem != told:
                told = problem
                self._observer.notice(TradingAlarm(self._clock.now(), problem))
            await self._clock.sleep(AGAIN_S)

    async def _hear(self) -> None:
        async with aclosing(self._stream.ticks()) as ticks:
            async for tick in ticks:
                match tick:
                    case Quote():
                        self._take(tick)
                    case Halt():
                        self._stop_or_go(tick)
                    case _:
                        self._doubted = self._trader.market.halted & self._halts.keys()

    def _take(self, quote: Quote) -> None:
        known = self._trader.market.cycled.get(quote.symbol)
        if known is None or not self._is_price(quote):
            return
        self._new = evolve(self._new, quotes=self._new.quotes + 1)
        self._tell(evolve(quote, price=known.price))

    def _is_price(self, quote: Quote) -> bool:
        if quote.bid is None or quote.ask is None:
            return False
        return quote.ask - quote.bid <= quote.bid * self._trader.policy.monitor.widest

    def _stop_or_go(self, halt: Halt) -> None:
        before = self._halts.get(halt.symbol)
        if before is not None and halt.at < before.at:
            return
        self._new = evolve(self._new, halts=self._new.halts + 1)
        self._halts[halt.symbol] = halt
        self._doubted.discard(halt.symbol)
        halted = self._trader.market.halted
        (halted.add if halt.halted else halted.discard)(halt.symbol)

    async def _look(self) -> None:
        """What is to be watched changes with every order."""
        while True:
            self._watch()
            self._believe_no_longer()
            self._report()
            await self._clock.sleep(LOOK_S)

    def _watch(self) -> None:
        book = self._trader.book
        held = sorted(book.held())
        ordered = {one.request.symbol for one in book.open_orders()}
        wanted = (*held, *sorted(ordered.difference(held)))
        if wanted != self._watched:
            self._stream.watch(wanted)
            self._watched = wanted

    def _believe_no_longer(self) -> None:
        """A halt of an earlier session, whose end may have been missed, is none today."""
        market = self._trader.market
        session = market.session(self._clock.now())
        for symbol in tuple(self._doubted):
            if session is not None and self._halts[symbol].at < session.pre:
                self._doubted.discard(symbol)
                market.halted.discard(symbol)

    def _report(self) -> None:
        """Every ten seconds at most, but at once when the connection comes or goes."""
        now_s, connected = self._clock.monotonic(), self._stream.connected
        dropped = self._stream.dropped - self._dropped
        new = evolve(self._new, at=self._clock.now(), connected=connected, dropped=dropped)
        changed = connected != self._new.connected
        something = new.quotes or new.halts or new.dropped
        self._trader.market.streaming = connected
        if changed or (something and now_s - self._reported_s >= REPORT_S):
            self._reported_s = now_s
            self._dropped = self._stream.dropped
            self._new = MarketHeard(new.at, connected)
            self._observer.notice(new)
